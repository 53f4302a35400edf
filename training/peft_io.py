"""PEFT folders of repairs: adapter_config.json and adapter_model.safetensors (keys as peft 0.21 reads them)."""

import json
from pathlib import Path
from typing import Dict, Tuple

import numpy as np
import torch
from torch import Tensor

from model import LINEAR_NAMES, Config, Lora
from safetensors_io import read_safetensors, write_safetensors

BASE = {"base_model_name_or_path": None, "task_type": "CAUSAL_LM", "inference_mode": True, "revision": None}


def prompt_config(config: Config, n: int) -> dict:
    return {
        **BASE, "peft_type": "PROMPT_TUNING", "num_virtual_tokens": n, "token_dim": config.hidden_size,
        "num_transformer_submodules": 1, "num_layers": config.num_layers, "num_attention_heads": config.num_heads,
        "prompt_tuning_init": "RANDOM", "prompt_tuning_init_text": None, "tokenizer_name_or_path": None,
    }


def prefix_config(config: Config, n: int) -> dict:
    # With grouped-query attention peft counts the key/value heads: token_dim = KV * h.
    width = config.num_kv_heads * config.head_dim
    return {
        **BASE, "peft_type": "PREFIX_TUNING", "num_virtual_tokens": n, "token_dim": width,
        "num_transformer_submodules": 1, "num_layers": config.num_layers, "num_attention_heads": config.num_kv_heads,
        "encoder_hidden_size": width, "prefix_projection": False,
    }


def lora_config(r: int, alpha: float) -> dict:
    return {
        **BASE, "peft_type": "LORA", "r": r, "lora_alpha": alpha, "lora_dropout": 0.0, "bias": "none",
        "target_modules": [name.split(".")[1] for name in LINEAR_NAMES], "fan_in_fan_out": False, "use_rslora": False,
        "use_dora": False, "lora_bias": False, "modules_to_save": None, "layers_to_transform": None,
        "rank_pattern": {}, "alpha_pattern": {}, "init_lora_weights": True,
    }


def save_folder(folder: Path, config: dict, tensors: Dict[str, Tensor], dtype: str) -> None:
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {name: t.detach().numpy().astype(dtype) for name, t in tensors.items()}
    write_safetensors(folder / "adapter_model.safetensors", arrays)
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")


def save_prompt(folder: Path, config: Config, prompt: Tensor, dtype: str = "float16") -> None:
    save_folder(folder, prompt_config(config, prompt.shape[0]), {"prompt_embeddings": prompt}, dtype)


def save_prefix(folder: Path, config: Config, prefix: Tensor, dtype: str = "float16") -> None:
    save_folder(folder, prefix_config(config, prefix.shape[0]), {"prompt_embeddings": prefix}, dtype)


def save_lora(folder: Path, loras: Dict[str, Lora], r: int, alpha: float, dtype: str = "float16") -> None:
    tensors = {}
    for module, (A, B, _) in loras.items():
        tensors[f"base_model.model.{module}.lora_A.weight"] = A
        tensors[f"base_model.model.{module}.lora_B.weight"] = B
    save_folder(folder, lora_config(r, alpha), tensors, dtype)


def load_peft(folder: Path) -> Tuple[str, object]:
    """(kind, tensors) as `recover.help_of` takes them, in float32."""
    folder = Path(folder)
    config = json.loads((folder / "adapter_config.json").read_text())
    arrays = read_safetensors(folder / "adapter_model.safetensors")
    tensors = {name: torch.from_numpy(a.astype(np.float32)) for name, a in arrays.items()}
    kind = {"PROMPT_TUNING": "prompt", "PREFIX_TUNING": "prefix", "LORA": "lora"}[config["peft_type"]]
    if kind != "lora":
        return kind, tensors["prompt_embeddings"]
    start, scale = "base_model.model.", config["lora_alpha"] / config["r"]
    modules = {name[len(start):].rsplit(".lora_", 1)[0]: None for name in tensors}
    return kind, {
        m: (tensors[f"{start}{m}.lora_A.weight"], tensors[f"{start}{m}.lora_B.weight"], scale) for m in modules
    }
