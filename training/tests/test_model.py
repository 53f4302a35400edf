"""The model against loops that follow the formulas word by word."""

import math

import torch

from model import Config, Llama, RMSNorm

CONFIG = Config(vocab_size=40, hidden_size=16, intermediate_size=24, num_layers=2, num_heads=4, num_kv_heads=2, head_dim=8)


def make_model(seed: int = 0) -> Llama:
    model = Llama(CONFIG).eval()
    model.init_weights(torch.Generator().manual_seed(seed), std=0.3)
    return model


def naive_rotate(x, position):
    half, out = CONFIG.head_dim // 2, x.clone()
    for j in range(half):
        angle = position * CONFIG.rope_theta ** (-2 * j / CONFIG.head_dim)
        out[j] = x[j] * math.cos(angle) - x[j + half] * math.sin(angle)
        out[j + half] = x[j + half] * math.cos(angle) + x[j] * math.sin(angle)
    return out


def naive_attention(attention, x):
    h, group, T = CONFIG.head_dim, CONFIG.num_heads // CONFIG.num_kv_heads, x.shape[0]
    q, k, v = (x @ p.weight.T for p in (attention.q_proj, attention.k_proj, attention.v_proj))
    out = torch.zeros(T, CONFIG.num_heads * h)
    for t in range(T):
        for head in range(CONFIG.num_heads):
            kv = head // group
            query = naive_rotate(q[t, head * h:(head + 1) * h], t)
            scores = torch.stack([query @ naive_rotate(k[s, kv * h:(kv + 1) * h], s) for s in range(t + 1)]) / math.sqrt(h)
            out[t, head * h:(head + 1) * h] = scores.softmax(0) @ v[:t + 1, kv * h:(kv + 1) * h]
    return out @ attention.o_proj.weight.T


@torch.no_grad()
def test_forward_equals_a_naive_loop():
    model, ids = make_model(), torch.tensor([0, 5, 9, 31, 7])
    x = model.embed(ids)
    for layer in model.model.layers:
        x = x + naive_attention(layer.self_attn, layer.input_layernorm(x))
        y = layer.post_attention_layernorm(x)
        gate, up = y @ layer.mlp.gate_proj.weight.T, y @ layer.mlp.up_proj.weight.T
        x = x + (gate * torch.sigmoid(gate) * up) @ layer.mlp.down_proj.weight.T
    logits = model.model.norm(x) @ model.model.embed_tokens.weight.T
    assert torch.allclose(model(ids[None]).logits[0], logits, atol=1e-5)


def test_norm_divides_by_the_root_mean_square():
    norm = RMSNorm(4, 1e-5)
    assert torch.allclose(norm(torch.tensor([2.0, -2, 2, -2])), torch.tensor([1.0, -1, 1, -1]), atol=1e-5)


@torch.no_grad()
def test_a_cache_gives_what_the_whole_sequence_gives():
    model, ids = make_model(), torch.randint(0, 40, (3, 7))
    first = model(ids[:, :4], return_kv=True)
    assert torch.allclose(model(ids[:, 4:], past=first.kv).logits, model(ids).logits[:, 4:], atol=1e-5)


@torch.no_grad()
def test_a_shared_past_is_expanded_over_the_batch():
    model, ids, prompt = make_model(), torch.randint(0, 40, (3, 5)), torch.randint(0, 40, (1, 4))
    shared = model(ids, past=model(prompt, return_kv=True).kv).logits
    whole = model(torch.cat([prompt.expand(3, -1), ids], dim=1)).logits[:, 4:]
    assert torch.allclose(shared, whole, atol=1e-5)


@torch.no_grad()
def test_right_padding_changes_nothing_before_it_and_masked_keys_are_not_seen():
    model, ids = make_model(), torch.randint(3, 40, (1, 6))
    padded = torch.cat([ids, torch.full((1, 3), 2)], dim=1)
    assert torch.allclose(model(padded).logits[:, :6], model(ids).logits, atol=1e-5)
    cache = model(padded[:, :-1], return_kv=True).kv          # two padding tokens in the middle
    valid = torch.tensor([[True] * 6 + [False] * 2 + [True]])
    masked = model(torch.tensor([[9]]), past=cache, positions=torch.tensor([6]), keys_valid=valid).logits
    whole = model(torch.cat([ids, torch.tensor([[9]])], dim=1)).logits[:, -1:]
    assert torch.allclose(masked, whole, atol=1e-5)


@torch.no_grad()
def test_gathered_rows_equal_the_full_logits_and_config_survives_its_file(tmp_path):
    model, ids = make_model(), torch.randint(0, 40, (2, 5))
    rows = (torch.tensor([0, 1]), torch.tensor([3, 0]))
    assert torch.allclose(model(ids, rows=rows).logits, model(ids).logits[rows], atol=1e-5)
    model.save(tmp_path)
    loaded = Llama.load(tmp_path)
    assert loaded.config == model.config and torch.equal(loaded(ids).logits, model(ids).logits)
