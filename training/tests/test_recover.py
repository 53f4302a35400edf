import numpy as np
import torch

from model import Config, Llama
from peft_io import load_peft, save_lora, save_prefix, save_prompt
from recover import Help, counted, help_of, helped_forward, merge_loras, pool_keys, prefix_kv, prompt_kv, routing_scores
from safetensors_io import read_safetensors, write_safetensors
from test_model import CONFIG, make_model

IDS = torch.tensor([[0, 5, 9, 31, 7], [0, 8, 8, 3, 11]])


def make_loras(model: Llama):
    g = torch.Generator().manual_seed(3)
    weights = model.state_dict()
    return {m: (torch.randn(2, weights[f"{m}.weight"].shape[1], generator=g), torch.randn(weights[f"{m}.weight"].shape[0], 2, generator=g), 0.25)
            for m in model.linear_modules()}


@torch.no_grad()
def test_prompt_keys_equal_concatenated_embeddings():
    model, prompt = make_model(), torch.randn(3, CONFIG.hidden_size)
    helped = helped_forward(model, help_of(model, "prompt", prompt), IDS).logits
    embeds = torch.cat([prompt.expand(2, -1, -1), model.embed(IDS)], dim=1)
    assert torch.allclose(helped, model(embeds=embeds).logits[:, 3:], atol=1e-5)


@torch.no_grad()
def test_rotary_positions_are_relative_so_a_shifted_prompt_and_context_agree():
    model, prompt = make_model(), torch.randn(3, CONFIG.hidden_size)
    near = helped_forward(model, help_of(model, "prompt", prompt), IDS).logits
    far = helped_forward(model, help_of(model, "prompt", prompt, start=11), IDS).logits
    assert torch.allclose(near, far, atol=1e-4)


def test_prefix_slices_alternate_keys_and_values():
    n, parts = 2, 2 * CONFIG.num_layers
    prefix = torch.arange(n * parts * CONFIG.num_kv_heads * CONFIG.head_dim).float().view(n, -1)
    kv = prefix_kv(prefix, CONFIG)
    width = CONFIG.num_kv_heads * CONFIG.head_dim
    assert kv[1][0].shape == (1, CONFIG.num_kv_heads, n, CONFIG.head_dim)
    assert torch.equal(kv[1][1][0, 1, 1], prefix[1, 3 * width + CONFIG.head_dim:3 * width + 2 * CONFIG.head_dim])


@torch.no_grad()
def test_merged_loras_equal_unmerged_ones():
    model, merged = make_model(), make_model()
    loras = make_loras(model)
    merged.load_state_dict(merge_loras(model.state_dict(), loras))
    assert torch.allclose(helped_forward(model, Help(loras=loras), IDS).logits, merged(IDS).logits, atol=1e-4)


@torch.no_grad()
def test_routing_scores_equal_attention_over_the_whole_pool_and_ignore_padding():
    model, pool = make_model(), [torch.randn(n, CONFIG.hidden_size) for n in (2, 4)]
    valid = torch.tensor([[False, True, True, True, True], [False, True, True, True, False]])
    scores = routing_scores(model, pool_keys(model, pool), 4, IDS, valid)
    assert torch.allclose(pool_keys(model, pool)[0], prompt_kv(model, pool[0], 4)[0][0], atol=1e-6)
    alone = routing_scores(model, pool_keys(model, pool), 4, IDS[1:, :4], valid[1:, :4])
    assert torch.allclose(scores[1], alone[0], atol=1e-6)
    # One prompt of one vector: its score is the mean probability of one key, below 1.
    assert (scores > 0).all() and (scores * torch.tensor([2, 4])).sum(1).max() < 1


@torch.no_grad()
def test_routing_counts_the_begin_token_where_it_stands_alone_and_nowhere_else():
    model, pool = make_model(), [torch.randn(n, CONFIG.hidden_size) for n in (2, 4)]
    assert counted(IDS[:, :1]).tolist() == [[True]] * 2 and counted(IDS).tolist() == [[False, True, True, True, True]] * 2
    keys, alone = pool_keys(model, pool), IDS[:1, :1]
    scores = routing_scores(model, keys, 4, alone, counted(alone))[0]
    first = torch.tensor([[True, False, False, False, False]])
    assert torch.allclose(scores, routing_scores(model, keys, 4, IDS[:1], first)[0], atol=1e-6)
    assert torch.isfinite(scores).all() and (scores > 0).all()


@torch.no_grad()
def test_adapter_folders_keep_kind_values_and_scale(tmp_path):
    model = make_model()
    prompt, prefix, loras = torch.randn(3, 16), torch.randn(2, 2 * 2 * 2 * 8), make_loras(model)
    save_prompt(tmp_path / "p", CONFIG, prompt)
    save_prefix(tmp_path / "x", CONFIG, prefix, "float32")
    save_lora(tmp_path / "l", loras, 2, 0.5, "float32")
    kind, tensors = load_peft(tmp_path / "p")
    assert kind == "prompt" and torch.equal(tensors, prompt.half().float())
    kind, tensors = load_peft(tmp_path / "x")
    assert kind == "prefix" and torch.equal(tensors, prefix)
    kind, tensors = load_peft(tmp_path / "l")
    assert kind == "lora" and set(tensors) == set(loras)
    assert all(torch.equal(tensors[m][1], loras[m][1]) and tensors[m][2] == 0.25 for m in loras)


def test_safetensors_round_trip_without_holes(tmp_path):
    arrays = {"x": np.arange(6, dtype=np.float32).reshape(2, 3), "h": np.ones(3, np.float16), "n": np.array(5, np.int64),
              "u": np.zeros((2, 0), np.uint8)}
    write_safetensors(tmp_path / "t.safetensors", arrays)
    loaded = read_safetensors(tmp_path / "t.safetensors")
    assert all((loaded[n] == a).all() and loaded[n].shape == a.shape and loaded[n].dtype == a.dtype for n, a in arrays.items())
