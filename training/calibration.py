"""What calibrated methods see: sentences of the calibration fold and general ones, and what is gathered of the inputs that they cause.

No fact of another fold is among them. A sample is one sentence alone, begin and end token included, from position 0.
"""

from dataclasses import dataclass
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

# A tap is an input X [tokens, in] that matrices share.
TAPS = {"self_attn.q_proj": "attn", "self_attn.k_proj": "attn", "self_attn.v_proj": "attn", "self_attn.o_proj": "o",
        "mlp.gate_proj": "mlp", "mlp.up_proj": "mlp", "mlp.down_proj": "down"}
FIRST_OF_TAP = {"attn": "self_attn.q_proj", "o": "self_attn.o_proj", "mlp": "mlp.gate_proj", "down": "mlp.down_proj"}


@dataclass
class TapInputs:
    """What is gathered at a tap over all tokens, in float64."""

    gram: Tensor        # X^T X [in, in]
    magnitudes: Tensor  # mean |x| of each input [in]


# What the taps of one layer read, by tap, in a model with these weights.
Capture = Callable[[Dict[str, np.ndarray], int], Dict[str, TapInputs]]


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
    """A function that runs the sequences through a model with given weights and gathers what a layer's taps read."""

    def capture(weights: Dict[str, np.ndarray], layer: int) -> Dict[str, TapInputs]:
        model = Llama(config).eval()
        model.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(w)) for name, w in weights.items()})
        return layer_inputs(model, sequences, layer)

    return capture


@torch.no_grad()
def layer_inputs(model: Llama, sequences: List[List[int]], layer: int) -> Dict[str, TapInputs]:
    """What the taps of one layer read, over all tokens of all sequences, by tap."""
    found: Dict[str, TapInputs] = {}
    tokens = sum(len(s) for s in sequences)

    def adder(tap: str):
        def add(_, inputs) -> None:
            x = inputs[0].flatten(0, 1).double()
            if tap not in found:
                found[tap] = TapInputs(torch.zeros(x.shape[1], x.shape[1], dtype=x.dtype), torch.zeros(x.shape[1], dtype=x.dtype))
            found[tap].gram += x.T @ x
            found[tap].magnitudes += x.abs().sum(0) / tokens
        return add

    modules = dict(model.model.layers[layer].named_modules())
    hooks = [modules[name].register_forward_pre_hook(adder(tap)) for tap, name in FIRST_OF_TAP.items()]
    for chosen in batches([len(s) for s in sequences]):
        model(torch.tensor([sequences[i] for i in chosen]))
    for hook in hooks:
        hook.remove()
    return found
