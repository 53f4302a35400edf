"""Evaluates the tasks of harness_tasks.py, and writes the log-likelihoods that the page is compared with.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/run_harness.py [tried | goldens | recipe ...]

Without a word: the dense model. `tried`: the dense model on every kind of reasoning question. A recipe: its variant and repairs, each
twin on the fold that it was trained on (seen) and on the other one (held-out). `goldens`: `goldens/tasks/` of the pack. Scores are
kept in .state/harness/ under what they depend on. Intervals: 95 % cluster bootstrap over the last subject of a document.
"""

import argparse
import json
from typing import Callable, Dict, List, Optional, Tuple

import numpy as np
import torch

from choices import NUM_CHOICES
from evaluate import cluster_bootstrap
from experiment import PACK, STATE, load_experiment, load_recipes, recipe_of
from harness import HarnessTask, Scores, document_metrics, read_harness_task, requests_of, task_metrics
from harness_regimes import Regimes
from harness_tasks import CHOICE, FOLDER, TASKS, harness_config
from make_pack import finished
from measure import digest, folder_digest, twins
from reasoning import KINDS, SHIPPED, Larger, documents_of
from run_repairs import queue
from safetensors_io import write_safetensors
from train_repair import is_finished

# --- config -----------------------------------------------------------------
GOLDENS = PACK / "goldens/tasks"
ITEMS_PER_TASK = 3
ALL_BLOCKS = 1000             # more than any kind has
NUM_RESAMPLES = 20_000        # the simultaneous level reaches far into the tails
ROUTING = "by the context alone"   # another word for another rule: scores of pools that are kept hang on it
TYPES = ("single", "pool-routed", "lora-r8")   # repairs that the figures tell of
TWIN = {"A": "B", "B": "A"}
# ----------------------------------------------------------------------------


class Evaluation:
    """Scores of every task in a regime, remembered by what they depend on."""

    def __init__(self):
        self.regimes = Regimes(load_experiment())
        self.tasks = [read_harness_task(FOLDER / f"{name}.json") for name, *_ in TASKS]
        experiment = self.regimes.experiment
        asked = [requests_of(experiment.tokenizer, task, d) for task in self.tasks for d in task.documents]
        self.base = digest([(n, w.numpy().tobytes()) for n, w in experiment.dense.state_dict().items()], asked)

    def scores(self, recipe: Optional[dict], record: Optional[dict] = None) -> List[List[Scores]]:
        """Scores [tasks][documents]."""
        rule = [ROUTING] if record is not None and record["kind"] == "pool" else []
        made_of = digest(self.base, json.dumps(recipe, sort_keys=True), None if record is None else folder_digest(PACK / record["path"]), *rule)
        path = STATE / "harness" / f"{made_of}.npz"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            scorer = self.regimes.scorer(recipe, record)
            found = [self.regimes.score_task(task, scorer) for task in self.tasks]
            flat = {f"{kind}{t}": np.concatenate([s[part] for s in mine]) for t, mine in enumerate(found) for part, kind in enumerate("lg")}
            np.savez_compressed(path, **flat)
        stored = dict(np.load(path))
        return [self.by_document(task, stored[f"l{t}"], stored[f"g{t}"]) for t, task in enumerate(self.tasks)]

    @staticmethod
    def by_document(task: HarnessTask, log_likelihood, greedy) -> List[Scores]:
        width = len(log_likelihood) // len(task.documents)     # every document of a task has as many choices
        return [Scores(log_likelihood[i:i + width], greedy[i:i + width]) for i in range(0, len(log_likelihood), width)]


def part(task: HarnessTask, scores: List[Scores], chosen: Callable[[dict], bool]) -> Tuple[HarnessTask, List[Scores]]:
    """The documents that were chosen, with their scores."""
    kept = [(d, s) for d, s in zip(task.documents, scores) if chosen(d)]
    return HarnessTask(task.config, [d for d, _ in kept]), [s for _, s in kept]


def joined(parts) -> Tuple[HarnessTask, List[Scores]]:
    tasks, scores = zip(*parts)
    return HarnessTask(tasks[0].config, [d for t in tasks for d in t.documents]), [s for mine in scores for s in mine]


def clusters(task: HarnessTask) -> List[str]:
    return [(d["subjects"] or [d["id"]])[-1] for d in task.documents]


def interval(mean: float, low: float, high: float) -> str:
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def figures(task: HarnessTask, scores: List[Scores]) -> Dict[str, str]:
    """{metric: accuracies with intervals, perplexities as they are}."""
    shown = {name: interval(*cluster_bootstrap(v, clusters(task))) for name, v in document_metrics(task, scores).items()}
    others = {name: f"{value:.3g}" for name, value in task_metrics(task, scores).items() if name not in shown and not name.endswith("_stderr")}
    return {**shown, **others}


def groups_of(task: HarnessTask) -> Dict[str, Callable[[dict], bool]]:
    """Which documents of a task get a line of their own."""
    inside = {"all but control": lambda d: d["fold"] != "control"}
    if task.config["tag"] == ["reasoning"]:
        return {**{kind: (lambda d, kind=kind: d["relation"] == kind) for kind in SHIPPED}, **inside}
    if task.config["tag"] == ["knowledge"]:
        return {
            "taught": lambda d: d["taught"], "untaught": lambda d: not d["taught"] and d["fold"] != "control", "control": lambda d: d["fold"] == "control",
            **inside,
        }
    return inside


def print_dense(evaluation: Evaluation) -> None:
    print("| task | documents | n | dense |\n|---|---|---|---|")
    for task, scores in zip(evaluation.tasks, evaluation.scores(None)):
        for name, chosen in groups_of(task).items():
            mine = part(task, scores, chosen)
            shown = "; ".join(f"{metric} {value}" for metric, value in figures(*mine).items())
            print(f"| {task.name} | {name} | {len(mine[1])} | {shown} |", flush=True)


def main_metric(task: HarnessTask) -> str:
    return {"loglikelihood_rolling": "bits_per_byte", "generate_until": "exact_match"}.get(task.config["output_type"], "acc")


def print_line(evaluation: Evaluation, name: str, scores_of: Dict[str, list], asked: str) -> None:
    """A line of a recipe's table; `scores_of` maps a fold to the scores of the regime that its documents are asked in."""
    cells = []
    for t, task in enumerate(evaluation.tasks):
        # Ordinary sentences are of no fold: both twins are asked.
        found = joined([part(task, scores[t], lambda d: d["fold"] in (fold, "general")) for fold, scores in scores_of.items()])
        cells.append(figures(*found)[main_metric(task)])
    print(f"| {name} | {asked} | {' | '.join(cells)} |", flush=True)


def print_recipe(evaluation: Evaluation, recipe_id: str) -> None:
    recipe, trained = recipe_of(recipe_id), twins(recipe_id)
    print(f"{recipe_id}\n\n| regime | | {' | '.join(f'{task.name}, {main_metric(task)}' for task in evaluation.tasks)} |")
    print("|---|" + "---|" * (len(evaluation.tasks) + 1))
    for name, regime in (("dense", None), ("none", recipe)):
        print_line(evaluation, name, {fold: evaluation.scores(regime) for fold in TWIN}, "")
    for name in TYPES:
        if len(records := trained.get(name, {})) == len(TWIN):
            print_line(evaluation, name, {fold: evaluation.scores(recipe, records[fold]) for fold in TWIN}, "seen")
            print_line(evaluation, name, {fold: evaluation.scores(recipe, records[TWIN[fold]]) for fold in TWIN}, "held-out")


def print_tried(evaluation: Evaluation) -> None:
    """Every kind on all documents that it yields; a kind is above chance where its simultaneous interval is."""
    simultaneous = 100 - 5 / len(KINDS)
    print("| kind | n | chance | acc | acc_norm | acc, simultaneous |\n|---|---|---|---|---|---|")
    experiment = evaluation.regimes.experiment
    for kind in KINDS:
        task = HarnessTask(harness_config(kind.id, "reasoning", kind.id, CHOICE), documents_of(kind, experiment.relations, experiment.facts, ALL_BLOCKS))
        values = document_metrics(task, evaluation.regimes.score_task(task, evaluation.regimes.scorer(None)))
        shown = [interval(*cluster_bootstrap(values[name], clusters(task))) for name in ("acc", "acc_norm")]
        _, low, high = cluster_bootstrap(values["acc"], clusters(task), NUM_RESAMPLES, level=simultaneous)
        print(f"| {kind.id} | {len(task.documents)} | 1/{2 if isinstance(kind, Larger) else NUM_CHOICES} | {' | '.join(shown)} | [{low:.3f}, {high:.3f}] |", flush=True)


def golden_part(task: HarnessTask) -> HarnessTask:
    """A few documents of a task, evenly spaced."""
    return HarnessTask(task.config, [task.documents[i * len(task.documents) // ITEMS_PER_TASK] for i in range(ITEMS_PER_TASK)])


def write_goldens(evaluation: Evaluation) -> None:
    """Log-likelihoods of a few documents in every regime of the recipes whose repairs are finished."""
    regimes, parts = evaluation.regimes, [golden_part(task) for task in evaluation.tasks]

    def take(*regime) -> np.ndarray:
        scorer = regimes.scorer(*regime)
        return np.concatenate([s.log_likelihood for task in parts for s in regimes.score_task(task, scorer)]).astype(np.float32)

    GOLDENS.mkdir(parents=True, exist_ok=True)
    items = [{"task": task.name, "id": d["id"]} for task in parts for d in task.documents]
    (GOLDENS / "items.json").write_text(json.dumps({"version": 1, "items": items}, ensure_ascii=False, indent=1) + "\n")
    write_safetensors(GOLDENS / "dense.safetensors", {"none": take(None)})
    unfinished = {recipe for recipe, name in queue() if not is_finished(recipe, name)}
    for entry in (r for r in load_recipes() if r["id"] not in unfinished):
        recipe, tensors = entry["recipe"], {"none": take(entry["recipe"])}
        for record in finished(entry["id"]):
            tensors[record["name"]] = take(recipe, record)
            if record["kind"] == "lora":
                tensors[f"{record['name']}/recompressed"] = take(recipe, record, True)
        path = GOLDENS / f"{entry['id']}.safetensors"
        write_safetensors(path, tensors)
        print(f"{path.name}: {len(tensors)} regimes, {path.stat().st_size} bytes", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", help="tried, goldens, or recipes")
    what = parser.parse_args().what
    torch.set_num_threads(1)
    evaluation = Evaluation()
    if not what:
        print_dense(evaluation)
    special = {"tried": print_tried, "goldens": write_goldens}
    for name in what:
        special[name](evaluation) if name in special else print_recipe(evaluation, name)


if __name__ == "__main__":
    main()
