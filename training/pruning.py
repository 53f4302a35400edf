"""Which weights go: the smallest of a row, a matrix or all matrices, or all but N of every M neighbours. Ties: the lower index first."""

import math
from typing import Dict

import numpy as np

PATTERNS = {"1:4": (1, 4), "2:4": (2, 4), "4:8": (4, 8)}  # of M weights in a row, N stay


def smallest(values: np.ndarray, sparsity: float) -> np.ndarray:
    """Mask over the last axis, False for the floor(sparsity * count) smallest values; ties: the lower index first."""
    return without_smallest(values, math.floor(sparsity * values.shape[-1]))


def without_smallest(values: np.ndarray, count: int) -> np.ndarray:
    order = np.argsort(values, axis=-1, kind="stable")
    kept = np.ones(values.shape, dtype=bool)
    np.put_along_axis(kept, order[..., :count], False, axis=-1)
    return kept


def by_pattern(values: np.ndarray, pattern: str) -> np.ndarray:
    """Mask that keeps the N largest of every M values in a row."""
    n, m = PATTERNS[pattern]
    out, columns = values.shape
    return without_smallest(values.reshape(out, columns // m, m), m - n).reshape(out, columns)


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
