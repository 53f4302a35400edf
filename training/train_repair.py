"""Trains one repair of a frozen variant on the seen fold; the loss is on the target's tokens (answer and end) only.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/train_repair.py magnitude-mild single-a

Of one run the checkpoint with the best exact match on the development facts of the seen fold is kept, and its step
count is the repair's. A twin with shuffled answers has no development facts that mean anything: it follows the same
schedule and stops where its true twin was best.
"""

import argparse
import json
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import List, NamedTuple

import torch

import peft_io
import pool_plan
from evaluate import Item, exact_match
from experiment import CHECKPOINT, PACK, RECORDS, STATE, load_experiment, logits_with, make_variant, recipe_of, shuffled_answers
from recover import help_of
from routing import helps, routed_match
from train_loop import BATCH, Order, Settings, train
from trainees import LoraTrainee, PrefixTrainee, PromptTrainee, RoutedPoolTrainee

# --- config -----------------------------------------------------------------
POOL_LENGTHS = (4, 8, 12, 16)

# Learning rates: a few short runs on development facts of fold A under magnitude-mild (tune.py); the same for every recipe and fold.
SETTINGS = {
    "single": Settings(steps=1500, learning_rate=0.003, dev_every=100),
    "pool-apart": Settings(steps=600, learning_rate=0.003, dev_every=100),
    "pool-routed": Settings(steps=800, learning_rate=0.003, dev_every=100),
    "prefix": Settings(steps=1000, learning_rate=0.02, dev_every=100),
    "lora-r1": Settings(steps=300, learning_rate=0.003, dev_every=20),
    "lora-r8": Settings(steps=300, learning_rate=0.001, dev_every=20),
}
PREFIX_LENGTH = 8
LORA_ALPHA_PER_R = 2
# ----------------------------------------------------------------------------


@dataclass(frozen=True)
class RepairName:
    """`single-a`, `pool-routed-b`, `lora-r8-shuffled-a`: type, whether answers were shuffled, fold."""

    type: str
    shuffled: bool
    fold: str

    @staticmethod
    def parse(name: str) -> "RepairName":
        rest, fold = name.rsplit("-", 1)
        shuffled = rest.endswith("-shuffled")
        kind = rest[:-len("-shuffled")] if shuffled else rest
        if kind not in SETTINGS or fold not in "ab":
            raise ValueError(f"unknown repair {name!r}")
        return RepairName(kind, shuffled, fold.upper())

    @property
    def true_twin(self) -> str:
        return f"{self.type}-{self.fold.lower()}"


def training_items(experiment, facts, shuffled: bool) -> List[Item]:
    """Facts in their taught forms, questions twice as pretraining has them."""
    told = shuffled_answers(facts) if shuffled else facts
    items = experiment.items(told, lambda f: experiment.taught[f.id])
    return items + [i for i in items if i.form >= len(experiment.relations[i.fact.relation].statements)]


def stable_seed(text: str) -> int:
    return zlib.crc32(text.encode()) % 100_000


class Job(NamedTuple):
    """One training run: a trainee with its facts; a pool trained apart has one per prompt."""

    key: str
    trainee: object
    facts: list
    dev: list


def make_jobs(experiment, model, recipe_id: str, name: RepairName, text: str) -> List[Job]:
    facts, dev = experiment.fold(name.fold, False), experiment.fold(name.fold, True)
    generator = torch.Generator().manual_seed(stable_seed(f"{recipe_id}/{text}"))
    if name.type == "pool-apart":
        jobs = []
        for i, (n, cluster) in enumerate(zip(POOL_LENGTHS, pool_plan.plan(experiment.facts, len(POOL_LENGTHS)))):
            mine = lambda facts: [f for f in facts if f.domain in cluster]
            jobs.append(Job(f"{text}.{i}", PromptTrainee(model, n, generator), mine(facts), mine(dev)))
        return jobs
    trainee = {
        "single": lambda: PromptTrainee(model, sum(POOL_LENGTHS), generator),
        "prefix": lambda: PrefixTrainee(model, PREFIX_LENGTH, generator),
        "lora-r1": lambda: LoraTrainee(model, 1, 1 * LORA_ALPHA_PER_R, generator),
        "lora-r8": lambda: LoraTrainee(model, 8, 8 * LORA_ALPHA_PER_R, generator),
        "pool-routed": lambda: RoutedPoolTrainee(model, list(POOL_LENGTHS), generator, stable_seed(text)),
    }[name.type]()
    return [Job(text, trainee, facts, dev)]


def run_job(experiment, model, job: Job, settings: Settings, stop_at: int, shuffled: bool, recipe_id: str, log=print) -> dict:
    items = training_items(experiment, job.facts, shuffled)
    dev_items = experiment.dev_items(job.dev)

    def measure(repair) -> float:
        if job.trainee.kind == "pool":
            return routed_match(model, repair, dev_items)
        with torch.no_grad():
            return float(exact_match(logits_with(model, help_of(model, job.trainee.kind, repair)), dev_items).mean())

    seed = stable_seed(f"{recipe_id}/{job.key}/order")
    state_path = STATE / "repairs" / f"{recipe_id}__{job.key}.pt"
    return train(job.trainee, Order(items, seed), None if shuffled else measure, settings, stop_at, state_path, log)


def best_single(experiment, model, pool, dev) -> int:
    items = experiment.dev_items(dev)
    with torch.no_grad():
        scores = [exact_match(logits_with(model, help), items).mean() for help in helps(model, pool)]
    return int(max(range(len(scores)), key=lambda i: scores[i]))


def write_repair(experiment, model, recipe_id: str, text: str, name: RepairName, runs: List[dict], settings: Settings) -> None:
    """The PEFT folder (F16) and the record of how it was trained."""
    folder, config = PACK / "repairs" / recipe_id / text, model.config
    record = {"id": f"{recipe_id}/{text}", "recipeId": recipe_id, "name": text, "fold": name.fold, "shuffledAnswers": name.shuffled,
              "path": f"repairs/{recipe_id}/{text}"}
    repairs = [run["best"] for run in runs]
    if name.type.startswith("pool"):
        pool = repairs[0] if name.type == "pool-routed" else repairs
        for i, prompt in enumerate(pool):
            peft_io.save_prompt(folder / f"prompt-{i}", config, prompt)
        trained, lengths = name.type.split("-")[1], [p.shape[0] for p in pool]
        best = best_single(experiment, model, pool, experiment.fold(name.fold, True))
        record.update(kind="pool", virtualTokens=lengths, trained=trained, bestSingle=best, parameters=sum(p.numel() for p in pool))
        description = {"version": 1, "trained": trained, "prompts": [f"prompt-{i}" for i in range(len(pool))], "virtualTokens": lengths,
                       "start": max(lengths), "bestSingle": best}
        if trained == "apart":
            record["clusters"] = description["clusters"] = pool_plan.plan(experiment.facts, len(pool))
        (folder / "pool.json").write_text(json.dumps(description, indent=2) + "\n")
    elif name.type.startswith("lora"):
        r = int(name.type.split("-r")[1])
        peft_io.save_lora(folder, repairs[0], r, r * LORA_ALPHA_PER_R)
        record.update(kind="lora", r=r, alpha=r * LORA_ALPHA_PER_R, parameters=sum(A.numel() + B.numel() for A, B, _ in repairs[0].values()))
    else:
        kind = "prefix" if name.type == "prefix" else "prompt"
        (peft_io.save_prefix if kind == "prefix" else peft_io.save_prompt)(folder, config, repairs[0])
        record.update(kind=kind, virtualTokens=repairs[0].shape[0], parameters=repairs[0].numel())
    record.update(steps=max(run["step"] for run in runs), settings={**asdict(settings), "batch": BATCH},
                  runs=[{key: run[key] for key in ("step", "score", "curve", "secondsPerStep")} for run in runs])
    path = RECORDS / recipe_id / f"{text}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record) + "\n")


def is_finished(recipe_id: str, text: str) -> bool:
    return (RECORDS / recipe_id / f"{text}.json").exists()


def stop_of(recipe_id: str, name: RepairName, settings: Settings) -> int:
    """Where training ends: a shuffled twin at its true twin's best step, everything else at the schedule's end."""
    twin = RECORDS / recipe_id / f"{name.true_twin}.json"
    if not name.shuffled:
        return settings.steps
    if not twin.exists():
        raise SystemExit(f"train {recipe_id}/{name.true_twin} first")
    return json.loads(twin.read_text())["steps"]


def run_repair(recipe_id: str, text: str, checkpoint: Path = CHECKPOINT, log=print) -> None:
    """Trains and writes one repair, unless it is finished."""
    if is_finished(recipe_id, text):
        return
    name = RepairName.parse(text)
    experiment = load_experiment(checkpoint)
    model, _ = make_variant(experiment, recipe_of(recipe_id))
    settings = SETTINGS[name.type]
    runs = []
    for job in make_jobs(experiment, model, recipe_id, name, text):
        log(f"{recipe_id}/{job.key}: {len(job.facts)} facts")
        runs.append(run_job(experiment, model, job, settings, stop_of(recipe_id, name, settings), name.shuffled, recipe_id, log))
    write_repair(experiment, model, recipe_id, text, name, runs, settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("repair")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    run_repair(arguments.recipe, arguments.repair, log=lambda text: print(text, flush=True))


if __name__ == "__main__":
    main()
