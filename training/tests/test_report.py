"""REPORT.md is made of the repairs that are there."""

import re

import pytest

from report import OUT
from run_repairs import queue
from train_repair import is_finished


@pytest.mark.parametrize("recipe", sorted({recipe for recipe, _ in queue()}))
def test_says_which_repairs_are_left(recipe):
    section = OUT.read_text().split(f"## {recipe}:")[1].split("\n## ")[0]
    said = re.search(r"Not trained yet: (.*)\.", section)
    left = [name for of, name in queue() if of == recipe and not is_finished(of, name)]
    assert (said.group(1).split(", ") if said else []) == left
