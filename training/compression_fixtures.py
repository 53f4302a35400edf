"""Writes src/testing/fixtures/compression/: what the methods make of one layer, given what its taps read.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/compression_fixtures.py

Of two models: the tiny one of make_fixtures.py, all seven matrices of a layer by every case; and Atlas, all seven by one case of each
calibrated method, and those that read the attention's input by most others. `<model>.safetensors` holds `gram/<tap>` F32, the upper triangle
of a Gram matrix row by row, `magnitudes/<tap>` F32 [in], and for every case and module `<case>/<module>/<what>`; golden.json says which modules are in which cases,
and each case's steps. Pruned: `mask` (a stream of 1 bit) and, where weights change, `weight` F32, those that stay. Rounded: `codes` (a
stream of so many bits), `scales` F16 and `zero-points` U8 [out, in / groupSize], and with awq `input-scales` F16 [in].
Whole units are removed from all layers of the tiny model: golden.json says which go and by what sequences they were judged, and
`structured.safetensors` holds `<case>/logits` F32 [length, vocabSize] of the first of those sequences.
"""

import json
import math
from typing import Dict, List, Tuple

import numpy as np
import torch

from calibration import TAPS, TapInputs, calibration_ids, capture_of, layer_inputs
from compress import Variant, Weights, apply_magnitude, apply_recipe, awq_layer, compress_module
from experiment import load_experiment, numpy_weights
from make_fixtures import CONFIG, OUT as TINY
from model import Llama
from pruning import PATTERNS
from safetensors_io import write_safetensors
from variant_io import pack_bits

# --- config -----------------------------------------------------------------
OUT = TINY.parent / "compression"
CALIBRATION = {"samples": 64, "seed": 0}    # of Atlas; the tiny model gets random ids
WALK = {"blockSize": 32, "dampening": 0.01, "calibration": CALIBRATION}
GRID = {"bits": 3, "groupSize": 16, "symmetric": False}
CASES = {
    "wanda": {"method": "wanda", "sparsity": 0.55, "calibration": CALIBRATION},
    "sparsegpt": {"method": "sparsegpt", "sparsity": 0.55, **WALK},
    "gptq": {"method": "gptq", **GRID, "actOrder": False, **WALK},
    "awq": {"method": "awq", **GRID, "calibration": CALIBRATION},
    **{f"magnitude-{pattern}": {"method": "magnitude", "pattern": pattern} for pattern in PATTERNS},
    **{f"wanda-{pattern}": {"method": "wanda", "pattern": pattern, "calibration": CALIBRATION} for pattern in PATTERNS},
    **{f"sparsegpt-{pattern}": {"method": "sparsegpt", "pattern": pattern, **WALK} for pattern in PATTERNS},
    "sparsegpt-pruned": {"method": "sparsegpt", "sparsity": 0.55, **WALK},
    "sparsegpt-2:4-pruned": {"method": "sparsegpt", "pattern": "2:4", **WALK},
    "gptq-act-order": {"method": "gptq", **GRID, "actOrder": True, **WALK},
    "gptq-pruned": {"method": "gptq", **GRID, "bits": 4, "symmetric": True, "actOrder": False, **WALK},
    "gptq-act-order-pruned": {"method": "gptq", **GRID, "actOrder": True, **WALK},
}
OF_WHOLE_ATLAS = ["wanda", "sparsegpt", "gptq", "awq"]
OF_ATLAS_ATTENTION = ["wanda-2:4", "sparsegpt-2:4", "sparsegpt-pruned", "sparsegpt-2:4-pruned",
                      "gptq-act-order", "gptq-pruned", "gptq-act-order-pruned"]    # what is left is of the tiny model alone
SOME_GONE = {"method": "magnitude", "sparsity": 0.4, "granularity": "per-output"}
PRUNED_BEFORE = {"sparsegpt-pruned": SOME_GONE, "sparsegpt-2:4-pruned": SOME_GONE, "gptq-act-order-pruned": SOME_GONE,
                 "gptq-pruned": {"method": "magnitude", "pattern": "2:4"}}    # what a case begins with
STRUCTURED = {f"{method}-{allocation}": {"method": method, "share": 0.5, "allocation": allocation, "calibration": CALIBRATION}
              for method in ("neurons", "heads") for allocation in ("uniform", "global")}
STRUCTURED["neurons-global-but-one"] = {**STRUCTURED["neurons-global"], "exclude": ["model.layers.0.mlp.gate_proj"]}
STRUCTURED["heads-uniform-but-one"] = {**STRUCTURED["heads-uniform"], "exclude": ["model.layers.1.self_attn.o_proj"]}
LAYER = 1
SEED, SEQUENCES, LENGTH = 17, 12, 20
DEAD_INPUT = 5    # of the tiny model's attention: never on, as an input can be
# ----------------------------------------------------------------------------

Part = Tuple[List[str], List[str]]  # modules, and the cases that compress them together


def compressed(case: str, weights: Weights, modules: List[str], inputs: Dict[str, TapInputs]) -> Variant:
    """A layer's modules by the step of a case, their weights in F32."""
    variant, step = Variant(dict(weights)), CASES[case]
    if case in PRUNED_BEFORE:
        apply_magnitude(variant, modules, PRUNED_BEFORE[case])
    if step["method"] == "magnitude":
        apply_magnitude(variant, modules, step)
    elif step["method"] == "awq":
        awq_layer(variant, f"model.layers.{LAYER}", modules, inputs, step)
    else:
        for m in modules:
            compress_module(variant, m, inputs[TAPS[m.split(".", 3)[3]]].gram, step, "float32")
    return variant


def answers(weights: Weights, parts: List[Part], inputs: Dict[str, TapInputs]) -> Dict[str, np.ndarray]:
    """The tensors of one model's file, what its taps read aside."""
    return {name: value for modules, cases in parts for case in cases for name, value in answers_to(case, weights, modules, inputs).items()}


def answers_to(case: str, weights: Weights, modules: List[str], inputs: Dict[str, TapInputs]) -> Dict[str, np.ndarray]:
    arrays: Dict[str, np.ndarray] = {}
    variant = compressed(case, weights, modules, inputs)
    for m in modules:
        name, grid = f"{case}/{m}", variant.grids.get(m)
        if grid is None:
            mask = variant.masks[m]
            arrays[f"{name}/mask"] = pack_bits(mask.astype(np.uint8), 1)
            if CASES[case]["method"] == "sparsegpt":
                arrays[f"{name}/weight"] = variant.weights[f"{m}.weight"][mask]
            continue
        arrays.update({f"{name}/codes": pack_bits(grid.codes, grid.bits), f"{name}/scales": grid.scales.astype(np.float16),
                       f"{name}/zero-points": grid.zero_points})
        if grid.input_scales is not None:
            arrays[f"{name}/input-scales"] = grid.input_scales.astype(np.float16)
    return arrays


def triangle_of(gram: torch.Tensor) -> np.ndarray:
    """What the file holds of a symmetric matrix."""
    return gram.numpy()[np.triu_indices(len(gram))].astype(np.float32)


def from_triangle(triangle: np.ndarray) -> torch.Tensor:
    size = math.isqrt(2 * len(triangle))
    upper = np.zeros((size, size))
    upper[np.triu_indices(size)] = triangle
    return torch.from_numpy(upper + np.triu(upper, 1).T)


def to_arrays(inputs: Dict[str, TapInputs]) -> Dict[str, np.ndarray]:
    """What the file holds of what a layer's taps read."""
    arrays = {}
    for tap, each in inputs.items():
        arrays.update({f"gram/{tap}": triangle_of(each.gram), f"magnitudes/{tap}": each.magnitudes.numpy().astype(np.float32)})
    return arrays


def from_arrays(arrays: Dict[str, np.ndarray]) -> Dict[str, TapInputs]:
    """What the file's numbers stand for: what every method is given."""
    return {tap: TapInputs(from_triangle(arrays[f"gram/{tap}"]), torch.from_numpy(arrays[f"magnitudes/{tap}"]).double())
            for tap in dict.fromkeys(TAPS.values())}


def tiny_sequences() -> List[List[int]]:
    generator = torch.Generator().manual_seed(SEED)
    return [[0] + torch.randint(3, CONFIG.vocab_size, (LENGTH,), generator=generator).tolist() for _ in range(SEQUENCES)]


def tiny_inputs() -> Dict[str, TapInputs]:
    """Of a few random sequences."""
    found = layer_inputs(Llama.load(TINY), tiny_sequences(), LAYER)
    found["attn"].gram[DEAD_INPUT] = 0
    found["attn"].gram[:, DEAD_INPUT] = 0
    found["attn"].magnitudes[DEAD_INPUT] = 0
    return found


def models() -> Dict[str, Tuple[Weights, List[Part], Dict[str, TapInputs]]]:
    """{name: (weights, modules with their cases, what the taps read as the file holds it)}."""
    tiny, experiment = Llama.load(TINY), load_experiment()
    own = [f"model.layers.{LAYER}.{m}" for m in TAPS]
    attention = [f"model.layers.{LAYER}.{m}" for m, tap in TAPS.items() if tap == "attn"]
    of_atlas = layer_inputs(experiment.dense, calibration_ids(experiment, **CALIBRATION), LAYER)
    as_held = lambda inputs: from_arrays(to_arrays(inputs))
    return {"tiny": (numpy_weights(tiny), [(own, list(CASES))], as_held(tiny_inputs())),
            "atlas": (numpy_weights(experiment.dense), [(own, OF_WHOLE_ATLAS), (attention, OF_ATLAS_ATTENTION)], as_held(of_atlas))}


def without_units() -> Tuple[Dict[str, np.ndarray], Dict[str, List[List[int]]]]:
    """({`<case>/logits`}, {case: the units that go, by layer}), a unit being a neuron or a key/value head."""
    tiny, logits, gone = Llama.load(TINY), {}, {}
    calibrate = lambda _: capture_of(tiny.config, tiny_sequences())
    for case, step in STRUCTURED.items():
        variant = apply_recipe(numpy_weights(tiny), tiny.linear_modules(), {"version": 1, "steps": [step]}, calibrate, "float32", CONFIG.num_kv_heads)
        module, count = ("mlp.down_proj", CONFIG.intermediate_size) if step["method"] == "neurons" else ("self_attn.o_proj", CONFIG.num_kv_heads)
        zeros = [(variant.weights[f"model.layers.{i}.{module}.weight"] == 0).all(0).reshape(count, -1).all(1) for i in range(CONFIG.num_layers)]
        gone[case] = [np.flatnonzero(layer).tolist() for layer in zeros]
        model = Llama(tiny.config).eval()
        model.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(w)) for name, w in variant.weights.items()})
        logits[f"{case}/logits"] = model(torch.tensor(tiny_sequences()[:1])).logits[0].numpy()
    return logits, gone


def main() -> None:
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    found = models()
    for name, (weights, parts, inputs) in found.items():
        arrays = {**to_arrays(inputs), **answers(weights, parts, inputs)}
        path = OUT / f"{name}.safetensors"
        write_safetensors(path, arrays)
        print(f"{name}: {len(arrays)} tensors, {path.stat().st_size / 1000:.0f} kB")
    logits, gone = without_units()
    write_safetensors(OUT / "structured.safetensors", logits)
    document = {"about": "What PyTorch makes of one layer; made by training/compression_fixtures.py, never by hand.",
                "parts": {name: [{"modules": modules, "cases": cases} for modules, cases in parts] for name, (_, parts, _) in found.items()},
                "structured": {"sequences": tiny_sequences(), "steps": STRUCTURED, "gone": gone},
                "cases": {case: [*([PRUNED_BEFORE[case]] if case in PRUNED_BEFORE else []), step] for case, step in CASES.items()}}
    (OUT / "golden.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
