"""Writes src/testing/fixtures/fates.json: how many questions of each fact every regime of the shipped recipes gets right, and the fates that follow.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/fates_fixture.py

Asks no model: the answers are those that report.py keeps in .state/answers/, so run it first.
"""

import json
from collections import Counter

import torch

from experiment import DEV_STATEMENTS, TRAINING, load_experiment
from make_pack import shipped_recipes
from measure import Asked, twins
from report import answers_of, fates_of

OUT = TRAINING.parent / "src/testing/fixtures/fates.json"


class Answered(Asked):
    """Right or wrong of every fact where it was asked before."""

    def cached(self, name, make):
        def refuse():
            raise FileNotFoundError("these answers are not there: run training/report.py first")
        return super().cached(name, refuse)


def digits(right) -> str:
    """Right questions of each fact, one digit a fact."""
    return "".join(str(int(count)) for count in right[:, DEV_STATEMENTS:].sum(1))


def main() -> None:
    torch.set_num_threads(1)
    asked = Answered(load_experiment())
    dense, recipes = asked.plain(None), []
    for entry in shipped_recipes():
        variant = asked.plain(entry["recipe"])
        types, _ = answers_of(asked, entry["recipe"], twins(entry["id"]))
        recipes.append({"id": entry["id"], "right": digits(variant), "repairs": [
            {"name": name, "right": {fold: digits(right) for fold, right in by_fold.items()},
             "fates": dict(sorted(Counter(fates_of(asked, dense, variant, by_fold).tolist()).items()))}
            for name, by_fold in types.items() if len(by_fold) == 2]})
    about = "Made by training/fates_fixture.py, never by hand. Facts of folds A and B without development facts in the order of the task, then control facts."
    OUT.write_text(json.dumps({"about": about, "dense": digits(dense), "recipes": recipes}, indent=1) + "\n")


if __name__ == "__main__":
    main()
