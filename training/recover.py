"""How a repair helps a variant: soft prompt, prefix, LoRA, and the choice among a pool's prompts (IDP).

Soft prompts: Lester et al. 2021 (arXiv 2104.08691). Prefixes: Li and Liang 2021 (2101.00190). LoRA: Hu et al.
2021 (2106.09685). IDP: Hoang et al. 2023 (2310.00867). Layouts and positions: docs/pack-format.md.

Shapes: n virtual tokens, d hidden, L layers, KV key/value heads, h head size, B contexts, T tokens.
"""

import math
from typing import Dict, List, NamedTuple, Optional

import torch
from torch import Tensor

from model import Config, KeyValue, Llama, Lora, causal_bias, rotary, rotate


class Help(NamedTuple):
    """What a forward pass needs from a repair; `start` is the position of the context's first token."""

    start: int = 0
    past: Optional[List[KeyValue]] = None
    loras: Optional[Dict[str, Lora]] = None


def prompt_kv(model: Llama, prompt: Tensor, start: int) -> List[KeyValue]:
    """Keys and values [1, KV, n, h] per layer of a soft prompt [n, d] alone, at positions start - n .. start - 1."""
    positions = torch.arange(start - prompt.shape[0], start)
    empty = (torch.empty(0, dtype=torch.long),) * 2   # no logits are needed
    return model(embeds=prompt[None], positions=positions, return_kv=True, rows=empty).kv


def prefix_kv(prefix: Tensor, config: Config) -> List[KeyValue]:
    """Keys and values [1, KV, n, h] per layer of a prefix [n, 2 L KV h]; its keys carry no rotation."""
    n = prefix.shape[0]
    parts = prefix.view(1, n, 2 * config.num_layers, config.num_kv_heads, config.head_dim).permute(2, 0, 3, 1, 4)
    return [(parts[2 * i], parts[2 * i + 1]) for i in range(config.num_layers)]


def help_of(model: Llama, kind: str, tensors, start: Optional[int] = None) -> Help:
    """Help of a repair: `prompt` [n, d], `prefix` [n, 2 L KV h] or `lora` (module -> (A, B, scale)); `none` helps not."""
    if kind == "none":
        return Help()
    if kind == "prompt":
        start = tensors.shape[0] if start is None else start
        return Help(start, prompt_kv(model, tensors, start))
    if kind == "prefix":
        return Help(tensors.shape[0], prefix_kv(tensors, model.config))
    if kind == "lora":
        return Help(loras=tensors)
    raise ValueError(f"unknown kind {kind!r}")


def helped_forward(model: Llama, help: Help, ids: Tensor, **options):
    """Forward pass of contexts [B, T] behind the help's keys and values."""
    positions = torch.arange(help.start, help.start + ids.shape[1])
    return model(ids, positions=positions, past=help.past, loras=help.loras, **options)


def merge_loras(weights: Dict[str, Tensor], loras: Dict[str, Lora]) -> Dict[str, Tensor]:
    """W' = W + scale * B A for every adapted module; other tensors are passed on.

    In float64, rounded once: rounding to a grid would turn the last bit of a float32 sum into a whole step.
    """
    merged = dict(weights)
    for module, (A, B, scale) in loras.items():
        weight = merged[f"{module}.weight"]
        merged[f"{module}.weight"] = (weight.double() + scale * (B.double() @ A.double())).to(weight.dtype)
    return merged


def routing_scores(model: Llama, prompt_keys: List[Tensor], start: int, ids: Tensor, valid: Tensor) -> Tensor:
    """The paper's rule: mean first-layer attention that context tokens pay to each prompt's vectors, [B, m].

    `prompt_keys` are the prompts' first-layer keys [1, KV, n_i, h], each at its end-aligned position; one softmax runs
    over all of them and the input's own tokens (causal). `valid` [B, T] marks the tokens that count, see `counted`:
    neither begin (unless it stands alone) nor padding. Right padding needs no mask of its own, since no earlier token sees it.
    """
    c, layer = model.config, model.model.layers[0]
    B, T = ids.shape
    cos, sin = rotary(torch.arange(start, start + T), c)
    q, k, _ = layer.self_attn.project(layer.input_layernorm(model.embed(ids)), cos, sin, {})
    pool = torch.cat(prompt_keys, dim=2)                                             # [1, KV, N, h]
    N = pool.shape[2]
    keys = torch.cat([pool.expand(B, -1, -1, -1), k], dim=2)
    scores = q.reshape(B, c.num_kv_heads, -1, c.head_dim) @ keys.transpose(2, 3) / math.sqrt(c.head_dim)
    scores = scores.view(B, c.num_heads, T, N + T) + causal_bias(T, N, None)
    paid = scores.softmax(-1)[..., :N].mean(1)                                        # [B, T, N], mean over heads
    weight = valid.float() / valid.float().sum(1, keepdim=True)
    paid = (paid * weight[..., None]).sum(1)                                          # [B, N], mean over tokens
    return torch.stack([part.mean(1) for part in paid.split([k.shape[2] for k in prompt_keys], dim=1)], dim=1)


def counted(ids: Tensor) -> Tensor:
    """The tokens [B, T] that a routing score is the mean over: all but the begin token, which counts where it is all that is given."""
    valid = torch.ones(ids.shape, dtype=torch.bool)
    valid[:, 0] = ids.shape[1] == 1
    return valid


def pool_keys(model: Llama, pool: List[Tensor]) -> List[Tensor]:
    """First-layer keys [1, KV, n_i, h] of a pool's prompts, end-aligned before position max(n_i)."""
    start, layer = max(p.shape[0] for p in pool), model.model.layers[0]
    keys = []
    for prompt in pool:
        cos, sin = rotary(torch.arange(start - prompt.shape[0], start), model.config)
        keys.append(layer.self_attn.project(layer.input_layernorm(prompt[None]), cos, sin, {})[1])
    return keys
