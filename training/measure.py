"""Asks every fact in every regime, once: answers are kept in .state/answers/ under what they depend on.

Items of a fact: its three questions, then a few statement forms (drawn by the fact's name). All arrays are over the
facts of folds A and B without their development part, then the control facts, in the order of `Asked.facts`.
"""

import hashlib
import json
from pathlib import Path
from typing import Dict, List, Optional

import numpy as np
import torch

from compress import recompress
from evaluate import exact_match
from experiment import DEV_STATEMENTS, PACK, STATE, Experiment, logits_with, make_variant, with_weights
from make_pack import finished, load_pool
from peft_io import load_peft
from recover import Help, help_of, merge_loras
from routing import ask_pool, confidence

NUM_QUESTIONS = 3


def digest(*parts) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def folder_digest(folder: Path) -> str:
    return digest(*[(p.relative_to(folder).as_posix(), p.read_bytes()) for p in sorted(folder.rglob("*.safetensors"))])


class Asked:
    """Right or wrong of every fact in the regimes of an experiment."""

    def __init__(self, experiment: Experiment):
        self.experiment = experiment
        self.facts = [f for f in experiment.facts if f.fold in ("A", "B") and not f.dev] + [f for f in experiment.facts if f.fold == "control"]
        self.items = experiment.dev_items(self.facts)      # statements first, then questions, fact by fact
        self.subjects = np.array([f.subject for f in self.facts])
        self.folds = np.array([f.fold for f in self.facts])
        weights = experiment.dense.state_dict()
        self.base = digest([(n, w.numpy().tobytes()) for n, w in weights.items()], [(i.context, i.target) for i in self.items])
        self.variants: Dict[str, object] = {}

    def cached(self, name: str, make) -> Dict[str, np.ndarray]:
        path = STATE / "answers" / f"{name}.npz"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with torch.no_grad():
                np.savez_compressed(path, **make())
        return dict(np.load(path))

    def by_fact(self, right: np.ndarray) -> np.ndarray:
        """[..., items] -> [..., facts, statements + questions]"""
        return right.reshape(*right.shape[:-1], len(self.facts), DEV_STATEMENTS + NUM_QUESTIONS)

    def model(self, recipe: Optional[dict]):
        if recipe is None:
            return self.experiment.dense
        key = json.dumps(recipe, sort_keys=True)
        if key not in self.variants:
            self.variants = {key: make_variant(self.experiment, recipe)[0]}   # one at a time
        return self.variants[key]

    def plain(self, recipe: Optional[dict]) -> np.ndarray:
        """Dense model (no recipe) or variant without help: [facts, statements + questions] bool."""
        name = digest(self.base, json.dumps(recipe, sort_keys=True))
        return self.by_fact(self.cached(name, lambda: {"right": exact_match(logits_with(self.model(recipe), Help()), self.items)})["right"])

    def repaired(self, recipe: dict, record: dict) -> np.ndarray:
        """One repair that is no pool: [facts, statements + questions] bool."""
        def make():
            model = self.model(recipe)
            return {"right": exact_match(logits_with(model, help_of(model, *load_peft(PACK / record["path"]))), self.items)}
        name = digest(self.base, json.dumps(recipe, sort_keys=True), folder_digest(PACK / record["path"]))
        return self.by_fact(self.cached(name, make)["right"])

    def recompressed(self, recipe: dict, record: dict) -> np.ndarray:
        """A LoRA merged into the variant, then the old mask or grid put on again: [facts, statements + questions] bool."""
        def make():
            model, variant = make_variant(self.experiment, recipe)
            merged = merge_loras(model.state_dict(), load_peft(PACK / record["path"])[1])
            again = with_weights(model.config, recompress({name: t.numpy() for name, t in merged.items()}, variant))
            return {"right": exact_match(logits_with(again, Help()), self.items)}
        name = digest(self.base, json.dumps(recipe, sort_keys=True), folder_digest(PACK / record["path"]), "recompressed")
        return self.by_fact(self.cached(name, make)["right"])

    def pool(self, recipe: dict, record: dict) -> Dict[str, np.ndarray]:
        """A pool: right [m, facts, forms], scores and confidence [facts, forms, m]."""
        def make():
            model, pool = self.model(recipe), load_pool(PACK / record["path"])
            answers = ask_pool(model, pool, self.items)
            return {"right": answers.right, "scores": answers.scores, "confidence": confidence(model, pool, self.items)}
        name = digest(self.base, json.dumps(recipe, sort_keys=True), folder_digest(PACK / record["path"]))
        found = self.cached(name, make)
        m = len(found["right"])
        shape = (len(self.facts), DEV_STATEMENTS + NUM_QUESTIONS, m)
        return {"right": self.by_fact(found["right"]), "scores": found["scores"].reshape(shape), "confidence": found["confidence"].reshape(shape)}


def twins(recipe_id: str) -> Dict[str, Dict[str, dict]]:
    """{type: {fold: record}} of the finished repairs, `lora-r8-shuffled` being a type of its own."""
    result: Dict[str, Dict[str, dict]] = {}
    for record in finished(recipe_id):
        result.setdefault(record["name"].rsplit("-", 1)[0], {})[record["fold"]] = record
    return result


def pool_rules(pool: Dict[str, np.ndarray], best_single: int) -> Dict[str, np.ndarray]:
    """{rule: right, or its expectation} [facts, forms]; see routing.py for the rules."""
    right = np.moveaxis(pool["right"], 0, -1)                                  # [facts, forms, m]
    pick = lambda choice: np.take_along_axis(right, choice[..., None], -1)[..., 0]
    return {
        "paper's rule": pick(pool["scores"].argmax(-1)), "random pick": right.mean(-1), "best single": right[..., best_single],
        "most confident": pick(pool["confidence"].argmax(-1)), "best of pool (knows the answer)": right.any(-1),
    }
