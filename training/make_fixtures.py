"""Writes src/testing/fixtures/tiny/: a seeded random Llama and the exact answers that an engine must give on it.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/make_fixtures.py

Tensors go into golden.safetensors; golden.json says in one line each what a tensor is, and holds ids, recipes and sums.
Names are `<regime>/<what>`, where a regime is `<base>/<recovery>` (`dense/none`, `magnitude/lora-recompressed`).
"""

import json
from pathlib import Path
from typing import Dict, List

import numpy as np
import torch
from torch import Tensor

from compress import apply_recipe, recompress
from model import Config, Llama
from peft_io import save_lora, save_prefix, save_prompt
from pruning import magnitude_masks
from recover import Help, help_of, helped_forward, merge_loras, pool_keys, routing_scores
from rounding import rtn

# --- config -----------------------------------------------------------------
OUT = Path(__file__).parent.parent / "src/testing/fixtures/tiny"
SEED = 7
# Head size differs from hidden / heads on purpose; groups of 16 and 32 divide every matrix.
CONFIG = Config(vocab_size=160, hidden_size=32, intermediate_size=96, num_layers=2, num_heads=4, num_kv_heads=2, head_dim=16,
                rope_theta=10000.0, norm_eps=1e-5, max_positions=128)
WEIGHT_STEP = 1 / 256         # weights are multiples of this, so that ties and half-way roundings occur
POOL_LENGTHS = [3, 5, 2]
LORA_R, LORA_ALPHA = 2, 4
RTN_MATRIX = "model.layers.0.self_attn.o_proj"
DECODE_STEPS = 6
RECIPES = {
    "magnitude": [{"method": "magnitude", "sparsity": 0.5, "granularity": "per-output"}],
    "rtn": [{"method": "rtn", "bits": 4, "groupSize": 32, "symmetric": False}],
    "rtn-mixed": [{"method": "rtn", "bits": 4, "groupSize": 32, "symmetric": False, "bitsPerMatrix": {
        "model.layers.0.self_attn.v_proj": 2, "model.layers.1.mlp.up_proj": 2, "model.layers.1.self_attn.q_proj": 2}}],
    "both": [{"method": "magnitude", "sparsity": 0.37, "granularity": "global", "exclude": ["model.layers.0.self_attn.q_proj"]},
             {"method": "rtn", "bits": 8, "groupSize": 16, "symmetric": True}],
}
# ----------------------------------------------------------------------------

arrays: Dict[str, np.ndarray] = {}
meaning: Dict[str, str] = {}


def put(name: str, tensor, text: str) -> None:
    array = tensor.detach().numpy() if isinstance(tensor, Tensor) else np.asarray(tensor)
    arrays[name], meaning[name] = array, f"{array.dtype} {list(array.shape)}: {text}"


def tiny_model(generator: torch.Generator) -> Llama:
    model = Llama(CONFIG).eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() == 1:
                p.uniform_(0.7, 1.3, generator=generator)
            else:
                p.normal_(0, 0.35 if "embed" in name else 0.25, generator=generator)
            p.copy_((p / WEIGHT_STEP).round() * WEIGHT_STEP)
        edge = dict(model.named_parameters())[f"{RTN_MATRIX}.weight"]
        edge[0, :16] = 0            # a group without range
        edge[1] = edge[1].abs()     # only positive: zero point 0
        edge[2] = -edge[2].abs()    # only negative: zero point at the top
        edge[3] = 0.125             # all equal: pruning takes the lower indices first
        edge[3, ::3] = -0.125
    return model


def with_weights(weights: Dict[str, np.ndarray]) -> Llama:
    model = Llama(CONFIG).eval()
    model.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(w)) for name, w in weights.items()})
    return model


def numpy_weights(state: Dict[str, Tensor]) -> Dict[str, np.ndarray]:
    return {name: t.detach().numpy() for name, t in state.items()}


def golden_run(regime: str, model: Llama, help: Help, ids: List[int], target: List[int], full: bool) -> None:
    """Logits, log-probabilities and a greedy decode of one regime; with `full` caches and hidden states too."""
    out = helped_forward(model, help, torch.tensor([ids]), return_kv=True, return_hidden=True)
    put(f"{regime}/logits", out.logits[0], "logits at every position of ids.sequence")
    if full:
        for i, (k, v) in enumerate(out.kv):
            put(f"{regime}/k.{i}", k[0], f"layer {i}'s cached keys [kvHeads, past + tokens, headDim], rotated; the help's own come first")
            put(f"{regime}/v.{i}", v[0], f"layer {i}'s cached values, laid out alike")
        for i, h in enumerate(out.hidden):
            put(f"{regime}/hidden.{i}", h[0], "token embeddings" if i == 0 else f"output of layer {i - 1} (residual stream, before any later norm)")
    both = helped_forward(model, help, torch.tensor([ids + target]))
    logprobs = both.logits[0].log_softmax(-1)[len(ids) - 1:-1].gather(1, torch.tensor(target)[:, None])[:, 0]
    put(f"{regime}/target-logprobs", logprobs, "log-probability of each token of ids.target after ids.sequence")
    tokens, steps = list(ids[:5]), []
    for _ in range(DECODE_STEPS):
        steps.append(helped_forward(model, help, torch.tensor([tokens])).logits[0, -1])
        tokens.append(int(steps[-1].argmax()))
    put(f"{regime}/decode-ids", np.array(tokens[5:], dtype=np.int64), "greedy continuation of the first 5 tokens of ids.sequence")
    if full:
        put(f"{regime}/decode-logits", torch.stack(steps), "the logits that chose each token of decode-ids")


def golden_pool(model: Llama, pool: List[Tensor], sequences: List[List[int]]) -> None:
    start = max(p.shape[0] for p in pool)
    longest = max(map(len, sequences))
    ids = torch.tensor([s + [CONFIG.pad_id] * (longest - len(s)) for s in sequences])
    valid = torch.tensor([[0 < t < len(s) for t in range(longest)] for s in sequences])
    scores = routing_scores(model, pool_keys(model, pool), start, ids, valid)
    put("dense/pool/scores", scores, "routing scores [contexts, prompts] of ids.sequence and ids.short, begin token left out")
    put("dense/pool/choice", scores.argmax(1), "the prompt chosen for each of the two contexts")
    for i, prompt in enumerate(pool):
        help = help_of(model, "prompt", prompt, start)
        rows = [helped_forward(model, help, torch.tensor([s])).logits[0, -1] for s in sequences]
        put(f"dense/pool/{i}/logits", torch.stack(rows), f"last-position logits of the two contexts behind prompt {i}, end-aligned before position {start}")


def golden_compression(weights: Dict[str, np.ndarray], modules: List[str]) -> None:
    matrices = {m: weights[f"{m}.weight"] for m in modules}
    for granularity in ("per-output", "per-layer", "global"):
        for sparsity in (0.5, 0.37):
            masks = magnitude_masks(matrices, sparsity, granularity)
            bits = np.packbits(np.concatenate([masks[m].ravel() for m in modules]), bitorder="little")
            put(f"mask/{granularity}/{sparsity}", bits, "kept weights of all modules, row-major in the order of `modules`; bit j of byte i is weight 8 i + j")
    for bits in (2, 3, 4, 8):
        for symmetric in (False, True):
            for group in (16, 32):
                name = f"rtn/{bits}-{'symmetric' if symmetric else 'asymmetric'}-{group}"
                q = rtn(matrices[RTN_MATRIX], bits, group, symmetric)
                put(f"{name}/codes", q.codes, f"codes of {RTN_MATRIX}")
                put(f"{name}/scales", q.scales, "scales [out, in / groupSize], rounded to F16")
                put(f"{name}/zero-points", q.zero_points, "zero points, laid out as the scales")


def main() -> None:
    torch.set_grad_enabled(False)
    g = torch.Generator().manual_seed(SEED)
    model = tiny_model(g)
    weights, modules = numpy_weights(model.state_dict()), model.linear_modules()
    draw = lambda *shape, scale: torch.randn(*shape, generator=g) * scale
    prompt, prefix = draw(5, CONFIG.hidden_size, scale=0.5), draw(4, 2 * CONFIG.num_layers * CONFIG.num_kv_heads * CONFIG.head_dim, scale=1.0)
    pool = [draw(n, CONFIG.hidden_size, scale=1.0) for n in POOL_LENGTHS]
    loras = {}
    for m in modules:
        out, columns = weights[f"{m}.weight"].shape
        loras[m] = (draw(LORA_R, columns, scale=0.2), draw(out, LORA_R, scale=0.2), LORA_ALPHA / LORA_R)
    randint = lambda n: torch.randint(3, CONFIG.vocab_size, (n,), generator=g).tolist()
    sequence, target = [0] + randint(8), randint(3) + [1]
    choice = lambda ids: int(routing_scores(model, pool_keys(model, pool), max(POOL_LENGTHS), torch.tensor([ids]), torch.tensor([[t > 0 for t in range(len(ids))]])).argmax())
    short = next(ids for ids in ([0] + randint(5) for _ in range(1000)) if choice(ids) != choice(sequence))

    model.save(OUT)
    save_prompt(OUT / "prompt", CONFIG, prompt, "float32")
    save_prefix(OUT / "prefix", CONFIG, prefix, "float32")
    save_lora(OUT / "lora", loras, LORA_R, LORA_ALPHA, "float32")
    for i, p in enumerate(pool):
        save_prompt(OUT / f"pool/prompt-{i}", CONFIG, p, "float32")
    (OUT / "pool/pool.json").write_text(json.dumps({"prompts": [f"prompt-{i}" for i in range(len(pool))], "virtualTokens": POOL_LENGTHS}, indent=2) + "\n")

    golden_run("dense/none", model, Help(), sequence, target, full=True)
    golden_run("dense/prompt", model, help_of(model, "prompt", prompt), sequence, target, full=True)
    golden_run("dense/prefix", model, help_of(model, "prefix", prefix), sequence, target, full=True)
    golden_run("dense/lora", model, help_of(model, "lora", loras), sequence, target, full=False)
    golden_pool(model, pool, [sequence, short])
    golden_compression(weights, modules)
    for name, steps in RECIPES.items():
        variant = apply_recipe(weights, modules, {"version": 1, "steps": steps})
        compressed = with_weights(variant.weights)
        golden_run(f"{name}/none", compressed, Help(), sequence, target, full=False)
        if name in ("magnitude", "rtn"):
            golden_run(f"{name}/prompt", compressed, help_of(compressed, "prompt", prompt), sequence, target, full=False)
            golden_run(f"{name}/lora", compressed, help_of(compressed, "lora", loras), sequence, target, full=False)
            merged = numpy_weights(merge_loras(compressed.state_dict(), loras))
            golden_run(f"{name}/lora-recompressed", with_weights(recompress(merged, variant)), Help(), sequence, target, full=False)

    from safetensors_io import write_safetensors
    write_safetensors(OUT / "golden.safetensors", arrays)
    document = {
        "about": "Answers of PyTorch in float32 on the tiny model; made by training/make_fixtures.py, never by hand.",
        "regimes": "<base>/<recovery>: base is dense or a recipe below; lora = unmerged = merged without recompression; "
                   "lora-recompressed = merged into the variant, then its old mask or grid put on again.",
        "modules": modules, "rtnMatrix": RTN_MATRIX,
        "ids": {"sequence": sequence, "short": short, "target": target},
        "positions": {"dense/none": 0, "dense/prompt": 5, "dense/prefix": 4, "dense/pool": max(POOL_LENGTHS)},
        "recipes": {name: {"version": 1, "steps": steps} for name, steps in RECIPES.items()},
        "tensors": dict(sorted(meaning.items())),
    }
    (OUT / "golden.json").write_text(json.dumps(document, indent=1) + "\n")
    size = sum(f.stat().st_size for f in OUT.rglob("*") if f.is_file())
    print(f"{len(arrays)} tensors, {size / 1000:.0f} kB")
    for name in sorted(arrays):
        if name.endswith("/logits"):
            print(f"{name:40s} std {arrays[name].std():.2f}  decode {arrays.get(name[:-6] + 'decode-ids')}")
    print(arrays["dense/pool/scores"])


if __name__ == "__main__":
    main()
