"""Embeddings on a grid: which tables are rounded, that the layers see them, and that files hold them."""

import json

import numpy as np
import pytest
import torch

from calibration import capture_of
from compress import EMBEDDINGS, apply_recipe, recompress
from compression_fixtures import OUT, tiny_sequences
from embeddings_fixture import CASES, answers, models
from rounding import rtn
from safetensors_io import read_safetensors
from variant_io import read_variant, write_variant

GRID = {"bits": 4, "groupSize": 16, "symmetric": False}


def recipe_of(**step):
    return {"version": 1, "steps": [{"method": "rtn", **GRID, **step}]}


@torch.no_grad()
def test_the_file_holds_what_the_methods_make():
    stored, made = read_safetensors(OUT / "embeddings.safetensors"), answers()
    document = json.loads((OUT / "embeddings.json").read_text())
    assert document["cases"] == CASES and document["sequence"] == tiny_sequences()[0]
    assert set(stored) == set(made)
    for name, value in made.items():
        assert np.allclose(stored[name].astype(float), value.astype(float), atol=1e-5), name


@pytest.mark.parametrize("is_tied", [True, False])
def test_embeddings_are_rounded_only_where_a_step_asks_for_it(is_tied):
    model, weights = models()[is_tied]
    tables = [m for m in EMBEDDINGS if f"{m}.weight" in weights]
    assert len(tables) == (1 if is_tied else 2)
    alone = apply_recipe(weights, model.linear_modules(), recipe_of())
    assert all(alone.weights[f"{m}.weight"] is weights[f"{m}.weight"] for m in tables)
    rounded = apply_recipe(weights, model.linear_modules(), recipe_of(embeddings=3, exclude=model.linear_modules()))
    assert sorted(rounded.grids) == sorted(tables)
    for m in tables:
        assert (rounded.weights[f"{m}.weight"] == rtn(weights[f"{m}.weight"], 3, 16, False).dequantize()).all()


@torch.no_grad()
def test_calibrated_layers_see_rounded_embeddings():
    model, weights = models()[True]
    seen = []

    def calibrate(_):
        capture = capture_of(model.config, tiny_sequences())
        return lambda now, layer: seen.append(now["model.embed_tokens.weight"]) or capture(now, layer)

    step = {**GRID, "method": "gptq", "embeddings": 2, "actOrder": False, "blockSize": 16, "dampening": 0.01, "calibration": {}}
    variant = apply_recipe(weights, model.linear_modules(), {"version": 1, "steps": [step]}, calibrate)
    expected = rtn(weights["model.embed_tokens.weight"], 2, 16, False).dequantize()
    assert len(seen) == model.config.num_layers and all((table == expected).all() for table in seen)
    assert (variant.weights["model.embed_tokens.weight"] == expected).all()


def test_merging_again_leaves_rounded_embeddings_as_they_are():
    model, weights = models()[False]
    variant = apply_recipe(weights, model.linear_modules(), recipe_of(embeddings=4))
    again = recompress(variant.weights, variant)
    assert all((again[f"{m}.weight"] == variant.weights[f"{m}.weight"]).all() for m in EMBEDDINGS)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("is_tied", [True, False])
def test_a_variant_comes_back_from_its_file(tmp_path, is_tied, symmetric):
    model, weights = models()[is_tied]
    modules, recipe = model.linear_modules(), recipe_of(embeddings=8, symmetric=symmetric)
    variant = apply_recipe(weights, modules, recipe)
    write_variant(tmp_path / "v.safetensors", variant, modules, recipe)
    assert any(name.endswith(".qzeros") for name in read_safetensors(tmp_path / "v.safetensors")) != symmetric
    found = read_variant(tmp_path / "v.safetensors", weights, modules, recipe)
    assert set(found.grids) == set(variant.grids)
    for name, weight in variant.weights.items():
        assert (found.weights[name] == weight).all(), name
