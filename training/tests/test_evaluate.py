"""Exact match, intervals, and the trainer's batches."""

from types import SimpleNamespace

import numpy as np
import torch

from evaluate import Item, batches, cluster_bootstrap, exact_match, model_logits, summary
from model import Config, Llama
from train import FINAL_LEARNING_RATE, NUM_STEPS, WARMUP_STEPS, learning_rate, packed_rows, padded_groups

FACT = SimpleNamespace(id="r/s", relation="r", subject="s", fold="A")


def make_item(context, target, subject="s"):
    return Item(SimpleNamespace(**{**vars(FACT), "subject": subject}), 0, True, tuple(context), tuple(target))


def counting_logits(ids, rows):
    """A model whose next token is the last one plus 1, of 50."""
    return torch.nn.functional.one_hot((ids[rows] + 1) % 50, 50).float()


def test_a_target_counts_only_if_every_token_is_the_argmax():
    items = [make_item([0, 4], [5, 6]), make_item([0, 4], [5, 7]), make_item([9], [10, 11, 12]), make_item([3], [5])]
    assert exact_match(counting_logits, items).tolist() == [True, False, True, False]


def test_exact_match_equals_greedy_decoding():
    config = Config(vocab_size=12, hidden_size=16, intermediate_size=24, num_layers=2, num_heads=2, num_kv_heads=1, head_dim=8)
    model = Llama(config).eval()
    model.init_weights(torch.Generator().manual_seed(0), std=0.5)
    rng = np.random.default_rng(0)
    items, expected = [], []
    for i in range(40):
        context = rng.integers(0, 12, size=rng.integers(2, 6)).tolist()
        written = list(context)
        for _ in range(3):
            written.append(int(model(torch.tensor([written])).logits[0, -1].argmax()))
        goal = written[len(context):]
        if i % 2:
            goal[i % 3] = (goal[i % 3] + 1) % 12
        items.append(make_item(context, goal))
        expected.append(i % 2 == 0)
    assert exact_match(model_logits(model), items, tokens_per_batch=20).tolist() == expected


def test_batches_hold_every_index_once_and_one_length_each():
    lengths = [3, 5, 3, 3, 5, 9]
    found = list(batches(lengths, tokens_per_batch=6))
    assert sorted(i for b in found for i in b) == list(range(6))
    assert all(len({lengths[i] for i in b}) == 1 and len(b) * lengths[b[0]] <= 9 for b in found)


def test_padded_groups_hold_every_token_once():
    sequences = [[5] * n for n in (3, 9, 4, 7, 2, 8, 6)]
    assert sum(int((ids == 5).sum()) for ids in padded_groups(sequences)) == sum(map(len, sequences))


def test_the_bootstrap_resamples_whole_subjects():
    values, subjects = [1] * 50 + [0] * 50, ["a"] * 50 + ["b"] * 50
    assert cluster_bootstrap(values, subjects) == (0.5, 0.0, 1.0)
    mean, low, high = cluster_bootstrap(values, list(range(100)))
    assert mean == 0.5 and 0.35 < low < 0.45 < 0.55 < high < 0.65


def test_the_bootstrap_of_equal_values_has_no_width():
    assert cluster_bootstrap([1, 1, 1], ["a", "b", "c"]) == (1.0, 1.0, 1.0)


def test_the_summary_tells_control_from_untaught():
    control = Item(SimpleNamespace(**{**vars(FACT), "fold": "control"}), 0, False, (0,), (1,))
    cells = summary([make_item([0], [1]), control], [True, False])
    assert cells["r", "taught"][0] == 1.0 and cells["r", "control"][0] == 0.0


def test_packed_rows_hold_every_sentence_once():
    sequences = [[0, 10 + i, 1] for i in range(50)]
    rows = packed_rows(sequences, step=7)
    assert sorted(token for row in rows for token in row if token >= 10) == list(range(10, 60))
    assert {len(row) // 3 for row in rows} <= {1, 2, 3, 4} and packed_rows(sequences, step=7) == rows


def test_the_learning_rate_rises_falls_and_ends_at_its_final_value():
    rates = [learning_rate(step) for step in range(NUM_STEPS + 1)]
    top = rates.index(max(rates))
    assert top in (WARMUP_STEPS - 1, WARMUP_STEPS)
    assert all(a >= b for a, b in zip(rates[top:], rates[top + 1:]))
    assert abs(rates[-1] - FINAL_LEARNING_RATE) < 1e-12
