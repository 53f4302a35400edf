"""Writes src/testing/fixtures/compression/embeddings.*: what the tiny model becomes where a step rounds its embeddings too.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/embeddings_fixture.py

`<case>/<module>/codes` U8 [vocabSize, hiddenSize], `scales` F32 and `zero-points` U8 [vocabSize, hiddenSize / groupSize], and `<case>/logits`
F32 [length, vocabSize] of the sequence in embeddings.json. Cases whose name begins with `untied` are of the same model with a head of its own,
which is `head` F32 [vocabSize, hiddenSize].
"""

import json
from dataclasses import replace
from typing import Dict, List, Tuple

import numpy as np
import torch

from compress import EMBEDDINGS, apply_recipe
from compression_fixtures import OUT, tiny_sequences
from experiment import numpy_weights, with_weights
from make_fixtures import OUT as TINY
from model import Llama
from safetensors_io import write_safetensors

# --- config -----------------------------------------------------------------
GRID = {"bits": 4, "groupSize": 32, "symmetric": False}
CASES: Dict[str, List[dict]] = {
    "8 bit": [{"method": "rtn", **GRID, "embeddings": 8}],
    "4 bit": [{"method": "rtn", **GRID, "embeddings": 4}],
    "3 bit, scales in F32": [{"method": "rtn", **GRID, "groupSize": 16, "scaleDtype": "F32", "embeddings": 3}],
    "2 bit, symmetric": [{"method": "rtn", **GRID, "groupSize": 16, "symmetric": True, "embeddings": 2}],
    "twice": [{"method": "rtn", **GRID, "embeddings": 4}, {"method": "rtn", **GRID, "bits": 2, "embeddings": 3}],
    "untied": [{"method": "rtn", **GRID, "embeddings": 4}],
    "untied, left alone": [{"method": "rtn", **GRID}],
}
HEAD_SEED = 3
# ----------------------------------------------------------------------------


def models() -> Dict[bool, Tuple[Llama, Dict[str, np.ndarray]]]:
    """The model and its weights by whether its head is tied."""
    tied = Llama.load(TINY)
    weights = numpy_weights(tied)
    shape = weights["model.embed_tokens.weight"].shape
    head = torch.randn(*shape, generator=torch.Generator().manual_seed(HEAD_SEED)).numpy() * np.float32(0.35)
    untied = with_weights(replace(tied.config, tie_embeddings=False), {**weights, "lm_head.weight": head})
    return {True: (tied, weights), False: (untied, numpy_weights(untied))}


def answers() -> Dict[str, np.ndarray]:
    """The tensors of the file."""
    found, arrays = models(), {}
    arrays["head"] = found[False][1]["lm_head.weight"]
    for case, steps in CASES.items():
        model, weights = found[not case.startswith("untied")]
        variant = apply_recipe(weights, model.linear_modules(), {"version": 1, "steps": steps})
        for m in EMBEDDINGS:
            if m in variant.grids:
                grid = variant.grids[m]
                arrays.update({f"{case}/{m}/codes": grid.codes, f"{case}/{m}/scales": grid.scales, f"{case}/{m}/zero-points": grid.zero_points})
        arrays[f"{case}/logits"] = with_weights(model.config, variant.weights)(torch.tensor(tiny_sequences()[:1])).logits[0].numpy()
    return arrays


@torch.no_grad()
def main() -> None:
    torch.set_num_threads(1)
    write_safetensors(OUT / "embeddings.safetensors", answers())
    document = {"about": "Made by training/embeddings_fixture.py, never by hand.", "sequence": tiny_sequences()[0], "cases": CASES}
    (OUT / "embeddings.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
