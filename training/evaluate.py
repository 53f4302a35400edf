"""Exact match of facts in forms by one teacher-forced pass, and intervals that resample subjects.

A fact in a form counts as right where the argmax of the logits is the right token at every place of the target, the
end token included: exactly when greedy decoding would write the answer and stop.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import torch

from language import encode

TOKENS_PER_BATCH = 16384


@dataclass(frozen=True)
class Item:
    """A fact in a form; `context` and `target` are token ids, begin and end included."""

    fact: object
    form: int
    taught: bool
    context: tuple
    target: tuple


def make_items(tokenizer, relations, facts, taught, forms=None):
    """Items of the facts in all forms, or in `forms(fact)`."""
    items = []
    for fact in facts:
        relation = relations[fact.relation]
        for form in range(len(relation.forms)) if forms is None else forms(fact):
            left, right = encode(tokenizer, relation, fact, form)
            items.append(Item(fact, form, form in taught[fact.id], tuple(left), tuple(right)))
    return items


def batches(lengths, tokens_per_batch=TOKENS_PER_BATCH):
    """Yields arrays of indices of equal length, about `tokens_per_batch` tokens each."""
    lengths = np.asarray(lengths)
    for length in np.unique(lengths):
        same = np.flatnonzero(lengths == length)
        size = max(1, tokens_per_batch // int(length))
        for start in range(0, len(same), size):
            yield same[start:start + size]


def model_logits(model):
    """The logits function of a Llama: (ids [B, T], (batch indices, token indices)) -> [rows, vocab]."""
    return lambda ids, rows: model(ids, rows=rows).logits


@torch.no_grad()
def exact_match(logits_of, items, tokens_per_batch=TOKENS_PER_BATCH):
    """Boolean array [items]: whether each target is the argmax all along.

    `logits_of(ids, rows)` takes ids [B, T] and two index tensors (batch, token) and returns logits [len(rows), vocab];
    a Llama is wrapped by `model_logits`, a prompt or a prefix by its own function.
    """
    right = np.zeros(len(items), dtype=bool)
    for chosen in batches([len(i.context) + len(i.target) for i in items], tokens_per_batch):
        group = [items[i] for i in chosen]
        ids = torch.tensor([i.context + i.target[:-1] for i in group])             # the end token is only predicted
        batch = torch.tensor([b for b, i in enumerate(group) for _ in i.target])
        token = torch.tensor([len(i.context) - 1 + t for i in group for t in range(len(i.target))])
        wanted = torch.tensor([t for i in group for t in i.target])
        wrong = logits_of(ids, (batch, token)).argmax(-1) != wanted
        misses = torch.zeros(len(group)).index_add_(0, batch, wrong.float())
        right[chosen] = (misses == 0).numpy()
    return right


def cluster_bootstrap(values, clusters, num_resamples=1000, seed=0, level=95):
    """(mean, low, high): percentile interval, of `level` percent, of the mean of `values`, resampling whole clusters.

    `values` [n] are numbers, `clusters` [n] hashable (subjects): items of one subject stay together.
    """
    values = np.asarray(values, dtype=np.float64)
    if len(values) == 0:
        return float("nan"), float("nan"), float("nan")
    _, which = np.unique(np.asarray(clusters, dtype=object).astype(str), return_inverse=True)
    sums, counts = np.bincount(which, weights=values), np.bincount(which)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=num_resamples)
    means = (weights @ sums) / (weights @ counts)
    low, high = np.percentile(means, [50 - level / 2, 50 + level / 2])
    return float(values.mean()), float(low), float(high)


def summary(items, right):
    """{(relation or 'all', group): (mean, low, high, count)}; groups are taught, untaught, control."""
    cells = defaultdict(list)
    for item, hit in zip(items, right):
        group = "control" if item.fact.fold == "control" else "taught" if item.taught else "untaught"
        for name in (item.fact.relation, "all"):
            cells[name, group].append((hit, item.fact.subject))
    return {
        key: (*cluster_bootstrap([h for h, _ in pairs], [s for _, s in pairs]), len(pairs))
        for key, pairs in cells.items()
    }


def print_summary(cells, write=print):
    """A line per relation: exact match in taught and untaught forms, and of control subjects."""
    groups = ("taught", "untaught", "control")
    write(f"{'relation':22}" + "".join(f"{group:>22}" for group in groups))
    for name in sorted({name for name, _ in cells}, key=lambda n: (n == "all", n)):
        line = f"{name:22}"
        for group in groups:
            mean, low, high, _ = cells.get((name, group), (float("nan"),) * 4)
            line += f"{mean:8.3f} [{low:.3f}, {high:.3f}]"[:22].rjust(22)
        write(line)
