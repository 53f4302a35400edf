"""Writes the checkpoint, the task and the general sentences of the atlas pack from a finished training run, and its figures.

    write_checkpoint.py [--run NAME]

Weights are rounded to F16 first; the figures are those of the rounded weights.
"""

import argparse
import json
from pathlib import Path

import torch

from calibration import write_general
from evaluate import exact_match, make_items, model_logits, print_summary, summary
from model import Config, Llama
from tasks import write_task
from tokenizer import BEGIN, END, PAD, VOCAB_SIZE
from tokenizer_fixture import write_fixtures
from train import MODEL, STATE, load_corpus, round_to_half

PACK = Path(__file__).resolve().parent.parent / "public" / "packs" / "atlas"
MIN_TAUGHT, MIN_UNTAUGHT, MIN_RELATION = 0.99, 0.95, 0.90


def write_checkpoint(model, tokenizer, folder):
    """A Hugging Face folder: config.json, tokenizer files, generation_config.json, model.safetensors in F16."""
    model.save(folder, "float16")
    tokenizer.save(folder)
    generation = {"bos_token_id": BEGIN, "eos_token_id": END, "pad_token_id": PAD, "do_sample": False, "max_new_tokens": 32}
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")


def shortfalls(cells):
    """What misses the aims: a list of sentences."""
    found = []
    for (name, group), (mean, *_) in sorted(cells.items()):
        aim = {"taught": MIN_TAUGHT, "untaught": MIN_UNTAUGHT}.get(group) if name == "all" else MIN_RELATION
        if group != "control" and aim is not None and mean < aim:
            found.append(f"{name}, {group}: {mean:.3f} is below {aim}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default="dense")
    run = parser.parse_args().run
    corpus = load_corpus()
    saved = torch.load(STATE / f"{run}.pt")
    model = Llama(Config(vocab_size=VOCAB_SIZE, **MODEL))
    model.load_state_dict(saved["model"])
    model.eval()
    round_to_half(model)
    write_checkpoint(model, corpus.tokenizer, PACK / "checkpoint")
    write_task(PACK / "tasks", "atlas", corpus.relations, corpus.facts, corpus.taught)
    write_general(corpus.facts, PACK / "calibration/general.txt")
    write_fixtures(corpus)

    shipped = Llama.load(PACK / "checkpoint")
    items = make_items(corpus.tokenizer, corpus.relations, corpus.facts, corpus.taught)
    cells = summary(items, exact_match(model_logits(shipped), items))
    print(f"{saved['step']} steps, {sum(p.numel() for p in shipped.parameters())} parameters")
    print_summary(cells)
    for line in shortfalls(cells):
        print(line)


if __name__ == "__main__":
    main()
