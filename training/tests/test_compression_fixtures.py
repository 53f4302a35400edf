"""The committed answers of the calibrated methods are still what this code computes."""

import json

import numpy as np
import pytest
import torch

from calibration import layer_inputs
from compression_fixtures import CASES, OUT, PRUNED_BEFORE, STRUCTURED, answers, from_arrays, from_triangle, models, tiny_inputs, tiny_sequences, to_arrays, triangle_of, without_units
from make_fixtures import OUT as TINY
from model import Llama
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
    weights, parts, inputs = known[name]
    stored = read_safetensors(OUT / f"{name}.safetensors")
    assert [(part["modules"], part["cases"]) for part in GOLDEN["parts"][name]] == parts
    gathered = to_arrays(inputs)
    for tensor, value in gathered.items():
        assert np.allclose(stored[tensor], value, rtol=1e-4, atol=1e-3 if tensor.startswith("gram/") else 1e-7), tensor
    # From the Gram matrices as they lie in the file: those that another machine sums may tip a weight to another level.
    made = answers(weights, parts, from_arrays(stored))
    assert set(stored) == {*made, *gathered}
    for tensor, value in made.items():
        same = np.isclose(stored[tensor].astype(float), value.astype(float), atol=1e-6).mean()
        assert same > 0.995, tensor


def test_every_case_is_of_some_model_and_whole_layers_stand_for_every_calibrated_method():
    for name in ("tiny", "atlas"):
        whole = {case for part in GOLDEN["parts"][name] for case in part["cases"] if len(part["modules"]) == 7}
        assert {CASES[case]["method"] for case in whole} >= {"wanda", "sparsegpt", "gptq", "awq"}
    assert {case for part in GOLDEN["parts"]["tiny"] for case in part["cases"]} == set(CASES)


def test_a_triangle_is_its_symmetric_matrix():
    gram = torch.tensor([[1.0, 2.0, 3.0], [2.0, 4.0, 5.0], [3.0, 5.0, 6.0]], dtype=torch.float64)
    assert triangle_of(gram).tolist() == [1, 2, 3, 4, 5, 6]
    assert torch.equal(from_triangle(triangle_of(gram)), gram)


@torch.no_grad()
def test_what_a_tap_reads_is_summed_over_every_token_of_every_sequence():
    model, sequences = Llama.load(TINY), [[0, 7, 9], [0, 12], [0, 30, 5]]
    x = model.model.layers[0].input_layernorm(model.model.embed_tokens(torch.tensor(sum(sequences, [])))).double()
    found = layer_inputs(model, sequences, 0)["attn"]
    assert torch.allclose(found.gram, x.T @ x)
    assert torch.allclose(found.magnitudes, x.abs().mean(0))


@torch.no_grad()
def test_the_tiny_model_has_an_input_that_is_never_on():
    attention = tiny_inputs()["attn"]
    assert (attention.gram.diagonal() == 0).sum() == 1
    assert (attention.magnitudes == 0).sum() == 1


@torch.no_grad()
def test_the_file_says_which_units_go_and_what_is_left_to_say():
    logits, gone = without_units()
    assert GOLDEN["structured"] == {"sequences": tiny_sequences(), "steps": STRUCTURED, "gone": gone}
    stored = read_safetensors(OUT / "structured.safetensors")
    assert set(stored) == set(logits)
    for name, value in logits.items():
        assert np.allclose(stored[name], value, atol=5e-5), name  # libraries of matrix products sum in other orders: up to 2e-5 was seen
