"""Writes src/testing/fixtures/compression/outcomes.json: which questions whole compressed Atlas models get right.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/outcomes_fixture.py

Per-layer goldens say whether a method is right; over a whole model small differences compound, so here only the answers are compared.
"""

import json
from pathlib import Path

import torch

from evaluate import exact_match
from experiment import compute_variant, load_experiment, logits_with, recipe_of, with_weights
from recover import Help

# --- config -----------------------------------------------------------------
OUT = Path(__file__).parent.parent / "src/testing/fixtures/compression/outcomes.json"
NUM_FACTS = 400
CALIBRATION = {"samples": 512, "seed": 0}
WALK = {"blockSize": 128, "dampening": 0.01, "calibration": CALIBRATION}
RECIPES = {
    "wanda": {"version": 1, "steps": [{"method": "wanda", "sparsity": 0.5, "calibration": CALIBRATION}]},
    "sparsegpt": recipe_of("sparsegpt-mild"),
    "sparsegpt 2:4": {"version": 1, "steps": [{"method": "sparsegpt", "pattern": "2:4", **WALK}]},
    "gptq": recipe_of("gptq-mild"),
    "awq": {"version": 1, "steps": [{"method": "awq", "bits": 2, "groupSize": 16, "symmetric": False, "calibration": CALIBRATION}]},
    "sparsegpt, severe": recipe_of("sparsegpt-severe"),
    "gptq, severe": recipe_of("gptq-severe"),
    "heads, then neurons": {"version": 1, "steps": [
        {"method": "heads", "share": 0.25, "allocation": "global", "calibration": CALIBRATION},
        {"method": "neurons", "share": 0.125, "allocation": "global", "calibration": CALIBRATION}]},
    "sparsegpt, then gptq": {"version": 1, "steps": [
        {"method": "sparsegpt", "sparsity": 0.5, **WALK},
        {"method": "gptq", "bits": 4, "groupSize": 32, "symmetric": False, "actOrder": True, **WALK}]},
}
# ----------------------------------------------------------------------------


@torch.no_grad()
def main() -> None:
    torch.set_num_threads(1)
    experiment = load_experiment()
    facts = [f for f in experiment.facts if f.fold in "AB" and not f.dev][:NUM_FACTS]
    items = experiment.items(facts, lambda f: [len(experiment.relations[f.relation].statements)])   # the first question
    recipes = []
    for name, recipe in RECIPES.items():
        model = with_weights(experiment.dense.config, compute_variant(experiment, recipe).weights)
        right = exact_match(logits_with(model, Help()), items)
        print(f"{name:14s} {right.mean():.3f}")
        recipes.append({"name": name, "recipe": recipe, "right": "".join("01"[int(r)] for r in right)})
    OUT.write_text(json.dumps({"about": "Made by training/outcomes_fixture.py, never by hand: 1 where PyTorch's variant answers the fact's first question.",
                               "facts": [f.id for f in facts], "recipes": recipes}, indent=1) + "\n")


if __name__ == "__main__":
    main()
