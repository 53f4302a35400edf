"""Variants as files (docs/pack-format.md, "Compressed checkpoints"): the linear matrices and rounded embeddings in the encoding that their size is counted in."""

import json
from pathlib import Path
from typing import Dict, List

import numpy as np

from compress import EMBEDDINGS, Variant, Weights, bits_of
from rounding import Quantized
from safetensors_io import read_safetensors, write_safetensors


def pack_bits(values: np.ndarray, bits: int) -> np.ndarray:
    """Values below 2^bits as one stream, the lowest bit first: U8 [ceil(count * bits / 8)]."""
    spread = (values.ravel()[:, None] >> np.arange(bits, dtype=np.uint8)) & 1
    return np.packbits(spread.astype(np.uint8).ravel(), bitorder="little")


def unpack_bits(stream: np.ndarray, bits: int, count: int) -> np.ndarray:
    spread = np.unpackbits(stream, bitorder="little")[:count * bits].reshape(count, bits)
    return (spread << np.arange(bits, dtype=np.uint8)).sum(1).astype(np.uint8)


def write_variant(path: Path, variant: Variant, modules: List[str], recipe: dict) -> None:
    """The matrices, and the embeddings, that a recipe pruned or rounded; pruned values and scales in F16."""
    tensors: Dict[str, np.ndarray] = {}
    for m in [*modules, *EMBEDDINGS]:
        if m in variant.grids:
            grid = variant.grids[m]
            tensors[f"{m}.qweight"] = pack_bits(grid.codes, grid.bits)
            tensors[f"{m}.scales"] = grid.scales.astype(np.float16)
            if not grid.symmetric:
                tensors[f"{m}.qzeros"] = pack_bits(grid.zero_points, grid.bits)
            if grid.input_scales is not None:
                tensors[f"{m}.input_scales"] = grid.input_scales.astype(np.float16)
        elif m in variant.masks:
            mask = variant.masks[m]
            tensors[f"{m}.mask"] = pack_bits(mask.astype(np.uint8), 1)
            tensors[f"{m}.weight"] = variant.weights[f"{m}.weight"][mask].astype(np.float16)
    write_safetensors(path, tensors, {"format": "pt", "recipe": json.dumps(recipe, separators=(",", ":"))})


def read_variant(path: Path, weights: Weights, modules: List[str], recipe: dict) -> Variant:
    """The variant of one quantizing or pruning step, as written; `weights` are the dense checkpoint's."""
    [step] = recipe["steps"]
    tensors, variant = read_safetensors(path), Variant(dict(weights))
    for m in [*modules, *(e for e in EMBEDDINGS if "embeddings" in step and f"{e}.weight" in weights)]:
        out, columns = weights[f"{m}.weight"].shape
        if f"{m}.mask" in tensors:
            mask = unpack_bits(tensors[f"{m}.mask"], 1, out * columns).astype(bool).reshape(out, columns)
            weight = np.zeros((out, columns), np.float32)
            weight[mask] = tensors[f"{m}.weight"].astype(np.float32)
            variant.prune(m, weight, mask)
        elif f"{m}.qweight" in tensors:
            bits, scales = step["embeddings"] if m in EMBEDDINGS else bits_of(step, m), tensors[f"{m}.scales"].astype(np.float32)
            codes = unpack_bits(tensors[f"{m}.qweight"], bits, out * columns).reshape(out, columns)
            zero_points = (np.full(scales.shape, 2 ** (bits - 1), np.uint8) if step["symmetric"]
                           else unpack_bits(tensors[f"{m}.qzeros"], bits, scales.size).reshape(scales.shape))
            scaled = tensors.get(f"{m}.input_scales")
            input_scales = None if scaled is None else scaled.astype(np.float32)
            variant.quantize(m, Quantized(bits, step["groupSize"], codes, scales, zero_points, input_scales, step["symmetric"]))
    return variant
