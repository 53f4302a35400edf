"""Compresses weights by a recipe (docs/pack-format.md): magnitude pruning and round-to-nearest quantization.

Plain numpy in float32, so that every engine can repeat it bit for bit; `np.rint` rounds half to even.
A recipe acts on the seven linear matrices of every layer, each [out, in].
"""

import math
from dataclasses import dataclass, field
from typing import Dict, List

import numpy as np

Weights = Dict[str, np.ndarray]  # tensor name -> float32 array


@dataclass
class Quantized:
    """Codes on a grid: dequantized = (code - zero_point) * scale, per group of `group_size` inputs of one row."""

    bits: int
    group_size: int
    codes: np.ndarray         # U8 [out, in]
    scales: np.ndarray        # F32 [out, in / group_size], values already rounded to the scale's dtype
    zero_points: np.ndarray   # U8 [out, in / group_size]

    def dequantize(self) -> np.ndarray:
        codes = self.codes.reshape(*self.scales.shape, self.group_size).astype(np.float32)
        zero = self.zero_points[..., None].astype(np.float32)
        return ((codes - zero) * self.scales[..., None]).reshape(self.codes.shape)


@dataclass
class Variant:
    """A checkpoint after a recipe; `masks` (True = kept) and `grids` belong to modules, without `.weight`."""

    weights: Weights
    masks: Dict[str, np.ndarray] = field(default_factory=dict)
    grids: Dict[str, Quantized] = field(default_factory=dict)

    def sparsity(self, modules: List[str]) -> float:
        """Share of exact zeros in the modules' weights."""
        zeros = sum(int((self.weights[f"{m}.weight"] == 0).sum()) for m in modules)
        return zeros / sum(self.weights[f"{m}.weight"].size for m in modules)


def smallest(values: np.ndarray, sparsity: float) -> np.ndarray:
    """Mask over the last axis, False for the floor(sparsity * count) smallest values; ties: the lower index first."""
    count = math.floor(sparsity * values.shape[-1])
    order = np.argsort(values, axis=-1, kind="stable")
    kept = np.ones(values.shape, dtype=bool)
    np.put_along_axis(kept, order[..., :count], False, axis=-1)
    return kept


def magnitude_masks(matrices: Dict[str, np.ndarray], sparsity: float, granularity: str) -> Dict[str, np.ndarray]:
    """Kept weights of each module; `matrices` in the order that breaks ties."""
    if granularity == "per-output":
        return {name: smallest(np.abs(w), sparsity) for name, w in matrices.items()}
    if granularity == "per-layer":
        return {name: smallest(np.abs(w).ravel(), sparsity).reshape(w.shape) for name, w in matrices.items()}
    if granularity == "global":
        kept = smallest(np.concatenate([np.abs(w).ravel() for w in matrices.values()]), sparsity)
        masks, start = {}, 0
        for name, w in matrices.items():
            masks[name] = kept[start:start + w.size].reshape(w.shape)
            start += w.size
        return masks
    raise ValueError(f"unknown granularity {granularity!r}")


def rtn(weight: np.ndarray, bits: int, group_size: int, symmetric: bool, scale_dtype: str = "F16") -> Quantized:
    """Round to nearest; the scale is rounded first, then zero point and codes are made from it."""
    out, columns = weight.shape
    if columns % group_size:
        raise ValueError(f"groups of {group_size} do not divide {columns} inputs")
    levels = np.float32(2 ** bits - 1)
    w = weight.astype(np.float32).reshape(out, columns // group_size, group_size)
    if symmetric:
        scales = np.float32(2) * np.abs(w).max(-1) / levels
    else:
        lo, hi = np.minimum(w.min(-1), np.float32(0)), np.maximum(w.max(-1), np.float32(0))
        scales = (hi - lo) / levels
    if scale_dtype == "F16":
        scales = scales.astype(np.float16).astype(np.float32)
    elif scale_dtype != "F32":
        raise ValueError(f"unknown scaleDtype {scale_dtype!r}")
    scales[scales == 0] = 1
    if symmetric:
        zero = np.full(scales.shape, 2 ** (bits - 1), dtype=np.float32)
    else:
        zero = np.clip(np.rint(-lo / scales), 0, levels)
    codes = snap(w, scales, zero, levels)
    return Quantized(bits, group_size, codes.reshape(out, columns), scales, zero.astype(np.uint8))


def snap(w: np.ndarray, scales: np.ndarray, zero: np.ndarray, levels: float) -> np.ndarray:
    """Codes of grouped weights [out, groups, group_size] on a given grid."""
    return np.clip(np.rint(w / scales[..., None]) + zero[..., None], 0, levels).astype(np.uint8)


def resnap(weight: np.ndarray, grid: Quantized) -> Quantized:
    """Other weights on an existing grid: scales and zero points stay."""
    w = weight.astype(np.float32).reshape(*grid.scales.shape, grid.group_size)
    codes = snap(w, grid.scales, grid.zero_points.astype(np.float32), 2 ** grid.bits - 1)
    return Quantized(grid.bits, grid.group_size, codes.reshape(weight.shape), grid.scales, grid.zero_points)


def apply_recipe(weights: Weights, modules: List[str], recipe: dict) -> Variant:
    """The variant of a recipe; `modules` are the linear matrices in order, `weights` is left as it is."""
    if recipe["version"] != 1:
        raise ValueError(f"unknown recipe version {recipe['version']}")
    variant = Variant(dict(weights))
    for step in recipe["steps"]:
        names = [m for m in modules if m not in step.get("exclude", [])]
        if step["method"] == "magnitude":
            matrices = {m: variant.weights[f"{m}.weight"].astype(np.float32) for m in names}
            for m, mask in magnitude_masks(matrices, step["sparsity"], step["granularity"]).items():
                variant.masks[m] = variant.masks.get(m, True) & mask
                variant.weights[f"{m}.weight"] = np.where(mask, matrices[m], np.float32(0))
        elif step["method"] == "rtn":
            for m in names:
                bits = step.get("bitsPerMatrix", {}).get(m, step["bits"])
                grid = rtn(variant.weights[f"{m}.weight"], bits, step["groupSize"], step["symmetric"], step.get("scaleDtype", "F16"))
                variant.grids[m] = grid
                variant.weights[f"{m}.weight"] = grid.dequantize()
        else:
            raise ValueError(f"unknown method {step['method']!r}")
    return variant


def recompress(weights: Weights, variant: Variant) -> Weights:
    """Merged weights with the variant's old masks and grids put on again."""
    result = dict(weights)
    for m, mask in variant.masks.items():
        result[f"{m}.weight"] = np.where(mask, result[f"{m}.weight"], np.float32(0))
    for m, grid in variant.grids.items():
        result[f"{m}.weight"] = resnap(result[f"{m}.weight"], grid).dequantize()
    return result
