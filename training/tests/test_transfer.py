"""The paired differences of the transfer matrix, and the recorded file."""

import json

import numpy as np
import pytest

from make_pack import TRANSFER
from transfer import TYPES, paired

RECORDED = json.loads(TRANSFER.read_text())


def test_subjects_are_counted_by_how_many_more_questions_are_right():
    subjects = np.array(["a", "a", "b", "b", "c", "d"])
    first = np.array([True, True, False, True, False, True])
    second = np.array([False, False, False, True, True, True])
    low, high, least, counts = paired(first, second, subjects)          # a: +2, b: 0, c: -1, d: 0
    assert (least, counts) == (-1, [1, 2, 0, 1])
    assert low <= 1 / 6 <= high


def test_a_difference_is_paired():
    rng = np.random.default_rng(5)
    known = rng.random(2000) < 0.5
    better = known | (rng.random(2000) < 0.02)
    low, high, _, _ = paired(better, known, np.arange(2000))
    assert 0 < low and high - low < 0.02                                # of unpaired answers it would be 0.06 wide
    swapped = paired(known, better, np.arange(2000))
    assert swapped[:2] == pytest.approx([-high, -low])


def differences():
    """(what is compared, accuracy of the first, of the second, difference) of every pair that the file compares."""
    for to, recipe in enumerate(RECORDED["recipes"]):
        for source in range(len(RECORDED["recipes"])):
            cells = {type: RECORDED["repairs"][type][to][source] for type in TYPES}
            for type, (accuracy, difference) in cells.items():
                yield f"{type} {source} on {recipe}", accuracy[0], RECORDED["compressed"][to][0], difference
            yield f"idp {source} on {recipe}", cells["pool-routed"][0][0], cells["lora-r8"][0][0], RECORDED["idpAgainstLora"][to][source]


def test_the_recorded_differences_are_those_of_the_recorded_accuracies():
    for name, first, second, (low, high, least, counts) in differences():
        mean = sum(count * (least + i) for i, count in enumerate(counts)) / RECORDED["questions"]
        assert mean == pytest.approx(first - second, abs=2e-5), name    # accuracies have five digits
        assert low <= mean <= high and sum(counts) == RECORDED["subjects"], name


def test_every_repair_is_tested_on_every_variant():
    size = len(RECORDED["recipes"])
    assert len(list(differences())) == (len(TYPES) + 1) * size ** 2
    assert len(RECORDED["compressed"]) == size
