"""The training loop of repairs: batches of taught facts, Adam with warm-up and cosine, the best development checkpoint.

Every random choice follows from a seed and the step, so a run that was stopped goes on from its state file as if
nothing had happened.
"""

import math
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import List, NamedTuple, Optional

import torch
from torch import Tensor

from evaluate import Item

# --- config -----------------------------------------------------------------
BATCH = 128                   # examples a step
WARMUP = 20                   # steps
BETAS = (0.9, 0.98)
CLIP = 1.0                    # largest norm of the gradient
STATE_EVERY = 100             # steps between saved states
# ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    steps: int                # length of the schedule
    learning_rate: float
    dev_every: int            # steps between development scores


class Batch(NamedTuple):
    ids: Tensor        # [B, T], right-padded, begin included
    rows: tuple        # (batch index, token index) of the logits that predict target tokens
    wanted: Tensor     # the target token of each row
    context: Tensor    # [B, T] bool: context tokens, neither begin nor target nor padding

    def select(self, chosen: Tensor) -> Optional["Batch"]:
        """The examples where `chosen` [B] is true."""
        if not chosen.any():
            return None
        kept = chosen[self.rows[0]]
        number = chosen.long().cumsum(0) - 1
        return Batch(self.ids[chosen], (number[self.rows[0][kept]], self.rows[1][kept]), self.wanted[kept], self.context[chosen])


def collate(items: List[Item], pad_id: int = 2) -> Batch:
    longest = max(len(i.context) + len(i.target) - 1 for i in items)
    ids = torch.full((len(items), longest), pad_id)
    context = torch.zeros(len(items), longest, dtype=torch.bool)
    for b, i in enumerate(items):
        line = i.context + i.target[:-1]
        ids[b, :len(line)] = torch.tensor(line)
        context[b, 1:len(i.context)] = True
    batch = torch.tensor([b for b, i in enumerate(items) for _ in i.target])
    token = torch.tensor([len(i.context) - 1 + t for i in items for t in range(len(i.target))])
    return Batch(ids, (batch, token), torch.tensor([t for i in items for t in i.target]), context)


class Order:
    """Endless shuffled epochs over the items, cut into batches of similar length; a step's batch follows from its number."""

    def __init__(self, items: List[Item], seed: int, batch: int = BATCH):
        self.items, self.seed, self.size = items, seed, min(batch, len(items))
        self.per_epoch = len(items) // self.size
        self.epoch, self.plan = -1, []

    def batch(self, step: int) -> Batch:
        epoch, place = divmod(step, self.per_epoch)
        if epoch != self.epoch:
            rng = random.Random(self.seed * 1_000_003 + epoch)
            mixed = rng.sample(range(len(self.items)), len(self.items))[:self.per_epoch * self.size]
            self.plan = []
            for start in range(0, len(mixed), 8 * self.size):
                similar = sorted(mixed[start:start + 8 * self.size], key=lambda i: len(self.items[i].context) + len(self.items[i].target))
                self.plan += [similar[j:j + self.size] for j in range(0, len(similar), self.size)]
            rng.shuffle(self.plan)
            self.epoch = epoch
        return collate([self.items[i] for i in self.plan[place]])


def rate(step: int, settings: Settings) -> float:
    """Linear warm-up, then a cosine to 0."""
    if step < WARMUP:
        return settings.learning_rate * (step + 1) / WARMUP
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / max(1, settings.steps - WARMUP)))


def train(trainee, order: Order, measure, settings: Settings, stop_at: int, state_path: Path, log=print) -> dict:
    """Trains in place; returns { best, step, score, curve, secondsPerStep } with `best` the repair to keep.

    `measure(repair)` is the development score, larger is better; without it the last step, `stop_at`, is kept.
    """
    parameters = list(trainee.parameters.values())
    optimizer = torch.optim.Adam(parameters, lr=settings.learning_rate, betas=BETAS)
    state = {"step": 0, "best": None, "best_step": 0, "score": -1.0, "curve": [], "seconds": 0.0}
    if state_path.exists():
        saved = torch.load(state_path)
        state = saved["state"]
        optimizer.load_state_dict(saved["optimizer"])
        with torch.no_grad():
            for name, p in trainee.parameters.items():
                p.copy_(saved["parameters"][name])
    while state["step"] < stop_at:
        step, began = state["step"], time.time()
        for group in optimizer.param_groups:
            group["lr"] = rate(step, settings)
        loss = trainee.loss(order.batch(step), step)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, CLIP)
        optimizer.step()
        state["step"] = step = step + 1
        state["seconds"] += time.time() - began
        if measure is not None and (step % settings.dev_every == 0 or step == stop_at):
            repair = trainee.repair()
            score = measure(repair)
            state["curve"].append([step, round(loss.item(), 4), round(score, 4)])
            if score > state["score"]:
                state.update(best=repair, best_step=step, score=score)
            log(f"step {step:5d}  loss {loss.item():.3f}  dev {score:.4f}  {state['seconds'] / step:.3f} s a step")
        if step % STATE_EVERY == 0 or step == stop_at:
            state_path.parent.mkdir(parents=True, exist_ok=True)
            values = {name: p.detach() for name, p in trainee.parameters.items()}
            torch.save({"state": state, "optimizer": optimizer.state_dict(), "parameters": values}, state_path)
    if measure is None:
        state.update(best=trainee.repair(), best_step=stop_at)
    return {"best": state["best"], "step": state["best_step"], "score": state["score"], "curve": state["curve"],
            "secondsPerStep": round(state["seconds"] / max(1, state["step"]), 4)}
