import numpy as np
import pytest

from compress import apply_recipe, recompress
from pruning import magnitude_masks
from rounding import rtn

RANDOM = np.random.default_rng(0)
MODULES = ["a", "b"]
WEIGHTS = {"a.weight": RANDOM.normal(size=(6, 32)).astype(np.float32), "b.weight": RANDOM.normal(size=(4, 64)).astype(np.float32),
           "norm": np.ones(3, np.float32)}


def matrices():
    return {m: WEIGHTS[f"{m}.weight"] for m in MODULES}


@pytest.mark.parametrize("sparsity", [0.0, 0.37, 0.5, 1.0])
def test_magnitude_prunes_the_asked_number_and_only_smaller_weights(sparsity):
    masks = magnitude_masks(matrices(), sparsity, "per-output")
    for m, mask in masks.items():
        assert ((~mask).sum(1) == int(sparsity * mask.shape[1])).all()
        for row, kept in zip(np.abs(WEIGHTS[f"{m}.weight"]), mask):
            assert kept.all() or not kept.any() or row[~kept].max() <= row[kept].min()
    layer = magnitude_masks(matrices(), sparsity, "per-layer")
    assert [(~layer[m]).sum() for m in MODULES] == [int(sparsity * 192), int(sparsity * 256)]
    assert sum((~mask).sum() for mask in magnitude_masks(matrices(), sparsity, "global").values()) == int(sparsity * 448)


def test_ties_are_pruned_from_the_lower_index():
    tied = {"a": np.array([[1, -1, 1, -1]], np.float32), "b": np.array([[1, 1]], np.float32)}
    assert magnitude_masks(tied, 0.5, "per-output")["a"].tolist() == [[False, False, True, True]]
    masks = magnitude_masks(tied, 0.84, "global")
    assert masks["a"].tolist() == [[False] * 4] and masks["b"].tolist() == [[False, True]]


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@pytest.mark.parametrize("symmetric", [False, True])
def test_rtn_errs_by_half_a_step_and_keeps_zero(bits, symmetric):
    w = WEIGHTS["a.weight"].copy()
    w[:, 5] = 0
    q = rtn(w, bits, 16, symmetric)
    step = np.repeat(q.scales, 16, axis=1)
    assert q.codes.max() < 2 ** bits and (q.dequantize()[:, 5] == 0).all()
    # A symmetric grid has one level fewer above zero than below, and F16 scales clip a little.
    slack = 1.01 if symmetric else 0.51
    assert (np.abs(q.dequantize() - w) <= step * slack + 1e-6).all()


def test_rtn_of_one_sided_and_empty_groups():
    w = np.zeros((3, 16), np.float32)
    w[1], w[2] = np.linspace(1, 3, 16), np.linspace(-3, -1, 16)
    q = rtn(w, 2, 16, False)
    assert q.scales[:, 0].tolist() == [1, 1, 1] and q.zero_points[:, 0].tolist() == [0, 0, 3]
    assert (q.dequantize()[0] == 0).all()


def test_half_way_rounds_to_even():
    w = np.array([[0.5, 1.5, 2.5, 3.0] + [0.0] * 12], np.float32)
    assert rtn(w, 2, 16, False).codes[0, :4].tolist() == [0, 2, 2, 3]


def test_recipes_leave_their_input_and_other_tensors_alone():
    before = {name: w.copy() for name, w in WEIGHTS.items()}
    recipe = {"version": 1, "steps": [{"method": "magnitude", "sparsity": 0.5, "granularity": "per-layer", "exclude": ["b"]},
                                      {"method": "rtn", "bits": 4, "groupSize": 32, "symmetric": False, "bitsPerMatrix": {"b": 2}}]}
    variant = apply_recipe(WEIGHTS, MODULES, recipe)
    assert all((WEIGHTS[name] == before[name]).all() for name in WEIGHTS)
    assert list(variant.masks) == ["a"] and variant.grids["b"].bits == 2 and variant.grids["a"].bits == 4
    assert (variant.weights["a.weight"][~variant.masks["a"]] == 0).all() and variant.weights["norm"] is WEIGHTS["norm"]
    again = recompress(variant.weights, variant)
    assert all((again[name] == variant.weights[name]).all() for name in WEIGHTS)
