"""Grids: round to nearest in groups of inputs, and other weights on a grid that is there (docs/pack-format.md, rtn).

Plain numpy in float32, so that every engine can repeat it bit for bit; `np.rint` rounds half to even.
"""

from dataclasses import dataclass, replace
from typing import Optional

import numpy as np


@dataclass
class Quantized:
    """Codes on a grid: dequantized = (code - zero_point) * scale / input_scale, per group of `group_size` inputs of one row."""

    bits: int
    group_size: int
    codes: np.ndarray         # U8 [out, in]
    scales: np.ndarray        # F32 [out, in / group_size], values already rounded to the scale's dtype
    zero_points: np.ndarray   # U8 [out, in / group_size]
    input_scales: Optional[np.ndarray] = None  # F32 [in], in F16's values: what the weights were multiplied by (awq)
    symmetric: bool = False   # all zero points lie in the middle, so that no file needs them

    def dequantize(self) -> np.ndarray:
        codes = self.codes.reshape(*self.scales.shape, self.group_size).astype(np.float32)
        zero = self.zero_points[..., None].astype(np.float32)
        weight = ((codes - zero) * self.scales[..., None]).reshape(self.codes.shape)
        return weight if self.input_scales is None else weight / self.input_scales


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
    return Quantized(bits, group_size, codes.reshape(out, columns), scales, zero.astype(np.uint8), symmetric=symmetric)


def snap(w: np.ndarray, scales: np.ndarray, zero: np.ndarray, levels: float) -> np.ndarray:
    """Codes of grouped weights [out, groups, group_size] on a given grid."""
    return np.clip(np.rint(w / scales[..., None]) + zero[..., None], 0, levels).astype(np.uint8)


def resnap(weight: np.ndarray, grid: Quantized) -> Quantized:
    """Other weights on an existing grid: scales and zero points stay."""
    scaled = weight if grid.input_scales is None else weight * grid.input_scales
    w = scaled.astype(np.float32).reshape(*grid.scales.shape, grid.group_size)
    codes = snap(w, grid.scales, grid.zero_points.astype(np.float32), 2 ** grid.bits - 1)
    return replace(grid, codes=codes.reshape(weight.shape))
