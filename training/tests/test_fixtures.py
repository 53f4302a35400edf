"""The committed tiny fixture still says what this code computes."""

import json

import numpy as np
import torch

from compress import apply_recipe
from experiment import numpy_weights, with_weights
from make_fixtures import OUT
from model import Llama
from peft_io import load_peft
from recover import help_of, helped_forward
from safetensors_io import read_safetensors

GOLDEN = json.loads((OUT / "golden.json").read_text())
ARRAYS = read_safetensors(OUT / "golden.safetensors")
MODEL = Llama.load(OUT)
IDS = torch.tensor([GOLDEN["ids"]["sequence"]])


def agrees(name, logits):
    return np.allclose(ARRAYS[name], logits[0].detach().numpy(), atol=1e-4)


def test_every_tensor_is_described():
    assert set(GOLDEN["tensors"]) == set(ARRAYS)


@torch.no_grad()
def test_dense_and_repaired_logits():
    assert agrees("dense/none/logits", MODEL(IDS).logits)
    for name in ("prompt", "prefix", "lora"):
        assert agrees(f"dense/{name}/logits", helped_forward(MODEL, help_of(MODEL, *load_peft(OUT / name)), IDS).logits)


@torch.no_grad()
def test_variants():
    for name, recipe in GOLDEN["recipes"].items():
        model = with_weights(MODEL.config, apply_recipe(numpy_weights(MODEL), GOLDEN["modules"], recipe).weights)
        assert agrees(f"{name}/none/logits", model(IDS).logits)


def test_masks_are_those_of_the_recipes():
    kept = apply_recipe(numpy_weights(MODEL), GOLDEN["modules"], GOLDEN["recipes"]["magnitude"]).masks
    bits = np.concatenate([kept[m].ravel() for m in GOLDEN["modules"]])
    assert (np.unpackbits(ARRAYS["mask/per-output/0.5"], bitorder="little")[:len(bits)] == bits).all()
