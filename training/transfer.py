"""Writes recorded/transfer.json of the pack: every repair on every shipped variant, on facts that it never saw.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 nice /usr/bin/python3 training/transfer.py

A cell (type, from, to) is the exact match of the repairs of that type that were trained for the recipe `from`, applied to the
variant of the recipe `to`: each twin on the questions of the fold that it did not see, development parts left out. Pools answer by
the paper's rule. Intervals: 95 % cluster bootstrap over subjects. Answers are kept in .state/transfer/, so it goes on where it stopped.
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

    def estimate(self, right: Dict[str, np.ndarray]) -> dict:
        values = np.concatenate([right[fold].astype(float) for fold in FOLDS])
        subjects = np.concatenate([self.subjects[fold] for fold in FOLDS])
        value, low, high = cluster_bootstrap(values, subjects, NUM_RESAMPLES)
        return {"value": round(value, 5), "low": round(low, 5), "high": round(high, 5), "n": len(values)}


def main() -> None:
    torch.set_num_threads(1)
    transfer, recipes = Transfer(), shipped_recipes()
    plain = {r["id"]: transfer.estimate(transfer.plain(r["recipe"])) for r in recipes}
    cells: List[dict] = []
    for to in recipes:
        began = time.time()
        for source in recipes:
            found = twins(source["id"])
            for type in TYPES:
                if len(found.get(type, {})) == len(FOLDS):
                    cells.append({"type": type, "from": source["id"], "to": to["id"],
                                  "accuracy": transfer.estimate(transfer.held_out(to["recipe"], found[type]))})
        print(f"{to['id']:18s} {time.time() - began:6.0f} s", flush=True)
    document = {
        "version": 1, "date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "device": f"CPU, PyTorch {torch.__version__.split('+')[0]}, float32",
        "dense": transfer.estimate(transfer.plain(None)), "compressed": plain, "types": list(TYPES), "cells": cells,
    }
    TRANSFER.write_text(json.dumps(document, separators=(",", ":")) + "\n")  # nobody reads it by eye, everybody fetches it
    print(f"{len(cells)} cells, {TRANSFER.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
