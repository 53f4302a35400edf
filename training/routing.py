"""Which prompt of a pool helps an item: the paper's rule and the rules that it is compared with.

Every rule picks one prompt per item; `best of pool` picks knowing the answer, and so includes luck. All contexts start
behind the longest prompt (end-aligned). Confidence asks every prompt and takes the answer with the largest mean
log-probability of what that prompt would say, teacher-forced on its own argmax (see `confidence`).
"""

from typing import Dict, List, NamedTuple

import numpy as np
import torch
from torch import Tensor

from evaluate import batches, exact_match
from experiment import logits_with
from model import Llama
from recover import Help, counted, pool_keys, prompt_kv, routing_scores

MAX_ANSWER_TOKENS = 16


class PoolAnswers(NamedTuple):
    right: np.ndarray        # [m, items] bool: exact match behind each prompt
    scores: np.ndarray       # [items, m] routing scores


def helps(model: Llama, pool: List[Tensor]) -> List[Help]:
    start = max(p.shape[0] for p in pool)
    return [Help(start, prompt_kv(model, p, start)) for p in pool]


@torch.no_grad()
def scores_of(model: Llama, pool: List[Tensor], items) -> np.ndarray:
    """Routing scores [items, m] of the items' contexts; what comes behind a context is no part of them."""
    keys, start = pool_keys(model, pool), max(p.shape[0] for p in pool)
    scores = np.zeros((len(items), len(pool)), dtype=np.float32)
    for chosen in batches([len(i.context) for i in items], 16384):
        ids = torch.tensor([items[i].context for i in chosen])
        scores[chosen] = routing_scores(model, keys, start, ids, counted(ids)).numpy()
    return scores


@torch.no_grad()
def ask_pool(model: Llama, pool: List[Tensor], items) -> PoolAnswers:
    right = np.stack([exact_match(logits_with(model, help), items) for help in helps(model, pool)])
    return PoolAnswers(right, scores_of(model, pool, items))


@torch.no_grad()
def routed_match(model: Llama, pool: List[Tensor], items) -> float:
    """Exact match under the paper's rule; each item is asked behind its own prompt only."""
    choice = scores_of(model, pool, items).argmax(1)
    hits = 0
    for i, help in enumerate(helps(model, pool)):
        mine = [item for item, c in zip(items, choice) if c == i]
        if mine:
            hits += int(exact_match(logits_with(model, help), mine).sum())
    return hits / len(items)


@torch.no_grad()
def confidence(model: Llama, pool: List[Tensor], items, end_id: int = 1) -> np.ndarray:
    """Mean log-probability [items, m] of each prompt's own greedy answer, end token included."""
    result = np.zeros((len(items), len(pool)), dtype=np.float32)
    for p, help in enumerate(helps(model, pool)):
        for chosen in batches([len(i.context) for i in items], 8192):
            ids = torch.tensor([items[i].context for i in chosen])
            past = [(k.expand(len(ids), -1, -1, -1), v.expand(len(ids), -1, -1, -1)) for k, v in help.past]
            position, total, count = help.start, torch.zeros(len(ids)), torch.zeros(len(ids))
            going = torch.ones(len(ids), dtype=torch.bool)
            for _ in range(MAX_ANSWER_TOKENS):
                last = (torch.arange(len(ids)), torch.full((len(ids),), ids.shape[1] - 1))
                out = model(ids, positions=torch.arange(position, position + ids.shape[1]), past=past, rows=last, return_kv=True)
                position, past = position + ids.shape[1], out.kv
                best, token = out.logits.log_softmax(-1).max(-1)
                total, count = total + best * going, count + going
                going = going & (token != end_id)
                ids = token[:, None]
                if not going.any():
                    break
            result[chosen, p] = (total / count).numpy()
    return result


def choices(answers: PoolAnswers, best_single: int, confident: np.ndarray) -> Dict[str, np.ndarray]:
    """{rule: right or its expectation [items]}; `confident` [items, m] from `confidence`."""
    items = np.arange(answers.right.shape[1])
    return {
        "paper's rule": answers.right[answers.scores.argmax(1), items],
        "random": answers.right.mean(0),
        "best single": answers.right[best_single],
        "most confident": answers.right[confident.argmax(1), items],
        "best of pool": answers.right.any(0),
    }


def shares_of_choice(scores: np.ndarray) -> List[float]:
    """Share of items that each prompt is chosen for."""
    return (np.bincount(scores.argmax(1), minlength=scores.shape[1]) / len(scores)).round(4).tolist()
