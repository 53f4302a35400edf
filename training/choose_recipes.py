"""Finds the levels of the four recipes by the damage they do, on the development facts of both folds.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/choose_recipes.py

Damage = exact match of the dense model minus that of the variant, over the three question forms. Calibration, control
and the facts that figures are published on are not looked at. Writes training/recipes.json.
"""

import argparse
import json
from pathlib import Path
from typing import Dict, List

import torch

from evaluate import exact_match
from experiment import CHECKPOINT, RECIPES, Experiment, load_experiment, logits_with, make_variant
from recover import Help

# --- config -----------------------------------------------------------------
MILD, SEVERE = (0.05, 0.20), (0.30, 0.60)      # bands of damage, in shares of all questions
MILD_AIM, SEVERE_AIM = 0.13, 0.45
GRANULARITY = "per-output"
SPARSITIES = [round(0.30 + 0.02 * i, 2) for i in range(31)]
GROUP_SIZE = 32
SEVERE_GROUP_SIZES = (16, 32, 64, 128)
# ----------------------------------------------------------------------------


def magnitude(sparsity: float) -> dict:
    return {"version": 1, "steps": [{"method": "magnitude", "sparsity": sparsity, "granularity": GRANULARITY}]}


def rtn(bits: int, group_size: int, low: List[str] = ()) -> dict:
    """Asymmetric rtn; the matrices in `low` get 2 bits."""
    step = {"method": "rtn", "bits": bits, "groupSize": group_size, "symmetric": False}
    if low:
        step["bitsPerMatrix"] = {name: 2 for name in low}
    return {"version": 1, "steps": [step]}


class Damage:
    """Measures recipes on the development facts; remembers what it has measured."""

    def __init__(self, experiment: Experiment):
        self.experiment = experiment
        self.items = experiment.questions([f for f in experiment.facts if f.dev])
        self.dense = self.accuracy(experiment.dense)
        self.known: Dict[str, float] = {}

    @torch.no_grad()
    def accuracy(self, model) -> float:
        return float(exact_match(logits_with(model, Help()), self.items).mean())

    def of(self, recipe: dict) -> float:
        key = json.dumps(recipe, sort_keys=True)
        if key not in self.known:
            self.known[key] = self.dense - self.accuracy(make_variant(self.experiment.dense, recipe)[0])
        return self.known[key]


def nearest(damage: Damage, candidates: List[dict], aim: float, band) -> dict:
    best = min(candidates, key=lambda recipe: abs(damage.of(recipe) - aim))
    if not band[0] <= damage.of(best) <= band[1]:
        print(f"no candidate lands in {band}: the nearest does {damage.of(best):.3f}")
    return best


def mixed_bits(damage: Damage) -> dict:
    """4 bits with some matrices at 2, the least sensitive ones first, as many as come nearest to the aim."""
    modules = damage.experiment.dense.linear_modules()
    order = sorted(modules, key=lambda m: (damage.of(rtn(4, GROUP_SIZE, [m])), modules.index(m)))
    for m in order:
        print(f"  2 bits in {m:36s} {damage.of(rtn(4, GROUP_SIZE, [m])):7.3f}")
    chosen = [sorted(order[:n], key=modules.index) for n in range(1, len(order) + 1)]
    return nearest(damage, [rtn(4, GROUP_SIZE, low) for low in chosen], MILD_AIM, MILD)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    parser.add_argument("--out", type=Path, default=RECIPES)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    damage = Damage(load_experiment(arguments.checkpoint))
    print(f"dense {damage.dense:.3f} on {len(damage.items)} questions of development facts")
    levels = [magnitude(s) for s in SPARSITIES]
    for recipe in levels:
        print(f"  magnitude {recipe['steps'][0]['sparsity']:.2f} {damage.of(recipe):7.3f}")
    two_bit = [rtn(2, group) for group in SEVERE_GROUP_SIZES if damage.experiment.dense.config.hidden_size % group == 0]
    for recipe in two_bit + [rtn(3, GROUP_SIZE), rtn(4, GROUP_SIZE)]:
        step = recipe["steps"][0]
        print(f"  rtn {step['bits']} bits, groups of {step['groupSize']} {damage.of(recipe):7.3f}")
    mild, severe = nearest(damage, levels, MILD_AIM, MILD), nearest(damage, levels, SEVERE_AIM, SEVERE)
    percent = lambda recipe: f"{recipe['steps'][0]['sparsity'] * 100:.0f} % pruned by magnitude"
    mixed, low = mixed_bits(damage), nearest(damage, two_bit, SEVERE_AIM, SEVERE)
    count = len(mixed["steps"][0]["bitsPerMatrix"])
    chosen = [
        ("magnitude-mild", percent(mild), "mild", mild),
        ("rtn-mild", f"4 bits, 2 bits in {count} of {len(damage.experiment.dense.linear_modules())} matrices", "mild", mixed),
        ("magnitude-severe", percent(severe), "severe", severe),
        ("rtn-severe", f"2 bits, groups of {low['steps'][0]['groupSize']}", "severe", low),
    ]
    document = [{"id": i, "label": label, "severity": severity, "recipe": recipe, "devDamage": round(damage.of(recipe), 4)}
                for i, label, severity, recipe in chosen]
    arguments.out.write_text(json.dumps(document, indent=1) + "\n")
    for r in document:
        print(f"{r['id']:18s} {r['devDamage']:6.3f}  {r['label']}")


if __name__ == "__main__":
    main()
