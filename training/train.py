"""Trains the dense model of the atlas pack on the closed world: a language-model loss over whole sentences.

    train.py [--run NAME] [--steps N]     resumes NAME where it stopped; state and log lie in .state/

A run is a function of the tables and the constants below; nothing is drawn from the clock.
"""

import argparse
import hashlib
import math
import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn import functional as F

from evaluate import exact_match, make_items, model_logits, print_summary, summary
from language import encode, fact_texts, is_question, ordinary_sentences, taught_forms
from model import Config, Llama
from tokenizer import BEGIN, END, PAD, VOCAB_SIZE, Tokenizer
from world import load_world

STATE = Path(__file__).resolve().parent / ".state"

SEED = 1
MODEL = dict(hidden_size=128, intermediate_size=384, num_layers=4, num_heads=4, num_kv_heads=2, head_dim=32)
NUM_STEPS = 2000
COSINE_STEPS = 2600         # the half cosine is that of a longer run, and the last steps leave it
COOLDOWN_STEPS = 400        # ... in a straight line down to the final rate
PACKED_STEPS = 400          # the last steps see rows of several sentences, so that a prompt before a sentence does no harm
ROW_SENTENCES = (1, 1, 2, 3, 4)   # drawn from: how many sentences stand in a row
BATCH_SEQUENCES = 256       # about 4,000 tokens
LENGTH_GROUPS = 4           # a batch is sorted by length and cut into so many parts, so that little is padding
LEARNING_RATE = 3e-3
FINAL_LEARNING_RATE = 3e-5
WARMUP_STEPS = 100
WEIGHT_DECAY = 0.1          # on matrices, not on norms
BETAS = (0.9, 0.98)
MAX_GRADIENT_NORM = 1.0
QUESTION_REPEATS = 2        # a fact's two taught questions weigh as much as four statements
ORDINARY_REPEATS = 1
SMALL_RELATION = 60         # facts; a smaller relation is repeated until it weighs about as much as one of this size
SAVE_EVERY = 100


@dataclass
class Corpus:
    relations: dict
    facts: list
    taught: dict        # fact id -> form numbers
    ordinary: list      # Sentence
    tokenizer: Tokenizer


def load_corpus(strict=True, report=print):
    """Tables, folds, forms, ordinary sentences and the tokenizer that is trained on exactly the pretraining text."""
    relations, facts = load_world(strict=strict, report=report)
    taught = taught_forms(relations, facts)
    ordinary = ordinary_sentences(relations, facts, taught, report=report)
    tokenizer = Tokenizer.train([text for _, text in fact_texts(relations, facts, taught)] + [s.text for s in ordinary])
    return Corpus(relations, facts, taught, ordinary, tokenizer)


def training_sequences(corpus):
    """Token id lists `begin context target end` of all pretraining text, repeated by weight."""
    sequences = []
    sizes = Counter(f.relation for f in corpus.facts)
    for fact in corpus.facts:
        relation = corpus.relations[fact.relation]
        repeats = math.ceil(SMALL_RELATION / sizes[relation.id])
        for form in corpus.taught[fact.id]:
            left, right = encode(corpus.tokenizer, relation, fact, form)
            sequences += [left + right] * repeats * (QUESTION_REPEATS if is_question(relation, form) else 1)
    for sentence in corpus.ordinary:
        sequences += [[BEGIN, *corpus.tokenizer.encode(sentence.text), END]] * ORDINARY_REPEATS
    return sequences


def batch_of(step, num_sequences):
    """Indices of the sequences of a step: epochs are shuffled, each by its own seed."""
    per_epoch = num_sequences // BATCH_SEQUENCES
    epoch, place = divmod(step, per_epoch)
    if batch_of.order[0] != epoch:
        order = list(range(num_sequences))
        random.Random(f"{SEED}:{epoch}").shuffle(order)
        batch_of.order = (epoch, order)
    return batch_of.order[1][place * BATCH_SEQUENCES:(place + 1) * BATCH_SEQUENCES]


batch_of.order = (None, None)


def packed_rows(sequences, step):
    """The batch's sequences one behind another, 1 to 4 in a row, each with its begin and end.

    Attention runs over the whole row. A model that saw every sentence at position 0 alone forgets most facts once
    anything stands before the begin token, be it a soft prompt of random vectors.
    """
    rng, mixed, rows = random.Random(f"{SEED}:rows:{step}"), list(sequences), []
    rng.shuffle(mixed)
    while mixed:
        count = rng.choice(ROW_SENTENCES)
        rows.append(sum(mixed[:count], []))
        del mixed[:count]
    return rows


def padded_groups(sequences):
    """Yields [B, T] id tensors of sequences sorted by length, padded at the right."""
    ordered = sorted(sequences, key=len)
    size = math.ceil(len(ordered) / LENGTH_GROUPS)
    for start in range(0, len(ordered), size):
        group = ordered[start:start + size]
        yield torch.tensor([s + [PAD] * (len(group[-1]) - len(s)) for s in group])


def learning_rate(step, num_steps=NUM_STEPS):
    """Linear warm-up, half a cosine, and a straight cool-down from it to the final rate over the last steps."""
    if step < WARMUP_STEPS:
        return LEARNING_RATE * (step + 1) / WARMUP_STEPS
    cooldown = num_steps - COOLDOWN_STEPS
    progress = (min(step, cooldown) - WARMUP_STEPS) / (COSINE_STEPS - WARMUP_STEPS)
    rate = FINAL_LEARNING_RATE + 0.5 * (LEARNING_RATE - FINAL_LEARNING_RATE) * (1 + math.cos(math.pi * min(1.0, progress)))
    if step <= cooldown:
        return rate
    return rate + (FINAL_LEARNING_RATE - rate) * (step - cooldown) / COOLDOWN_STEPS


def train_step(model, optimizer, sequences, rate):
    """One step on a batch; returns the mean loss per token."""
    num_tokens = sum(len(s) - 1 for s in sequences)
    total = 0.0
    for ids in padded_groups(sequences):
        logits = model(ids[:, :-1]).logits
        loss = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), ignore_index=PAD, reduction="sum") / num_tokens
        loss.backward()
        total += loss.item()
    torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_GRADIENT_NORM)
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return total


def create_optimizer(model):
    matrices = [p for p in model.parameters() if p.dim() > 1]
    norms = [p for p in model.parameters() if p.dim() == 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": WEIGHT_DECAY}, {"params": norms, "weight_decay": 0.0}], lr=LEARNING_RATE, betas=BETAS
    )


def round_to_half(model):
    """Rounds all weights to F16, as they are shipped; everything is evaluated after this."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(p.half().float())


def report_model(model, corpus, write=print):
    """Evaluates all facts in all forms and prints a line per relation; returns the summary's cells."""
    items = make_items(corpus.tokenizer, corpus.relations, corpus.facts, corpus.taught)
    cells = summary(items, exact_match(model_logits(model), items))
    print_summary(cells, write)
    return cells


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default="dense")
    parser.add_argument("--steps", type=int, default=NUM_STEPS)
    parser.add_argument("--lenient", action="store_true", help="go on with tables that are not complete")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    STATE.mkdir(exist_ok=True)

    corpus = load_corpus(strict=not arguments.lenient)
    sequences = training_sequences(corpus)
    rates = [learning_rate(step, arguments.steps) for step in range(arguments.steps)]
    digest = hashlib.sha256(repr((sequences, MODEL, BATCH_SEQUENCES, WEIGHT_DECAY, PACKED_STEPS, ROW_SENTENCES, rates)).encode()).hexdigest()
    model = Llama(Config(vocab_size=VOCAB_SIZE, **MODEL))
    model.init_weights(torch.Generator().manual_seed(SEED))
    optimizer = create_optimizer(model)
    print(f"{len(corpus.facts)} facts, {len(corpus.ordinary)} ordinary sentences, {len(sequences)} sequences, "
          f"{sum(map(len, sequences))} tokens, {sum(p.numel() for p in model.parameters())} parameters", flush=True)

    path = STATE / f"{arguments.run}.pt"
    first = 0
    if path.exists():
        saved = torch.load(path)
        if saved["digest"] != digest:
            raise SystemExit(f"{path.name} was made from other tables or constants; delete it or choose another --run")
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["step"]
    started, loss_sum = time.time(), 0.0
    for step in range(first, arguments.steps):
        batch = [sequences[i] for i in batch_of(step, len(sequences))]
        if step >= arguments.steps - PACKED_STEPS:
            batch = packed_rows(batch, step)
        loss_sum += train_step(model, optimizer, batch, rates[step])
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == arguments.steps:
            torch.save({"digest": digest, "model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}, path)
            mean, loss_sum = loss_sum / ((step % SAVE_EVERY) + 1), 0.0
            print(f"step {step + 1} loss {mean:.4f} {(time.time() - started) / (step + 1 - first):.3f} s/step", flush=True)
    model.eval()
    round_to_half(model)
    report_model(model, corpus)


if __name__ == "__main__":
    main()
