"""Writes recorded/transfer.json of the pack: every repair on every shipped variant, on facts that it never saw.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 nice /usr/bin/python3 training/transfer.py

A cell (type, from, to) is the exact match of the repairs of that type that were trained for the recipe `from`, applied to the
variant of the recipe `to`: each twin on the questions of the fold that it did not see, development parts left out. Pools answer by
the paper's rule. Each cell is compared with the variant without a repair, and IDP with the merged LoRA, on the same questions: for the
page's exact test the file counts how many subjects differ by how much. Intervals: 95 % cluster bootstrap over subjects. Answers are
kept in .state/transfer/, so it goes on where it stopped.
"""

import json
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Dict, List, Optional

import numpy as np
import torch

from evaluate import cluster_bootstrap, exact_match
from experiment import PACK, STATE, load_experiment, logits_with, make_variant
from make_pack import TRANSFER, load_pool, shipped_recipes
from measure import digest, folder_digest, twins
from peft_io import load_peft
from recover import Help, help_of
from routing import ask_pool

# --- config -----------------------------------------------------------------
TYPES = ("single", "pool-routed", "lora-r8")
IDP, LORA = "pool-routed", "lora-r8"      # compared with each other wherever both are there
FOLDS = ("A", "B")
NUM_RESAMPLES = 2000
# ----------------------------------------------------------------------------


class Transfer:
    """Right or wrong of the questions of each fold, [questions] bool, remembered by what they depend on."""

    def __init__(self):
        self.experiment = load_experiment()
        self.facts = {fold: self.experiment.fold(fold, False) for fold in FOLDS}
        self.items = {fold: self.experiment.questions(self.facts[fold]) for fold in FOLDS}
        self.subjects = {fold: np.array([item.fact.subject for item in self.items[fold]]) for fold in FOLDS}
        weights = self.experiment.dense.state_dict()
        self.base = digest([(n, w.numpy().tobytes()) for n, w in weights.items()], [(i.context, i.target) for f in FOLDS for i in self.items[f]])
        self.current: Optional[tuple] = None

    def model(self, recipe: Optional[dict]):
        """One variant at a time."""
        key = json.dumps(recipe, sort_keys=True)
        if self.current is None or self.current[0] != key:
            self.current = (key, self.experiment.dense if recipe is None else make_variant(self.experiment, recipe)[0])
        return self.current[1]

    def ask(self, recipe: Optional[dict], record: Optional[dict], fold: str) -> np.ndarray:
        adapter = None if record is None else folder_digest(PACK / record["path"])
        path = STATE / "transfer" / f"{digest(self.base, json.dumps(recipe, sort_keys=True), adapter, fold)}.npy"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with torch.no_grad():
                np.save(path, self.answers(self.model(recipe), record, self.items[fold]))
        return np.load(path)

    @staticmethod
    def answers(model, record: Optional[dict], items) -> np.ndarray:
        if record is not None and record["kind"] == "pool":
            asked = ask_pool(model, load_pool(PACK / record["path"]), items)
            return np.take_along_axis(asked.right, asked.scores.argmax(-1)[None], 0)[0]
        help = Help() if record is None else help_of(model, *load_peft(PACK / record["path"]))
        return exact_match(logits_with(model, help), items)

    def plain(self, recipe: Optional[dict]) -> Dict[str, np.ndarray]:
        return {fold: self.ask(recipe, None, fold) for fold in FOLDS}

    def held_out(self, recipe: dict, records: Dict[str, dict]) -> Dict[str, np.ndarray]:
        """{fold asked: answers of the twin that was trained on the other fold}"""
        return {fold: self.ask(recipe, records[other], fold) for fold, other in (("A", "B"), ("B", "A"))}

    def joined(self, right: Dict[str, np.ndarray]) -> np.ndarray:
        return np.concatenate([right[fold] for fold in FOLDS])

    def estimate(self, right: Dict[str, np.ndarray]) -> List[float]:
        """[value, low, high]"""
        return [round(v, 5) for v in cluster_bootstrap(self.joined(right), self.joined(self.subjects), NUM_RESAMPLES)]

    def compare(self, first: Dict[str, np.ndarray], second: Dict[str, np.ndarray]) -> list:
        return paired(self.joined(first), self.joined(second), self.joined(self.subjects))


def paired(first: np.ndarray, second: np.ndarray, subjects: np.ndarray) -> list:
    """[low, high, least, counts] of `first` minus `second`, right or wrong [questions]: the interval of the mean difference, and
    `counts[i]`, the number of subjects with `least + i` more right questions under the first."""
    differences = first.astype(int) - second.astype(int)
    _, low, high = cluster_bootstrap(differences, subjects, NUM_RESAMPLES)
    _, which = np.unique(subjects, return_inverse=True)
    by_subject = np.bincount(which, weights=differences).round().astype(int)
    least = int(by_subject.min())
    return [round(low, 5), round(high, 5), least, np.bincount(by_subject - least).tolist()]


def under(transfer: Transfer, to: dict, recipes: List[dict]) -> Dict[str, list]:
    """Every repair under one recipe: {type or "idpAgainstLora": [by recipe it was trained for, None where a twin is missing]}."""
    none = transfer.plain(to["recipe"])
    row: Dict[str, list] = {name: [] for name in (*TYPES, "idpAgainstLora")}
    for source in recipes:
        found = twins(source["id"])
        answers = {type: transfer.held_out(to["recipe"], found[type]) for type in TYPES if len(found.get(type, {})) == len(FOLDS)}
        for type in TYPES:
            row[type].append([transfer.estimate(answers[type]), transfer.compare(answers[type], none)] if type in answers else None)
        both = IDP in answers and LORA in answers
        row["idpAgainstLora"].append(transfer.compare(answers[IDP], answers[LORA]) if both else None)
    return row


def main() -> None:
    torch.set_num_threads(1)
    transfer, recipes = Transfer(), shipped_recipes()
    plain, rows = [], []
    for to in recipes:
        began = time.time()
        plain.append(transfer.estimate(transfer.plain(to["recipe"])))
        rows.append(under(transfer, to, recipes))
        print(f"{to['id']:18s} {time.time() - began:6.0f} s", flush=True)
    subjects = transfer.joined(transfer.subjects)
    document = {
        "version": 2, "date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "device": f"CPU, PyTorch {torch.__version__.split('+')[0]}, float32",
        "questions": len(subjects), "subjects": len(np.unique(subjects)), "recipes": [r["id"] for r in recipes],
        "dense": transfer.estimate(transfer.plain(None)), "compressed": plain,
        "repairs": {type: [row[type] for row in rows] for type in TYPES}, "idpAgainstLora": [row["idpAgainstLora"] for row in rows],
    }
    TRANSFER.write_text(json.dumps(document, separators=(",", ":")) + "\n")  # nobody reads it by eye, everybody fetches it
    print(f"{len(recipes) ** 2} pairs of recipes, {TRANSFER.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
