from collections import Counter
from types import SimpleNamespace

import numpy as np
import torch

from evaluate import Item
from experiment import shuffled_answers
from pool_plan import domain_clusters
from recover import Help, help_of
from report import comparison_rows, displaced_above_null, fates
from routing import confidence, helps, scores_of
from test_model import CONFIG, make_model
from train_loop import Order, Settings, collate, train
from train_repair import RepairName
from trainees import LoraTrainee, PrefixTrainee, PromptTrainee, RoutedPoolTrainee, target_losses
from tables import Fact

ITEMS = [Item(None, 0, True, (0, 5, 6, 7), (9, 1)), Item(None, 0, True, (0, 8), (3, 4, 5, 1)), Item(None, 0, True, (0, 9, 9), (11, 1))]


def seeded():
    return torch.Generator().manual_seed(5)


@torch.no_grad()
def test_the_loss_of_a_padded_batch_is_that_of_each_example_alone():
    model, batch = make_model(), collate(ITEMS)
    losses = target_losses(model, Help(), batch)
    alone = torch.cat([target_losses(model, Help(), collate([item])) for item in ITEMS])
    assert torch.allclose(losses, alone, atol=1e-5)
    assert batch.context.sum(1).tolist() == [3, 1, 2]
    some = batch.select(torch.tensor([True, False, True]))
    assert torch.allclose(target_losses(model, Help(), some), torch.cat([alone[:2], alone[-2:]]), atol=1e-5)
    assert batch.select(torch.tensor([False] * 3)) is None


def test_every_trainee_learns_and_leaves_the_model_alone(tmp_path):
    model = make_model().requires_grad_(False)
    before = {n: t.clone() for n, t in model.state_dict().items()}
    for trainee in (PromptTrainee(model, 4, seeded()), PrefixTrainee(model, 3, seeded()), LoraTrainee(model, 2, 4, seeded()),
                    RoutedPoolTrainee(model, [2, 4], seeded(), 0)):
        order = Order(ITEMS, seed=1, batch=3)
        first = trainee.loss(order.batch(0), 0).item()
        train(trainee, order, None, Settings(60, 0.05, 10), 60, tmp_path / f"{trainee.kind}.pt", log=lambda text: None)
        assert trainee.loss(order.batch(0), 0).item() < first - 0.05, trainee.kind
    assert all(torch.equal(t, before[n]) for n, t in model.state_dict().items())


def test_a_stopped_run_goes_on_as_if_nothing_had_happened(tmp_path):
    model, settings = make_model().requires_grad_(False), Settings(6, 0.05, 2)
    quiet = dict(log=lambda text: None)
    measure = lambda repair: float(repair.sum())
    whole = train(PromptTrainee(model, 4, seeded()), Order(ITEMS, 1, 2), measure, settings, 6, tmp_path / "whole.pt", **quiet)
    train(PromptTrainee(model, 4, seeded()), Order(ITEMS, 1, 2), measure, settings, 4, tmp_path / "parts.pt", **quiet)
    parts = train(PromptTrainee(model, 4, seeded()), Order(ITEMS, 1, 2), measure, settings, 6, tmp_path / "parts.pt", **quiet)
    assert torch.equal(whole["best"], parts["best"]) and whole["step"] == parts["step"] and whole["curve"] == parts["curve"]


def test_repairs_start_close_to_no_change():
    model, plain = make_model(), target_losses(make_model(), Help(), collate(ITEMS)).mean()
    lora = LoraTrainee(model, 2, 4, seeded())
    assert torch.allclose(lora.loss(collate(ITEMS), 0), plain, atol=1e-6)
    # One silent key beside a context of a few tokens takes some attention and adds nothing.
    assert abs(PromptTrainee(model, 1, seeded()).loss(collate(ITEMS), 0) - plain) < 0.3
    assert abs(PrefixTrainee(model, 1, seeded()).loss(collate(ITEMS), 0) - plain) < 0.3


def make_facts():
    return [Fact(f"r/{i}", "r", "d", f"s{i}", f"answer {i % 4}") for i in range(20)] + [Fact("q/0", "q", "d", "x", "y")]


def test_shuffled_answers_keep_their_counts_and_no_fact_its_own():
    facts = make_facts()
    shuffled = shuffled_answers(facts)
    assert Counter(f.answer for f in facts) == Counter(f.answer for f in shuffled)
    right = {f.id: f.answer for f in facts}
    assert [f.id for f in shuffled if f.answer == right[f.id]] == ["q/0"]


def test_clusters_hold_whole_domains_smallest_first():
    facts = [SimpleNamespace(domain=d) for d, n in (("a", 5), ("b", 4), ("c", 3), ("d", 3)) for _ in range(n)]
    assert domain_clusters(facts, 2) == [["b", "c"], ["a", "d"]]


def test_a_name_says_type_shuffling_and_fold():
    name = RepairName.parse("lora-r8-shuffled-b")
    assert (name.type, name.shuffled, name.fold, name.true_twin) == ("lora-r8", True, "B", "lora-r8-b")


def test_fates_follow_the_table():
    bits = np.array([[d, v, s, h] for d in (0, 1) for v in (0, 1) for s in (0, 1) for h in (0, 1)], dtype=bool)
    named = dict(zip(["".join(str(int(b)) for b in row) for row in bits], fates(*bits.T)))
    assert named["0111"] == "never known" and named["1101"] == "kept" and named["1110"] == "broken"
    assert named["1001"] == "displaced" and named["1010"] == "relearned" and named["1000"] == "lost"


def test_differences_are_paired_and_name_the_better():
    rng = np.random.default_rng(3)
    known = rng.random((400, 5)) < 0.7
    better = known | (rng.random((400, 5)) < 0.2)
    asked = SimpleNamespace(facts=range(400), folds=np.array(["A", "B"] * 200), subjects=np.arange(400))
    types = {"single": {"A": better, "B": better}, "lora-r8": {"A": known, "B": known}}
    (row,) = comparison_rows(asked, types)[2:]
    assert row.startswith("| single minus lora-r8 | +") and row.count("better") == 2
    (row,) = comparison_rows(asked, {**types, "lora-r8": {"A": better}})[2:]
    assert "(fold A only)" in row and row.count("+0.0 [+0.0, +0.0]: no difference shown") == 2
    assert comparison_rows(asked, {"single": types["single"]}) == []


def test_displaced_facts_are_held_against_the_shuffled_repair():
    asked = SimpleNamespace(facts=range(100), folds=np.array(["A", "B"] * 50), subjects=np.arange(100))
    dense, variant = np.ones((100, 5), dtype=bool), np.zeros((100, 5), dtype=bool)
    half = np.repeat(np.arange(100) < 50, 5).reshape(100, 5)
    types = {"single": {"A": dense, "B": dense}, "single-shuffled": {"A": half, "B": half}}
    (row,) = displaced_above_null(asked, dense, variant, types)[2:]
    assert row.startswith("| single | single-shuffled | +50.0 [")
    assert displaced_above_null(asked, dense, variant, {"single": types["single"]}) == []


@torch.no_grad()
def test_confidence_is_the_mean_log_probability_of_the_greedy_answer():
    model, pool = make_model(), [torch.randn(n, CONFIG.hidden_size) for n in (2, 3)]
    found = confidence(model, pool, ITEMS, end_id=-1)       # never ends: all 16 steps
    tokens, total = list(ITEMS[0].context), 0.0
    help = helps(model, pool)[1]
    for _ in range(16):
        ids = torch.tensor([tokens])
        logits = model(ids, positions=torch.arange(help.start, help.start + ids.shape[1]), past=help.past).logits[0, -1]
        best, token = logits.log_softmax(-1).max(-1)
        total, tokens = total + best.item(), tokens + [int(token)]
    assert abs(found[0, 1] - total / 16) < 1e-4 and scores_of(model, pool, ITEMS).shape == (3, 2)
