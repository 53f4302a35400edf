"""What calibrated methods see: sentences of the calibration fold and general ones, and the Gram matrices that they cause.

No fact of another fold is among them. A sample is one sentence alone, begin and end token included, from position 0.
"""

from pathlib import Path
from typing import Callable, Dict, List

import numpy as np
import torch
from torch import Tensor

from evaluate import batches
from language import context, general_sentences, target
from model import Llama
from seeded import Seeded
from tokenizer import BEGIN, END

# A tap is an input that matrices share; its Gram matrix is X^T X over all tokens, X [tokens, in].
TAPS = {"self_attn.q_proj": "attn", "self_attn.k_proj": "attn", "self_attn.v_proj": "attn", "self_attn.o_proj": "o",
        "mlp.gate_proj": "mlp", "mlp.up_proj": "mlp", "mlp.down_proj": "down"}
FIRST_OF_TAP = {"attn": "self_attn.q_proj", "o": "self_attn.o_proj", "mlp": "mlp.gate_proj", "down": "mlp.down_proj"}

# The Gram matrices of one layer [in, in] in float64, of a model with these weights.
Capture = Callable[[Dict[str, np.ndarray], int], Dict[str, Tensor]]


def write_general(facts, path: Path) -> None:
    """The general sentences that name no subject, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{s.text}\n" for s in general_sentences(facts) if s.fold == "general"))


def calibration_ids(experiment, samples: int, seed: int) -> List[List[int]]:
    """Token ids of `samples` sentences drawn from all taught forms of the calibration facts, in the task's order, and the pack's general ones."""
    encode = experiment.tokenizer.encode
    ids = []
    for fact in (f for f in experiment.facts if f.fold == "calibration"):
        relation = experiment.relations[fact.relation]
        ids += [[BEGIN, *encode(context(relation, form, fact.subject)), *encode(target(fact.answer)), END] for form in experiment.taught[fact.id]]
    ids += [[BEGIN, *encode(text), END] for text in experiment.general]
    return Seeded(seed).shuffled(ids)[:samples]


def capture_of(config, sequences: List[List[int]]) -> Capture:
    """A function that runs the sequences through a model with given weights and adds up a layer's Gram matrices."""

    def capture(weights: Dict[str, np.ndarray], layer: int) -> Dict[str, Tensor]:
        model = Llama(config).eval()
        model.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(w)) for name, w in weights.items()})
        return grams(model, sequences, layer)

    return capture


@torch.no_grad()
def grams(model: Llama, sequences: List[List[int]], layer: int) -> Dict[str, Tensor]:
    """{tap: X^T X} of one layer, the sum over all tokens of all sequences."""
    found: Dict[str, Tensor] = {}

    def adder(tap: str):
        def add(_, inputs) -> None:
            x = inputs[0].flatten(0, 1).double()
            found[tap] = found[tap] + x.T @ x if tap in found else x.T @ x
        return add

    modules = dict(model.model.layers[layer].named_modules())
    hooks = [modules[name].register_forward_pre_hook(adder(tap)) for tap, name in FIRST_OF_TAP.items()]
    for chosen in batches([len(s) for s in sequences]):
        model(torch.tensor([sequences[i] for i in chosen]))
    for hook in hooks:
        hook.remove()
    return found
