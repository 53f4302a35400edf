"""The committed answers of the calibrated methods are still what this code computes."""

import json

import numpy as np
import pytest
import torch

from compression_fixtures import CASES, OUT, PRUNED_BEFORE, STRUCTURED, answers, models, tiny_gram, tiny_sequences, without_units
from safetensors_io import read_safetensors

GOLDEN = json.loads((OUT / "golden.json").read_text())


@pytest.fixture(scope="module")
@torch.no_grad()
def known():
    return models()


def test_the_cases_are_those_of_the_file():
    assert {name: steps[-1] for name, steps in GOLDEN["cases"].items()} == CASES
    assert {name: steps[0] for name, steps in GOLDEN["cases"].items() if len(steps) > 1} == PRUNED_BEFORE


@pytest.mark.parametrize("name", ["tiny", "atlas"])
@torch.no_grad()
def test_the_file_holds_what_the_methods_make(known, name):
    weights, modules, gram = known[name]
    stored = read_safetensors(OUT / f"{name}.safetensors")
    assert modules == GOLDEN["modules"][name]
    for tap, g in gram.items():
        assert np.allclose(stored[f"gram/{tap}"], g.numpy(), rtol=1e-4, atol=1e-3)
    # From the Gram matrices as they lie in the file: those that another machine sums may tip a weight to another level.
    made = answers(weights, modules, {tap: torch.from_numpy(stored[f"gram/{tap}"]) for tap in gram})
    assert set(stored) == {*made, *(f"gram/{tap}" for tap in gram)}
    for tensor, value in made.items():
        same = np.isclose(stored[tensor].astype(float), value.astype(float), atol=1e-6).mean()
        assert same > 0.995, tensor


@torch.no_grad()
def test_the_tiny_model_has_an_input_that_is_never_on():
    assert (tiny_gram()["attn"].diagonal() == 0).sum() == 1


@torch.no_grad()
def test_the_file_says_which_units_go_and_what_is_left_to_say():
    logits, gone = without_units()
    assert GOLDEN["structured"] == {"sequences": tiny_sequences(), "steps": STRUCTURED, "gone": gone}
    stored = read_safetensors(OUT / "structured.safetensors")
    assert set(stored) == set(logits)
    for name, value in logits.items():
        assert np.allclose(stored[name], value, atol=5e-5), name  # libraries of matrix products sum in other orders: up to 2e-5 was seen
