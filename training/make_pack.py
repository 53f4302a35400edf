"""Writes the goldens, NOTICES.md and manifest.json of the atlas pack; may be run at any time. A recipe comes in once all of its repairs are finished and
report.py has told of them.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/make_pack.py

A recipe's golden file is made anew when the set of its finished repairs has changed since (or with `--all`). The
format is docs/pack-format.md.
"""

import argparse
import fcntl
import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Dict, List

import numpy as np
import torch

from compress import recompress
from experiment import CHECKPOINT, GENERAL, PACK, RECORDS, STATE, TASK, Experiment, load_experiment, load_recipes, make_variant, numpy_weights, with_weights
from language import context
from peft_io import load_peft
from recover import Help, counted, help_of, helped_forward, merge_loras, pool_keys, routing_scores
from run_repairs import queue
from safetensors_io import read_safetensors, write_safetensors
from tokenizer import BEGIN
from train_repair import is_finished

# --- config -----------------------------------------------------------------
PACK_ID, NAME = "atlas", "Atlas"
# What we made is CC0; rows of the facts are under the licences of NOTICES.md (SPDX has no name for WordNet's).
LICENCE = "CC0-1.0 AND MIT AND ISC AND Unicode-3.0 AND LicenseRef-WordNet"
REPORT = Path(__file__).with_name("REPORT.md")
NOTICES = Path(__file__).with_name("world") / "NOTICES.md"
DESCRIPTION = "A small Llama that knows a closed world of true facts, four ways of compressing it at two levels each, and repairs of all of them."
TRANSFER = PACK / "recorded/transfer.json"
MAX_PACK_BYTES = 12_000_000  # the manifest with them
NUM_CONTEXTS = 3
LONG_CONTEXT = 40          # tokens at least: long runs take other kernels
LOGIT_STRIDE = 13          # odd: kernels' tiles are a power of two wide, so every place in a tile is met; whole rows would be over a third of the pack
TOP_TOKENS = 2
RECORD_KEYS = ("id", "recipeId", "name", "kind", "fold", "shuffledAnswers", "path", "parameters", "steps")
KIND_KEYS = {"prompt": ("virtualTokens",), "prefix": ("virtualTokens",), "lora": ("r", "alpha"), "pool": ("virtualTokens", "trained", "bestSingle")}
# ----------------------------------------------------------------------------


def finished(recipe_id: str) -> List[dict]:
    """Records of a recipe's finished repairs, by name."""
    records = [json.loads(p.read_text()) for p in sorted((RECORDS / recipe_id).glob("*.json"))]
    return [r for r in records if (PACK / r["path"]).is_dir()]


def shipped_recipes() -> List[dict]:
    """The recipes all of whose repairs are finished, and told of in the report."""
    unfinished = {recipe for recipe, name in queue() if not is_finished(recipe, name)}
    told = REPORT.read_text() if REPORT.exists() else ""
    return [r for r in load_recipes() if r["id"] not in unfinished and f"## {r['id']}:" in told]


def load_pool(folder: Path) -> List[torch.Tensor]:
    return [load_peft(folder / name)[1] for name in json.loads((folder / "pool.json").read_text())["prompts"]]


def golden_contexts(experiment: Experiment) -> List[dict]:
    """A short statement and two questions, of facts of both folds; and a question behind sentences, for long runs."""
    short = sorted((f for f in experiment.facts if f.fold in "AB" and not f.dev), key=lambda f: (len(f.subject + f.answer), f.id))
    chosen, used = [], set()
    for number in range(NUM_CONTEXTS):
        fact = next(f for f in short if f.fold == "ABA"[number] and f.relation not in used)
        used.add(fact.relation)
        relation = experiment.relations[fact.relation]
        text = context(relation, 0 if number == 0 else len(relation.statements), fact.subject)
        chosen.append({"text": text, "ids": [BEGIN, *experiment.tokenizer.encode(text)]})
    return [*chosen, long_context(experiment, short, chosen[-1]["text"])]


def long_context(experiment: Experiment, facts, question: str) -> dict:
    """Sentences of the world before a question, as somebody's own text prompt has them."""
    told = ""
    for fact in facts:
        relation = experiment.relations[fact.relation]
        text = f"{told}{question}"
        ids = [BEGIN, *experiment.tokenizer.encode(text)]
        if len(ids) >= LONG_CONTEXT:
            return {"text": text, "ids": ids}
        told += f"{context(relation, 0, fact.subject)} {fact.answer}.\n"
    raise ValueError("the world is too small for a long context")


def sample_logits(name: str, logits: torch.Tensor) -> Dict[str, np.ndarray]:
    """What a golden file keeps of logits `[contexts, vocab]`: every LOGIT_STRIDE-th, and the likeliest tokens with theirs."""
    top = logits.topk(TOP_TOKENS, dim=-1)
    return {name: logits[:, ::LOGIT_STRIDE].numpy(), f"{name}/top-ids": top.indices.int().numpy(), f"{name}/top-logits": top.values.numpy()}


def last_logits(name: str, model, help: Help, contexts: List[dict]) -> Dict[str, np.ndarray]:
    return sample_logits(name, torch.stack([helped_forward(model, help, torch.tensor([c["ids"]])).logits[0, -1] for c in contexts]))


def pool_goldens(name: str, model, pool, contexts) -> Dict[str, np.ndarray]:
    start = max(p.shape[0] for p in pool)
    tensors, scores = {}, []
    for i, p in enumerate(pool):
        tensors.update(last_logits(f"{name}/{i}", model, help_of(model, "prompt", p, start), contexts))
    keys = pool_keys(model, pool)
    for c in contexts:
        ids = torch.tensor([c["ids"]])
        scores.append(routing_scores(model, keys, start, ids, counted(ids))[0])
    return {**tensors, f"{name}/scores": torch.stack(scores).numpy()}


@torch.no_grad()
def recipe_goldens(experiment: Experiment, recipe: dict, records: List[dict], contexts) -> Dict[str, np.ndarray]:
    model, variant = make_variant(experiment, recipe)
    tensors = last_logits("none", model, Help(), contexts)
    for record in records:
        name, folder = record["name"], PACK / record["path"]
        if record["kind"] == "pool":
            tensors.update(pool_goldens(name, model, load_pool(folder), contexts))
            continue
        kind, adapter = load_peft(folder)
        tensors.update(last_logits(name, model, help_of(model, kind, adapter), contexts))
        if kind == "lora":
            merged = {n: t.numpy() for n, t in merge_loras(model.state_dict(), adapter).items()}
            again = with_weights(model.config, recompress(merged, variant))
            tensors.update(last_logits(f"{name}/recompressed", again, Help(), contexts))
    return tensors


def write_goldens(experiment: Experiment, contexts: List[dict], everything: bool) -> None:
    folder, digest = PACK / "goldens", hashlib.sha256(json.dumps([contexts, LOGIT_STRIDE, TOP_TOKENS]).encode()).hexdigest()
    with torch.no_grad():
        write_safetensors(folder / "dense.safetensors", last_logits("none", experiment.dense, Help(), contexts))
    for entry in shipped_recipes():
        path, records = folder / f"{entry['id']}.safetensors", finished(entry["id"])
        made_of = hashlib.sha256(json.dumps([digest, entry["recipe"], records], sort_keys=True).encode()).hexdigest()
        if not everything and path.exists() and stored_mark(path) == made_of:
            continue
        tensors = recipe_goldens(experiment, entry["recipe"], records, contexts)
        write_safetensors(path, tensors, {"format": "pt", "madeOf": made_of})
        print(f"{path.name}: {len(tensors)} tensors")


def stored_mark(path: Path) -> str:
    raw = path.read_bytes()
    header = json.loads(raw[8:8 + int.from_bytes(raw[:8], "little")])
    return header.get("__metadata__", {}).get("madeOf", "")


def pack_files(recipes: List[dict]) -> List[dict]:
    """Every file but the manifest and those of recipes that wait for repairs."""
    waiting = {r["id"] for r in load_recipes()} - {r["id"] for r in recipes}
    belongs = lambda path: not waiting.intersection((path.stem, *path.relative_to(PACK).parts))
    files = sorted(p for p in PACK.rglob("*") if p.is_file() and p.name != "manifest.json" and not p.name.startswith(".") and belongs(p))
    return [{"path": p.relative_to(PACK).as_posix(), "sizeBytes": p.stat().st_size, "sha256": hashlib.sha256(p.read_bytes()).hexdigest()}
            for p in files]


def manifest(experiment: Experiment, contexts: List[dict]) -> dict:
    old_path = PACK / "manifest.json"
    old = json.loads(old_path.read_text()) if old_path.exists() else {}
    weights = read_safetensors(CHECKPOINT / "model.safetensors").values()
    folds = Counter(f.fold for f in experiment.facts)
    recipes = shipped_recipes()
    return {
        "formatVersion": 1, "id": PACK_ID, "name": NAME, "licence": LICENCE, "description": DESCRIPTION,
        "checkpoint": {"path": "checkpoint", "dtype": {2: "F16", 4: "F32"}[next(iter(weights)).itemsize], "parameters": sum(w.size for w in weights),
                       "layers": experiment.dense.config.num_layers},
        "files": pack_files(recipes),
        "folds": {fold: folds[fold] for fold in ("A", "B", "calibration", "control")},
        "calibration": GENERAL.relative_to(PACK).as_posix(),
        "recipes": [{key: r[key] for key in ("id", "label", "severity", "recipe", "variant") if key in r} | {"goldens": f"goldens/{r['id']}.safetensors"}
                    for r in recipes],
        "repairs": [{key: record[key] for key in RECORD_KEYS + KIND_KEYS[record["kind"]]} for r in recipes for record in finished(r["id"])],
        "goldens": {"file": "goldens/dense.safetensors", "contexts": contexts},
        # The page reads facts and forms out of its tasks; those of harness_tasks.py have none.
        "tasks": [{"id": TASK, "config": f"tasks/{TASK}.json"}],
        **({"transfer": TRANSFER.relative_to(PACK).as_posix()} if TRANSFER.exists() else {}),
        "recorded": old.get("recorded", []),
        **({"outcomes": old["outcomes"]} if "outcomes" in old else {}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="make every golden file anew")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    STATE.mkdir(exist_ok=True)
    with open(STATE / "make_pack.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        experiment = load_experiment()
        contexts = golden_contexts(experiment)
        write_goldens(experiment, contexts, arguments.all)
        shutil.copyfile(NOTICES, PACK / NOTICES.name)  # the licences ask that they go with every copy
        content = manifest(experiment, contexts)
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
        (PACK / "manifest.json").write_text(text)
    total = sum(f["sizeBytes"] for f in content["files"]) + len(text.encode())
    print(f"{len(content['files'])} files and their manifest, {total / 1e6:.2f} MB, {len(content['repairs'])} repairs")
    if total > MAX_PACK_BYTES:
        raise SystemExit(f"the pack is larger than {MAX_PACK_BYTES / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
