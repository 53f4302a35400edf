"""Compresses weights by a recipe (docs/pack-format.md): ordered steps that prune or quantize the linear matrices, each [out, in], and the embeddings.

Magnitude pruning and rtn need the weights alone (pruning.py, rounding.py). Methods that look at activations get the Gram matrices G = X^T X of calibration.py,
awq the mean |x| of every input beside them, and count in float64. They go layer by layer, each layer seeing what the compressed ones before
it put out; whole neurons and heads (`neurons`, `heads`) are chosen over all layers first, and stand as zeros here, where the page makes the
matrices smaller.

  wanda      Sun et al. 2023, arXiv 2306.11695         sparsegpt  Frantar and Alistarh 2023, arXiv 2301.00774
  gptq       Frantar et al. 2022, arXiv 2210.17323     awq        Lin et al. 2023, arXiv 2306.00978
"""

import math
from dataclasses import dataclass, field, replace
from typing import Callable, Dict, List, Optional, Tuple

import numpy as np
import torch
from torch import Tensor

from calibration import TAPS, Capture, TapInputs
from pruning import PATTERNS, by_pattern, magnitude_masks, smallest, without_smallest
from rounding import Quantized, resnap, rtn, snap

Weights = Dict[str, np.ndarray]  # tensor name -> float32 array
AWQ_STEPS = 20
EMBEDDINGS = ("model.embed_tokens", "lm_head")  # the head is there where it is not tied to the embeddings
ALREADY_GONE = torch.tensor(-1.0, dtype=torch.float64)  # a score below all others, which are squares
NEURON_BLOCK = 32  # so that groups of 16 and 32 inputs still divide what is left


@dataclass
class Variant:
    """A checkpoint after a recipe; `masks` (True = kept) and `grids` belong to modules, without `.weight`."""

    weights: Weights
    masks: Dict[str, np.ndarray] = field(default_factory=dict)
    grids: Dict[str, Quantized] = field(default_factory=dict)

    def prune(self, module: str, weight: np.ndarray, mask: np.ndarray) -> None:
        """Sets a module's weights; what any step has pruned stays zero."""
        self.masks[module] = self.masks.get(module, True) & mask
        self.weights[f"{module}.weight"] = np.where(self.masks[module], weight, np.float32(0))
        self.grids.pop(module, None)

    def quantize(self, module: str, grid: Quantized) -> None:
        self.grids[module] = grid
        self.weights[f"{module}.weight"] = grid.dequantize()

    def sparsity(self, modules: List[str]) -> float:
        """Share of exact zeros in the modules' weights."""
        zeros = sum(int((self.weights[f"{m}.weight"] == 0).sum()) for m in modules)
        return zeros / sum(self.weights[f"{m}.weight"].size for m in modules)


# --- methods that look at activations -----------------------------------------


def wanda_mask(weight: np.ndarray, gram: Tensor, sparsity: float, pattern: Optional[str]) -> np.ndarray:
    """Keeps the largest |W_ij| * ||X_j||_2 of every output row, or of every M inputs of it."""
    scores = np.abs(weight).astype(np.float64) * gram.diagonal().sqrt().numpy()
    return smallest(scores, sparsity) if pattern is None else by_pattern(scores, pattern)


def damped(gram: Tensor, dampening: float) -> Tuple[Tensor, Tensor]:
    """H = G with a share of its mean diagonal added to the diagonal, so that it has an inverse; and the inputs that were never on."""
    H = gram.clone()
    diagonal = H.diagonal()
    dead = diagonal == 0
    diagonal[dead] = 1
    diagonal += dampening * diagonal.mean()
    return H, dead


def inverse_root(H: Tensor) -> Tensor:
    """Upper triangular U with H^-1 = U^T U; row i holds what the inputs behind i must take over when i is changed."""
    return torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)


def sparsegpt(weight: np.ndarray, gram: Tensor, sparsity: float, pattern: Optional[str], block_size: int, dampening: float,
              earlier: Optional[np.ndarray] = None) -> Tuple[np.ndarray, np.ndarray]:
    """(weights, mask): column by column, pruned weights' errors are passed on to the columns behind them.

    Within each block of columns the floor(sparsity * count) weights with the smallest w^2 / U_jj^2 go, whatever their rows.
    What is not kept by the `earlier` mask goes first and counts among them, and is pruned once more when its column is reached.
    """
    W = torch.from_numpy(weight).double()
    H, dead = damped(gram, dampening)
    W[:, dead] = 0
    U = inverse_root(H)
    columns = W.shape[1]
    kept = torch.ones_like(W, dtype=torch.bool) if earlier is None else torch.from_numpy(earlier).clone()
    for start in range(0, columns, block_size):
        end = min(start + block_size, columns)
        block, errors = W[:, start:end].clone(), torch.zeros(W.shape[0], end - start, dtype=torch.float64)
        root = U[start:end, start:end]
        if pattern is None:
            scores = torch.where(kept[:, start:end], (block / root.diagonal()) ** 2, ALREADY_GONE)
            kept[:, start:end] &= torch.from_numpy(smallest(scores.numpy().ravel(), sparsity)).view(block.shape)
        for i in range(end - start):
            if pattern is not None and i % PATTERNS[pattern][1] == 0:
                group = slice(i, i + PATTERNS[pattern][1])
                left = kept[:, start:end][:, group]   # a view
                scores = torch.where(left, (block[:, group] / root.diagonal()[group]) ** 2, ALREADY_GONE)
                left &= torch.from_numpy(by_pattern(scores.numpy(), pattern))
            column = torch.where(kept[:, start + i], block[:, i], torch.zeros(()).double())
            errors[:, i] = (block[:, i] - column) / root[i, i]
            block[:, i:] -= errors[:, i:i + 1] * root[i, i:]
            block[:, i] = column
        W[:, start:end] = block
        W[:, end:] -= errors @ U[start:end, end:]
    return W.float().numpy(), kept.numpy()


def gptq(weight: np.ndarray, gram: Tensor, bits: int, group_size: int, symmetric: bool, scale_dtype: str, act_order: bool,
         block_size: int, dampening: float, kept: Optional[np.ndarray] = None) -> Quantized:
    """Rounds column by column; each column's error is passed on to the columns behind it. What is not `kept` stays zero.

    With `act_order` the inputs with the largest activations come first, and every group's grid is made from the
    weights as they were (static groups), so that groups stay those of neighbouring inputs.
    """
    W = torch.from_numpy(weight).double()
    H, dead = damped(gram, dampening)
    W[:, dead] = 0
    columns = W.shape[1]
    order = torch.argsort(-H.diagonal(), stable=True) if act_order else torch.arange(columns)
    grid = rtn(W.float().numpy(), bits, group_size, symmetric, scale_dtype)
    W, U = W[:, order], inverse_root(H[order][:, order])
    levels = 2 ** bits - 1
    kept = np.ones(weight.shape, dtype=bool) if kept is None else kept
    for start in range(0, columns, block_size):
        end = min(start + block_size, columns)
        block, errors = W[:, start:end].clone(), torch.zeros(W.shape[0], end - start, dtype=torch.float64)
        root = U[start:end, start:end]
        for i in range(end - start):
            column = int(order[start + i])
            group = column // group_size
            if not act_order and column % group_size == 0:   # from the weights as they are by now
                now = np.where(kept[:, column:column + group_size], block[:, i:i + group_size].float().numpy(), np.float32(0))
                own = rtn(now, bits, group_size, symmetric, scale_dtype)
                grid.scales[:, group], grid.zero_points[:, group] = own.scales[:, 0], own.zero_points[:, 0]
            scale, zero = grid.scales[:, group], grid.zero_points[:, group].astype(np.float32)
            codes = snap(np.where(kept[:, column], block[:, i].float().numpy(), np.float32(0))[:, None], scale, zero, levels)[:, 0]
            grid.codes[:, column] = codes
            rounded = torch.from_numpy((codes.astype(np.float32) - zero) * scale).double()
            errors[:, i] = (block[:, i] - rounded) / root[i, i]
            block[:, i:] -= errors[:, i:i + 1] * root[i, i:]
        W[:, end:] -= errors @ U[start:end, end:]
    return grid


def output_error(difference: np.ndarray, gram: Tensor) -> float:
    """||D X^T||^2 = trace(D G D^T) of a difference of weights D [out, in]."""
    D = torch.from_numpy(difference).double()
    return float(((D @ gram) * D).sum())


def awq(weights: List[np.ndarray], inputs: TapInputs, quantize: List[Callable[[np.ndarray], Quantized]]) -> List[Quantized]:
    """Rounds matrices that share an input after multiplying it by s [in]: W ~ Q(W s) / s, with the s of the smallest output error.

    s = mean(|X|)^(k / 20) for k = 0 .. 19, divided by sqrt(max s * min s) and rounded to F16. What undoes s is the norm or the `up_proj`
    before. Unlike in the paper, weights are not clipped.
    """
    magnitudes = inputs.magnitudes.clamp(min=1e-4).numpy()
    best, least = [], math.inf
    for k in range(AWQ_STEPS):
        s = magnitudes ** (k / AWQ_STEPS)
        s = (s / math.sqrt(s.max() * s.min())).astype(np.float16).astype(np.float32)
        grids = [replace(q(w * s), input_scales=s) for w, q in zip(weights, quantize)]
        error = sum(output_error(grid.dequantize() - w, inputs.gram) for w, grid in zip(weights, grids))
        if error < least:
            best, least = grids, error
    return best


# --- whole neurons and heads ----------------------------------------------------


def column_scores(weight: np.ndarray, gram: Tensor) -> np.ndarray:
    """Norm of what each input contributes to the output: sqrt(G_jj) * ||W_:j||_2, [in]."""
    return gram.diagonal().sqrt().numpy() * np.linalg.norm(weight.astype(np.float64), axis=0)


def units_to_drop(scores: List[np.ndarray], share: float, allocation: str, block: int) -> List[np.ndarray]:
    """Indices of the units that go in each layer, `scores` [units] a layer; in whole blocks, one block of units stays at least.

    `uniform` takes the same share of every layer. `global` divides a layer's scores by their mean and takes the lowest of all layers.
    """
    sizes = [len(s) for s in scores]
    if allocation == "uniform":
        counts = [math.floor(share * n / block) * block for n in sizes]
    elif allocation == "global":
        relative = np.concatenate([s / s.mean() for s in scores])
        going = ~without_smallest(relative, math.floor(share * len(relative)))
        found = [int(part.sum()) for part in np.split(going, np.cumsum(sizes)[:-1])]
        counts = [math.floor(count / block + 0.5) * block for count in found]
    else:
        raise ValueError(f"unknown allocation {allocation!r}")
    return [np.flatnonzero(~without_smallest(s, min(count, len(s) - block))) for s, count in zip(scores, counts)]


def zero_out(variant: Variant, module: str, dtype: str, rows=(), columns=()) -> None:
    """Zeroes whole rows and columns of a matrix: what a smaller matrix leaves out. A rounded one keeps its grid under rows, not under columns: it is stored in `dtype`."""
    weight, grid = variant.weights[f"{module}.weight"].astype(np.float32), variant.grids.get(module)
    if grid is not None and len(columns) > 0:
        weight, grid = weight.astype(dtype).astype(np.float32), None
    mask = np.ones(weight.shape, dtype=bool)
    mask[list(rows)] = False
    mask[:, list(columns)] = False
    variant.prune(module, weight, mask)
    if grid is not None:
        variant.quantize(module, resnap(variant.weights[f"{module}.weight"], grid))


def apply_neurons(variant: Variant, layers: List[str], step: dict, grams: List[Dict[str, Tensor]], dtype: str) -> None:
    """Feed-forward neurons: rows of gate_proj and up_proj, columns of down_proj."""
    scores = [column_scores(variant.weights[f"{layer}.mlp.down_proj.weight"], gram["down"]) for layer, gram in zip(layers, grams)]
    for layer, going in zip(layers, units_to_drop(scores, step["share"], step["allocation"], NEURON_BLOCK)):
        zero_out(variant, f"{layer}.mlp.gate_proj", dtype, rows=going)
        zero_out(variant, f"{layer}.mlp.up_proj", dtype, rows=going)
        zero_out(variant, f"{layer}.mlp.down_proj", dtype, columns=going)


def apply_heads(variant: Variant, layers: List[str], step: dict, grams: List[Dict[str, Tensor]], num_kv_heads: int, dtype: str) -> None:
    """Key/value heads with the query heads that read them: rows of q_proj, k_proj and v_proj, columns of o_proj."""
    by_head = lambda columns: np.sqrt((columns.reshape(num_kv_heads, -1) ** 2).sum(1))
    scores = [by_head(column_scores(variant.weights[f"{layer}.self_attn.o_proj.weight"], gram["o"])) for layer, gram in zip(layers, grams)]
    for layer, going in zip(layers, units_to_drop(scores, step["share"], step["allocation"], 1)):
        of_heads = lambda size: np.arange(size).reshape(num_kv_heads, -1)[going].ravel()
        for name in ("q_proj", "k_proj", "v_proj"):
            module = f"{layer}.self_attn.{name}"
            zero_out(variant, module, dtype, rows=of_heads(variant.weights[f"{module}.weight"].shape[0]))
        module = f"{layer}.self_attn.o_proj"
        zero_out(variant, module, dtype, columns=of_heads(variant.weights[f"{module}.weight"].shape[1]))


# --- recipes ------------------------------------------------------------------


def sparsity_of(step: dict, module: str) -> float:
    return step.get("sparsityPerMatrix", {}).get(module, step.get("sparsity", 0.0))


def bits_of(step: dict, module: str) -> int:
    return step.get("bitsPerMatrix", {}).get(module, step["bits"])


def grid_options(step: dict) -> Tuple[int, bool, str]:
    return step["groupSize"], step["symmetric"], step.get("scaleDtype", "F16")


def apply_magnitude(variant: Variant, names: List[str], step: dict) -> None:
    matrices = {m: variant.weights[f"{m}.weight"].astype(np.float32) for m in names}
    if "pattern" in step:
        masks = {m: by_pattern(np.abs(w), step["pattern"]) for m, w in matrices.items()}
    elif "sparsityPerMatrix" in step:
        masks = {m: magnitude_masks({m: w}, sparsity_of(step, m), step["granularity"])[m] for m, w in matrices.items()}
    else:
        masks = magnitude_masks(matrices, step["sparsity"], step["granularity"])
    for m, mask in masks.items():
        variant.prune(m, matrices[m], mask)


def apply_rtn(variant: Variant, names: List[str], step: dict) -> None:
    for m in names:
        variant.quantize(m, rtn(variant.weights[f"{m}.weight"], bits_of(step, m), *grid_options(step)))


def round_embeddings(variant: Variant, step: dict) -> None:
    """Embeddings, and a head that is not tied to them, to nearest whatever the step's method: a lookup has no activations to look at."""
    for m in EMBEDDINGS:
        if f"{m}.weight" in variant.weights:
            variant.quantize(m, rtn(variant.weights[f"{m}.weight"], step["embeddings"], *grid_options(step)))


def compress_module(variant: Variant, m: str, gram: Tensor, step: dict, dtype: str) -> None:
    """One matrix by wanda, sparsegpt or gptq."""
    weight = variant.weights[f"{m}.weight"].astype(np.float32)
    if step["method"] == "wanda":
        variant.prune(m, weight, wanda_mask(weight, gram, sparsity_of(step, m), step.get("pattern")))
    elif step["method"] == "sparsegpt":
        if "pattern" not in step and sparsity_of(step, m) == 0:
            return
        new, mask = sparsegpt(weight, gram, sparsity_of(step, m), step.get("pattern"), step["blockSize"], step["dampening"], variant.masks.get(m))
        variant.prune(m, new.astype(dtype).astype(np.float32), mask)
    else:
        group_size, symmetric, scale_dtype = grid_options(step)
        variant.quantize(m, gptq(weight, gram, bits_of(step, m), group_size, symmetric, scale_dtype, step["actOrder"],
                                 step["blockSize"], step["dampening"], variant.masks.get(m)))


def awq_layer(variant: Variant, layer: str, names: List[str], inputs: Dict[str, TapInputs], step: dict) -> None:
    """Rounds a layer's matrices, those that share an input together.

    An input is scaled where something before it can undo that and all of its matrices are rounded. `o_proj` is not: with
    grouped queries the rows of `v_proj` serve several heads.
    """
    for tap in ("attn", "o", "mlp", "down"):
        members = [f"{layer}.{m}" for m, t in TAPS.items() if t == tap]
        rounded = [m for m in members if m in names]
        through = [lambda w, m=m: rtn(w, bits_of(step, m), *grid_options(step)) for m in rounded]
        weights = [variant.weights[f"{m}.weight"].astype(np.float32) for m in rounded]
        scaled = tap != "o" and rounded == members
        grids = awq(weights, inputs[tap], through) if scaled else [q(w) for w, q in zip(weights, through)]
        for m, grid in zip(rounded, grids):
            variant.quantize(m, grid)


def apply_calibrated(variant: Variant, names: List[str], layers: List[str], step: dict, capture: Capture, dtype: str) -> None:
    for i, layer in enumerate(layers):
        mine = [m for m in names if m.startswith(f"{layer}.")]
        if not mine:
            continue
        inputs = capture(variant.weights, i)
        if step["method"] == "awq":
            awq_layer(variant, layer, mine, inputs, step)
            continue
        for m in mine:
            compress_module(variant, m, inputs[TAPS[m[len(layer) + 1:]]].gram, step, dtype)


def apply_structured(variant: Variant, layers: List[str], step: dict, capture: Capture, num_kv_heads: int, dtype: str) -> None:
    """All layers are looked at before any loses a unit, since they are weighed against each other."""
    grams = [{tap: each.gram for tap, each in capture(variant.weights, i).items()} for i in range(len(layers))]
    # A unit stands in several matrices: where one of them is excluded, its layer stays whole and is weighed against no other.
    acted = [i for i, layer in enumerate(layers)
             if not any(f"{layer}.{name}" in step.get("exclude", []) for name in UNIT_MATRICES[step["method"]])]
    if not acted:
        return
    layers, grams = [layers[i] for i in acted], [grams[i] for i in acted]
    if step["method"] == "neurons":
        apply_neurons(variant, layers, step, grams, dtype)
    else:
        apply_heads(variant, layers, step, grams, num_kv_heads, dtype)


WITHOUT_CALIBRATION = {"magnitude": apply_magnitude, "rtn": apply_rtn}
CALIBRATED = ("wanda", "sparsegpt", "gptq", "awq")
UNIT_MATRICES = {"neurons": ("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"),
                 "heads": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj")}


def apply_recipe(weights: Weights, modules: List[str], recipe: dict, calibrate: Optional[Callable[[dict], Capture]] = None,
                 dtype: str = "float16", num_kv_heads: int = 1) -> Variant:
    """The variant of a recipe; `modules` are the linear matrices in order, `weights` is left as it is.

    `calibrate` makes a capture from a step's `calibration`; what sparsegpt changes is rounded to `dtype`, in which it is stored, where
    no step comes behind it: those get float32, since a code of the next step may turn with a weight that falls to the F16 beside it.
    """
    if recipe["version"] != 1:
        raise ValueError(f"unknown recipe version {recipe['version']}")
    variant = Variant(dict(weights))
    layers = sorted({m.rsplit(".", 2)[0] for m in modules if m.startswith("model.layers.")}, key=lambda name: int(name.split(".")[2]))
    for number, step in enumerate(recipe["steps"], 1):
        names = [m for m in modules if m not in step.get("exclude", [])]
        step_dtype = dtype if number == len(recipe["steps"]) else "float32"
        if "embeddings" in step:   # first, so that the layers see what they will read
            round_embeddings(variant, step)
        if step["method"] in WITHOUT_CALIBRATION:
            WITHOUT_CALIBRATION[step["method"]](variant, names, step)
        elif step["method"] in CALIBRATED:
            apply_calibrated(variant, names, layers, step, calibrate(step["calibration"]), step_dtype)
        elif step["method"] in UNIT_MATRICES:
            apply_structured(variant, layers, step, calibrate(step["calibration"]), num_kv_heads, step_dtype)
        else:
            raise ValueError(f"unknown method {step['method']!r}")
    for m in modules:
        if m not in variant.grids:
            variant.weights[f"{m}.weight"] = variant.weights[f"{m}.weight"].astype(dtype).astype(np.float32)
    return variant


def recompress(weights: Weights, variant: Variant) -> Weights:
    """Merged weights with the variant's old masks and grids put on again."""
    result = dict(weights)
    for m, mask in variant.masks.items():
        result[f"{m}.weight"] = np.where(mask, result[f"{m}.weight"], np.float32(0))
    for m, grid in variant.grids.items():
        result[f"{m}.weight"] = resnap(result[f"{m}.weight"], grid).dequantize()
    return result
