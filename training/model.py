"""A Llama decoder in plain PyTorch: RMSNorm, rotary positions, grouped-query attention, SwiGLU.

Architecture: Touvron et al. 2023 (arXiv 2302.13971); RoPE: Su et al. 2021 (2104.09864), in the
half-rotation layout of Hugging Face checkpoints; GQA: Ainslie et al. 2023 (2305.13245).
State-dict names are those of `LlamaForCausalLM`, so a state dict is a checkpoint's tensors.

Shapes: B batch, T new tokens, P past positions, d hidden, H heads, KV key/value heads, h head size.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Tuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# One module's adapter, applied beside the weight: y = W x + scale * B (A x), A [r, in], B [out, r].
Lora = Tuple[Tensor, Tensor, float]
# Rotated keys and values of one layer, each [1 or B, KV, P, h].
KeyValue = Tuple[Tensor, Tensor]
Inside = Tuple[Tensor, Tensor]  # one layer's attention [B, H, T, P + T], and what its down_proj reads [B, T, intermediate]

LINEAR_NAMES = (
    "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
    "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj",
)


@dataclass
class Config:
    """Sizes of a checkpoint; `load` and `save` translate to Hugging Face's config.json."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_layers: int
    num_heads: int
    num_kv_heads: int
    head_dim: int
    rope_theta: float = 10000.0
    norm_eps: float = 1e-5
    max_positions: int = 512
    tie_embeddings: bool = True
    begin_id: int = 0
    end_id: int = 1
    pad_id: int = 2
    dtype: str = "float32"

    def to_hf(self) -> dict:
        return {
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
            "vocab_size": self.vocab_size, "hidden_size": self.hidden_size,
            "intermediate_size": self.intermediate_size, "num_hidden_layers": self.num_layers,
            "num_attention_heads": self.num_heads, "num_key_value_heads": self.num_kv_heads,
            "head_dim": self.head_dim, "rope_theta": self.rope_theta, "rope_scaling": None,
            "rms_norm_eps": self.norm_eps, "max_position_embeddings": self.max_positions,
            "tie_word_embeddings": self.tie_embeddings, "attention_bias": False, "mlp_bias": False,
            "bos_token_id": self.begin_id, "eos_token_id": self.end_id, "pad_token_id": self.pad_id,
            "torch_dtype": self.dtype, "use_cache": True,
        }

    @staticmethod
    def from_hf(raw: dict) -> "Config":
        heads = raw["num_attention_heads"]
        return Config(
            vocab_size=raw["vocab_size"], hidden_size=raw["hidden_size"],
            intermediate_size=raw["intermediate_size"], num_layers=raw["num_hidden_layers"],
            num_heads=heads, num_kv_heads=raw.get("num_key_value_heads") or heads,
            head_dim=raw.get("head_dim") or raw["hidden_size"] // heads,
            rope_theta=raw.get("rope_theta", 10000.0), norm_eps=raw.get("rms_norm_eps", 1e-6),
            max_positions=raw.get("max_position_embeddings", 2048),
            tie_embeddings=raw.get("tie_word_embeddings", False),
            begin_id=raw.get("bos_token_id", 0), end_id=raw.get("eos_token_id", 1),
            pad_id=raw.get("pad_token_id", 2), dtype=raw.get("torch_dtype") or "float32",
        )

    def save(self, folder: Path) -> None:
        (Path(folder) / "config.json").write_text(json.dumps(self.to_hf(), indent=2) + "\n")

    @staticmethod
    def load(folder: Path) -> "Config":
        return Config.from_hf(json.loads((Path(folder) / "config.json").read_text()))


class Output(NamedTuple):
    logits: Tensor                      # [B, T, vocab], or [rows, vocab] where rows were asked for
    kv: Optional[List[KeyValue]]        # per layer, past included: [B, KV, P + T, h]
    hidden: Optional[List[Tensor]]      # embeddings, then each layer's output, each [B, T, d] (before the last norm)
    inside: Optional[List[Inside]] = None


class RMSNorm(nn.Module):
    """x / sqrt(mean(x^2) + eps) * weight."""

    def __init__(self, size: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def rotary(positions: Tensor, config: Config) -> Tuple[Tensor, Tensor]:
    """Cosines and sines [..., h] at positions [...]; angle(p, j) = p * theta^(-2j / h), halves repeated."""
    j = torch.arange(0, config.head_dim, 2, dtype=torch.float32, device=positions.device)
    angles = positions.float()[..., None] * config.rope_theta ** (-j / config.head_dim)
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """RoPE of x [B, heads, T, h]: element j turns with element j + h/2."""
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin


def causal_bias(num_new: int, num_past: int, keys_valid: Optional[Tensor], device=None) -> Tensor:
    """0 where a query may look, -inf elsewhere: [1, 1, T, P + T], or [B, 1, T, P + T] with `keys_valid` [B, P + T]."""
    bias = torch.full((num_new, num_past + num_new), -math.inf, device=device).triu_(num_past + 1)[None, None]
    if keys_valid is None:
        return bias
    return bias.masked_fill(~keys_valid.bool()[:, None, None, :], -math.inf)


def linear(layer: nn.Linear, x: Tensor, lora: Optional[Lora]) -> Tensor:
    y = layer(x)
    if lora is None:
        return y
    A, B, scale = lora
    return y + scale * F.linear(F.linear(x, A), B)


class Attention(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.config = c
        self.q_proj = nn.Linear(c.hidden_size, c.num_heads * c.head_dim, bias=False)
        self.k_proj = nn.Linear(c.hidden_size, c.num_kv_heads * c.head_dim, bias=False)
        self.v_proj = nn.Linear(c.hidden_size, c.num_kv_heads * c.head_dim, bias=False)
        self.o_proj = nn.Linear(c.num_heads * c.head_dim, c.hidden_size, bias=False)

    def project(self, x: Tensor, cos: Tensor, sin: Tensor, loras: Dict[str, Lora]) -> Tuple[Tensor, Tensor, Tensor]:
        """Rotated queries [B, H, T, h], rotated keys and values [B, KV, T, h] of normed input [B, T, d]."""
        B, T, _ = x.shape
        heads = lambda y: y.view(B, T, -1, self.config.head_dim).transpose(1, 2)
        q = heads(linear(self.q_proj, x, loras.get("self_attn.q_proj")))
        k = heads(linear(self.k_proj, x, loras.get("self_attn.k_proj")))
        v = heads(linear(self.v_proj, x, loras.get("self_attn.v_proj")))
        return rotate(q, cos, sin), rotate(k, cos, sin), v

    def forward(self, x, cos, sin, bias, past: Optional[KeyValue], loras) -> Tuple[Tensor, KeyValue, Tensor]:
        c = self.config
        B, T, _ = x.shape
        q, k, v = self.project(x, cos, sin, loras)
        if past is not None:
            k = torch.cat([past[0].expand(B, -1, -1, -1), k], dim=2)
            v = torch.cat([past[1].expand(B, -1, -1, -1), v], dim=2)
        # Query head i reads key/value head i // (H / KV); the heads of a group lie beside each other.
        q = q.reshape(B, c.num_kv_heads, -1, T, c.head_dim)                   # [B, KV, H/KV, T, h]
        scores = q.flatten(2, 3) @ k.transpose(2, 3) / math.sqrt(c.head_dim)  # [B, KV, H/KV * T, P + T]
        shares = (scores.view(B, c.num_kv_heads, -1, T, k.shape[2]) + bias[:, :, None]).softmax(-1)
        out = shares.flatten(2, 3) @ v                                        # [B, KV, H/KV * T, h]
        out = out.view(B, c.num_heads, T, c.head_dim).transpose(1, 2).reshape(B, T, -1)
        return linear(self.o_proj, out, loras.get("self_attn.o_proj")), (k, v), shares.flatten(1, 2)


class MLP(nn.Module):
    """down(silu(gate x) * up x), and the product that down reads."""

    def __init__(self, c: Config):
        super().__init__()
        self.gate_proj = nn.Linear(c.hidden_size, c.intermediate_size, bias=False)
        self.up_proj = nn.Linear(c.hidden_size, c.intermediate_size, bias=False)
        self.down_proj = nn.Linear(c.intermediate_size, c.hidden_size, bias=False)

    def forward(self, x: Tensor, loras: Dict[str, Lora]) -> Tuple[Tensor, Tensor]:
        gate = F.silu(linear(self.gate_proj, x, loras.get("mlp.gate_proj")))
        up = linear(self.up_proj, x, loras.get("mlp.up_proj"))
        activations = gate * up
        return linear(self.down_proj, activations, loras.get("mlp.down_proj")), activations


class Layer(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.input_layernorm = RMSNorm(c.hidden_size, c.norm_eps)
        self.self_attn = Attention(c)
        self.post_attention_layernorm = RMSNorm(c.hidden_size, c.norm_eps)
        self.mlp = MLP(c)

    def forward(self, x, cos, sin, bias, past, loras) -> Tuple[Tensor, KeyValue, Inside]:
        attended, kv, shares = self.self_attn(self.input_layernorm(x), cos, sin, bias, past, loras)
        x = x + attended
        output, activations = self.mlp(self.post_attention_layernorm(x), loras)
        return x + output, kv, (shares, activations)


class Decoder(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.embed_tokens = nn.Embedding(c.vocab_size, c.hidden_size)
        self.layers = nn.ModuleList([Layer(c) for _ in range(c.num_layers)])
        self.norm = RMSNorm(c.hidden_size, c.norm_eps)


class Llama(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.model = Decoder(config)
        if not config.tie_embeddings:
            self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)

    def init_weights(self, generator: torch.Generator, std: float = 0.02) -> None:
        """Normal weights; the two matrices that write into the residual stream are divided by sqrt(2 layers) (GPT-2)."""
        with torch.no_grad():
            for name, p in self.named_parameters():
                if p.dim() < 2:
                    continue
                writes_residual = name.endswith(("o_proj.weight", "down_proj.weight"))
                p.normal_(0.0, std / math.sqrt(2 * self.config.num_layers) if writes_residual else std, generator=generator)

    def linear_modules(self) -> List[str]:
        """The matrices that recipes and adapters act on, in the order of docs/pack-format.md."""
        return [f"model.layers.{i}.{name}" for i in range(self.config.num_layers) for name in LINEAR_NAMES]

    def embed(self, ids: Tensor) -> Tensor:
        return self.model.embed_tokens(ids)

    def head(self, hidden: Tensor) -> Tensor:
        """Logits of last-layer output [..., d] (before the last norm)."""
        weight = self.model.embed_tokens.weight if self.config.tie_embeddings else self.lm_head.weight
        return F.linear(self.model.norm(hidden), weight)

    def forward(
        self,
        ids: Optional[Tensor] = None,                   # [B, T]
        embeds: Optional[Tensor] = None,                # [B, T, d], instead of ids
        positions: Optional[Tensor] = None,             # [T] or [B, T]; P .. P + T - 1 if left out
        past: Optional[List[KeyValue]] = None,          # per layer; batch 1 is expanded
        keys_valid: Optional[Tensor] = None,            # [B, P + T] bool; right padding alone does not need it (causal)
        loras: Optional[Dict[str, Lora]] = None,        # module name -> (A, B, scale), unmerged
        rows: Optional[Tuple[Tensor, Tensor]] = None,   # (batch index, token index): logits of these rows only
        return_kv: bool = False,
        return_hidden: bool = False,
        return_inside: bool = False,                    # of every layer
    ) -> Output:
        x = self.embed(ids) if embeds is None else embeds
        T, P = x.shape[1], 0 if past is None else past[0][0].shape[2]
        if positions is None:
            positions = torch.arange(P, P + T, device=x.device)
        cos, sin = rotary(positions, self.config)       # [T, h] or [B, T, h]
        if positions.dim() == 2:
            cos, sin = cos[:, None], sin[:, None]       # beside the heads
        bias = causal_bias(T, P, keys_valid, x.device)
        by_layer = split_loras(loras, self.config.num_layers)
        kv, hidden, inside = [], [x], []
        for i, layer in enumerate(self.model.layers):
            x, layer_kv, layer_inside = layer(x, cos, sin, bias, None if past is None else past[i], by_layer[i])
            if return_kv:
                kv.append(layer_kv)
            if return_hidden:
                hidden.append(x)
            if return_inside:
                inside.append(layer_inside)
        if rows is not None:
            x = x[rows]
        return Output(self.head(x), kv if return_kv else None, hidden if return_hidden else None, inside if return_inside else None)

    @staticmethod
    def load(folder: Path) -> "Llama":
        """A checkpoint folder's model in float32, in eval mode."""
        from safetensors_io import read_safetensors
        model = Llama(Config.load(folder))
        tensors = read_safetensors(Path(folder) / "model.safetensors")
        model.load_state_dict({name: torch.from_numpy(t).float() for name, t in tensors.items()})
        return model.eval()

    def save(self, folder: Path, dtype: str = "float32") -> None:
        """Writes config.json and model.safetensors; `dtype` is float32 or float16."""
        from dataclasses import replace
        from safetensors_io import write_safetensors
        Path(folder).mkdir(parents=True, exist_ok=True)
        replace(self.config, dtype=dtype).save(folder)
        tensors = {name: t.detach().cpu().numpy().astype(dtype) for name, t in self.state_dict().items()}
        write_safetensors(Path(folder) / "model.safetensors", tensors)


def split_loras(loras: Optional[Dict[str, Lora]], num_layers: int) -> List[Dict[str, Lora]]:
    """The adapters of each layer, by the name within the layer (`mlp.up_proj`)."""
    by_layer: List[Dict[str, Lora]] = [{} for _ in range(num_layers)]
    for name, lora in (loras or {}).items():
        _, _, index, inner = name.split(".", 3)
        by_layer[int(index)][inner] = lora
    return by_layer
