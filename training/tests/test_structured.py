"""Whole neurons and heads: how many go, which, and that nothing else changes."""

import numpy as np
import pytest
import torch

from calibration import capture_of
from compress import NEURON_BLOCK, apply_recipe, units_to_drop
from experiment import numpy_weights
from make_fixtures import OUT
from model import Llama

MODEL = Llama.load(OUT)
SEQUENCES = [[0, 5, 9, 17, 1], [0, 33, 21, 8, 4, 70, 1], [0, 90, 12, 1]]
CALIBRATION = {"samples": 3, "seed": 0}


def compressed(step, *before):
    calibrate = lambda _: capture_of(MODEL.config, SEQUENCES)
    return apply_recipe(numpy_weights(MODEL), MODEL.linear_modules(), {"version": 1, "steps": [*before, {**step, "calibration": CALIBRATION}]}, calibrate,
                        num_kv_heads=MODEL.config.num_kv_heads)


def test_uniform_takes_whole_blocks_and_the_lowest():
    scores = [np.arange(96.0), np.arange(96.0)[::-1]]
    assert [d.tolist() for d in units_to_drop(scores, 0.5, "uniform", 32)] == [list(range(32)), list(range(64, 96))]
    assert [len(d) for d in units_to_drop(scores, 1.0, "uniform", 32)] == [64, 64]


def test_global_weighs_layers_against_each_other_and_leaves_one_block():
    flat, steep = np.ones(64), np.concatenate([np.full(48, 0.01), np.full(16, 4.0)])
    assert [len(d) for d in units_to_drop([flat, steep], 0.375, "global", 32)] == [0, 32]
    assert [len(d) for d in units_to_drop([flat, steep], 1.0, "global", 32)] == [32, 32]


@pytest.mark.parametrize("method,module,axis,unit", [("neurons", "mlp.down_proj", 1, NEURON_BLOCK), ("heads", "self_attn.o_proj", 1, 32)])
def test_columns_that_read_a_dropped_unit_are_zero(method, module, axis, unit):
    variant = compressed({"method": method, "share": 0.5, "allocation": "uniform"})
    for i in range(MODEL.config.num_layers):
        dead = (variant.weights[f"model.layers.{i}.{module}.weight"] == 0).all(0).sum()
        assert dead == unit


@torch.no_grad()
def test_share_zero_changes_nothing():
    for method in ("neurons", "heads"):
        variant = compressed({"method": method, "share": 0.0, "allocation": "global"})
        assert all((variant.weights[n] == w).all() for n, w in numpy_weights(MODEL).items())


@torch.no_grad()
def test_a_rounded_matrix_keeps_its_grid_under_rows_and_is_stored_as_it_runs_without_columns():
    rtn = {"method": "rtn", "bits": 3, "groupSize": 16, "symmetric": False}
    variant = compressed({"method": "neurons", "share": 0.5, "allocation": "uniform"}, rtn)
    up, down = "model.layers.0.mlp.up_proj", "model.layers.0.mlp.down_proj"
    assert up in variant.grids and down not in variant.grids
    assert (variant.weights[f"{up}.weight"] == variant.grids[up].dequantize()).all()
    assert (variant.weights[f"{down}.weight"] == variant.weights[f"{down}.weight"].astype(np.float16)).all()
