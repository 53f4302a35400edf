"""The committed look inside of Atlas is still what this code computes, and holds together."""

import json

import numpy as np
import pytest
import torch

from inside_fixture import LOGIT_STRIDE, OUT, answers
from safetensors_io import read_safetensors

STORED = read_safetensors(OUT / "inside.safetensors")
GOLDEN = json.loads((OUT / "inside.json").read_text())
REGIMES = list(GOLDEN["regimes"])
MAX_BYTES = 700_000
# Libraries of matrix products sum in other orders: up to 2e-5 was seen in logits, and a probability follows its logits.
TOLERANCE = 5e-5


@pytest.fixture(scope="module")
@torch.no_grad()
def made():
    return answers()


def assert_alike(stored, made, path=""):
    """Equal, numbers with a fraction to within the tolerance."""
    assert type(stored) is type(made), path
    if isinstance(stored, dict):
        assert stored.keys() == made.keys(), path
        for key in stored:
            assert_alike(stored[key], made[key], f"{path}/{key}")
    elif isinstance(stored, list):
        assert len(stored) == len(made), path
        for i, (one, other) in enumerate(zip(stored, made)):
            assert_alike(one, other, f"{path}/{i}")
    elif isinstance(stored, float):
        assert abs(stored - made) <= TOLERANCE, path
    else:
        assert stored == made, path


def test_the_tensors_are_what_is_computed(made):
    arrays, _ = made
    assert set(STORED) == set(arrays)
    for name, value in arrays.items():
        assert np.allclose(STORED[name], value, rtol=1e-5, atol=TOLERANCE), name


def test_the_figures_are_what_is_computed(made):
    assert_alike(GOLDEN, made[1])


def test_both_files_are_small_enough_to_be_committed():
    assert sum((OUT / f"inside.{kind}").stat().st_size for kind in ("json", "safetensors")) < MAX_BYTES


@pytest.mark.parametrize("regime", REGIMES)
def test_rows_of_attention_sum_to_one_and_see_nothing_behind_themselves(regime):
    virtual, rows = GOLDEN["regimes"][regime]["virtualTokens"], len(GOLDEN["question"]["rows"])
    for layer in range(4):
        attention = STORED[f"{regime}/attention/{layer}"]
        assert attention.shape == (4, rows, virtual + rows)
        assert np.allclose(attention.sum(-1), 1, atol=1e-5)
        assert not np.triu(attention[:, :, virtual:], 1).any()


@pytest.mark.parametrize("regime", REGIMES)
def test_the_lens_behind_the_last_layer_gives_the_answer_its_probability(regime):
    assert abs(np.exp(STORED[f"{regime}/lens"][-1].sum()) - GOLDEN["regimes"][regime]["answerProbability"]) < TOLERANCE
    assert STORED[f"{regime}/logits"].shape == (len(GOLDEN["question"]["answerIds"]), -(-2048 // LOGIT_STRIDE))


def test_a_merged_lora_is_the_one_beside_the_matrices():
    for name in (name for name in STORED if name.startswith("merged/")):
        assert np.allclose(STORED[name], STORED[name.replace("merged", "unmerged")], rtol=1e-4, atol=1e-4), name


def test_the_whole_last_stream_of_the_donor_gives_its_answer():
    assert abs(STORED["patch/residual-whole"][-1] - GOLDEN["patch"]["donorProbability"]) < TOLERANCE
