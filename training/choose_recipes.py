"""Finds the levels of the shipped recipes by the damage they do, on the development facts of both folds.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/choose_recipes.py [--all]

Damage = exact match of the dense model minus that of the variant, over the three question forms. Calibration, control
and the facts that figures are published on are not looked at. Writes training/recipes.json, and into the pack the variants that
hang on activations. Recipes that the file has stay, since repairs hang on them, unless `--all` is given.
"""

import argparse
import json
from pathlib import Path
from typing import Callable, Dict, List

import torch

from compress import CALIBRATED
from evaluate import exact_match
from experiment import PACK, RECIPES, Experiment, compute_variant, load_experiment, logits_with, with_weights
from recover import Help
from variant_io import write_variant

# --- config -----------------------------------------------------------------
MILD, SEVERE = (0.05, 0.20), (0.30, 0.60)      # bands of damage, in shares of all questions
MILD_AIM, SEVERE_AIM = 0.13, 0.45
GRANULARITY = "per-output"
SPARSITIES = [round(0.30 + 0.02 * i, 2) for i in range(31)]
GROUP_SIZE = 32
SEVERE_GROUP_SIZES = (16, 32, 64, 128)
# The papers' settings; calibration on a good part of what there is.
SETTINGS = {"blockSize": 128, "dampening": 0.01, "calibration": {"samples": 512, "seed": 0}}
# ----------------------------------------------------------------------------

Make = Callable[..., dict]


def recipe_of_step(step: dict) -> dict:
    return {"version": 1, "steps": [step]}


def magnitude(sparsity: float) -> dict:
    return recipe_of_step({"method": "magnitude", "sparsity": sparsity, "granularity": GRANULARITY})


def sparsegpt(sparsity: float) -> dict:
    return recipe_of_step({"method": "sparsegpt", "sparsity": sparsity, **SETTINGS})


def rounding(method: str, extra: dict) -> Make:
    """Makes asymmetric recipes of a method; the matrices in `low` get 2 bits."""
    def make(bits: int, group_size: int, low: List[str] = ()) -> dict:
        step = {"method": method, "bits": bits, "groupSize": group_size, "symmetric": False, **extra}
        if low:
            step["bitsPerMatrix"] = {name: 2 for name in low}
        return recipe_of_step(step)
    return make


rtn, gptq = rounding("rtn", {}), rounding("gptq", {"actOrder": True, **SETTINGS})


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
            variant = compute_variant(self.experiment, recipe)
            self.known[key] = self.dense - self.accuracy(with_weights(self.experiment.dense.config, variant.weights))
        return self.known[key]


def nearest(damage: Damage, candidates: List[dict], aim: float, band) -> dict:
    best = min(candidates, key=lambda recipe: abs(damage.of(recipe) - aim))
    if not band[0] <= damage.of(best) <= band[1]:
        print(f"no candidate lands in {band}: the nearest does {damage.of(best):.3f}")
    return best


def mixed_bits(damage: Damage, make: Make) -> dict:
    """4 bits with some matrices at 2, the least sensitive ones first, as many as come nearest to the aim."""
    modules = damage.experiment.dense.linear_modules()
    order = sorted(modules, key=lambda m: (damage.of(make(4, GROUP_SIZE, [m])), modules.index(m)))
    for m in order:
        print(f"  2 bits in {m:36s} {damage.of(make(4, GROUP_SIZE, [m])):7.3f}", flush=True)
    chosen = [sorted(order[:n], key=modules.index) for n in range(1, len(order) + 1)]
    return nearest(damage, [make(4, GROUP_SIZE, low) for low in chosen], MILD_AIM, MILD)


def choose_pruning(damage: Damage, method: str, make: Make, words: str) -> List[dict]:
    levels = [make(s) for s in SPARSITIES]
    for recipe in levels:
        print(f"  {method} {recipe['steps'][0]['sparsity']:.2f} {damage.of(recipe):7.3f}", flush=True)
    text = lambda recipe: f"{recipe['steps'][0]['sparsity'] * 100:.0f} % pruned by {words}"
    mild, severe = nearest(damage, levels, MILD_AIM, MILD), nearest(damage, levels, SEVERE_AIM, SEVERE)
    return [entry(damage, method, "mild", text(mild), mild), entry(damage, method, "severe", text(severe), severe)]


def choose_rounding(damage: Damage, method: str, make: Make, words: str) -> List[dict]:
    config = damage.experiment.dense.config
    two_bit = [make(2, group) for group in SEVERE_GROUP_SIZES if config.hidden_size % group == 0]
    for recipe in two_bit + [make(3, GROUP_SIZE), make(4, GROUP_SIZE)]:
        step = recipe["steps"][0]
        print(f"  {method} {step['bits']} bits, groups of {step['groupSize']} {damage.of(recipe):7.3f}", flush=True)
    mild, severe = mixed_bits(damage, make), nearest(damage, two_bit, SEVERE_AIM, SEVERE)
    count, all_modules = len(mild["steps"][0]["bitsPerMatrix"]), len(damage.experiment.dense.linear_modules())
    return [entry(damage, method, "mild", f"{words}4 bits, 2 bits in {count} of {all_modules} matrices", mild),
            entry(damage, method, "severe", f"{words}2 bits, groups of {severe['steps'][0]['groupSize']}", severe)]


def entry(damage: Damage, method: str, severity: str, label: str, recipe: dict) -> dict:
    found = {"id": f"{method}-{severity}", "label": label, "severity": severity, "recipe": recipe, "devDamage": round(damage.of(recipe), 4)}
    if method in CALIBRATED:
        found["variant"] = f"variants/{found['id']}.safetensors"
        experiment = damage.experiment
        write_variant(PACK / found["variant"], compute_variant(experiment, recipe), experiment.dense.linear_modules(), recipe)
    return found


# How each method's pair is found, the most basic first.
FAMILIES = {
    "magnitude": lambda damage: choose_pruning(damage, "magnitude", magnitude, "magnitude"),
    "rtn": lambda damage: choose_rounding(damage, "rtn", rtn, ""),
    "sparsegpt": lambda damage: choose_pruning(damage, "sparsegpt", sparsegpt, "SparseGPT"),
    "gptq": lambda damage: choose_rounding(damage, "gptq", gptq, "GPTQ, "),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="choose every recipe anew")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    kept = [] if arguments.all or not RECIPES.exists() else json.loads(RECIPES.read_text())
    damage = Damage(load_experiment())
    print(f"dense {damage.dense:.3f} on {len(damage.items)} questions of development facts")
    document = list(kept)
    for method, choose in FAMILIES.items():
        if not any(r["id"].startswith(f"{method}-") for r in kept):
            document += choose(damage)
    document.sort(key=lambda r: (("mild", "severe").index(r["severity"]), [*FAMILIES].index(r["id"].split("-")[0])))
    RECIPES.write_text(json.dumps(document, indent=1) + "\n")
    for r in document:
        print(f"{r['id']:18s} {r['devDamage']:6.3f}  {r['label']}")


if __name__ == "__main__":
    main()
