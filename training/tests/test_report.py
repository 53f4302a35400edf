"""REPORT.md counts every repair that is finished."""

import re

import pytest

from report import OUT
from run_repairs import queue
from train_repair import is_finished


@pytest.mark.parametrize("recipe", sorted({recipe for recipe, _ in queue()}))
def test_leaves_out_no_finished_repair(recipe):
    section = OUT.read_text().split(f"## {recipe}:")[1].split("\n## ")[0]
    said = re.search(r"Not measured here yet: (.*)\.", section)
    unfinished = [name for of, name in queue() if of == recipe and not is_finished(of, name)]
    assert (said.group(1).split(", ") if said else []) == unfinished
