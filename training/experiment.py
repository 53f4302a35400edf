"""Where things lie, and what every experiment starts from: the checkpoint, the facts, their items, the variants."""

import json
import random
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple

import numpy as np
import torch

from calibration import calibration_ids, capture_of
from compress import Variant, apply_recipe
from evaluate import Item, make_items
from language import is_question
from model import Config, Llama
from recover import Help, helped_forward
from tasks import read_task
from tokenizer import Tokenizer
from variant_io import read_variant

# --- config -----------------------------------------------------------------
TRAINING = Path(__file__).resolve().parent
PACK = TRAINING.parent / "public/packs/atlas"
CHECKPOINT = PACK / "checkpoint"
TASK = "atlas"
GENERAL = PACK / "calibration/general.txt"
STATE = TRAINING / ".state"          # unfinished work, not committed
RECORDS = TRAINING / "repairs"       # one JSON per finished repair: how it was trained
RECIPES = TRAINING / "recipes.json"
SHUFFLE_SEED = 11
DEV_STATEMENTS = 2                   # statement forms per fact that dev figures add to its three questions
# ----------------------------------------------------------------------------


@dataclass
class Experiment:
    tokenizer: Tokenizer
    relations: dict
    facts: list
    taught: Dict[str, list]
    general: List[str]                # sentences that name no subject
    dense: Llama

    def items(self, facts, forms=None) -> List[Item]:
        return make_items(self.tokenizer, self.relations, facts, self.taught, forms)

    def questions(self, facts) -> List[Item]:
        return self.items(facts, lambda fact: question_forms(self.relations[fact.relation]))

    def fold(self, fold: str, dev: bool) -> list:
        return [f for f in self.facts if f.fold == fold and f.dev == dev]

    def dev_items(self, facts) -> List[Item]:
        """Three questions and a few statements of each fact, taught or not."""
        statements = lambda f: random.Random(f.id).sample(range(len(self.relations[f.relation].statements)), DEV_STATEMENTS)
        return self.items(facts, lambda f: statements(f) + question_forms(self.relations[f.relation]))


def question_forms(relation) -> List[int]:
    return [form for form in range(len(relation.forms)) if is_question(relation, form)]


def load_experiment(checkpoint: Path = CHECKPOINT) -> Experiment:
    """The pack's own task and checkpoint, so that what was trained stays true when the tables go on."""
    relations, facts, taught = read_task(PACK / "tasks", TASK)
    general = GENERAL.read_text().splitlines()
    return Experiment(Tokenizer.load(checkpoint), relations, facts, taught, general, Llama.load(checkpoint))


def load_recipes() -> List[dict]:
    """[{ id, label, severity, recipe }]"""
    return json.loads(RECIPES.read_text())


def recipe_of(recipe_id: str) -> dict:
    return next(r["recipe"] for r in load_recipes() if r["id"] == recipe_id)


def numpy_weights(model: Llama) -> Dict[str, np.ndarray]:
    return {name: t.detach().numpy() for name, t in model.state_dict().items()}


def with_weights(config: Config, weights: Dict[str, np.ndarray]) -> Llama:
    """A frozen model with these weights."""
    model = Llama(config).eval()
    model.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(w)) for name, w in weights.items()})
    return model.requires_grad_(False)


def shipped_variant(recipe: dict) -> Optional[Path]:
    """The file of a recipe whose variant is shipped: one that hangs on activations, so that another BLAS rounds it differently."""
    return next((PACK / r["variant"] for r in load_recipes() if r["recipe"] == recipe and "variant" in r), None)


def compute_variant(experiment: Experiment, recipe: dict) -> Variant:
    dense = experiment.dense
    calibrate = lambda options: capture_of(dense.config, calibration_ids(experiment, options["samples"], options["seed"]))
    return apply_recipe(numpy_weights(dense), dense.linear_modules(), recipe, calibrate, num_kv_heads=dense.config.num_kv_heads)


def make_variant(experiment: Experiment, recipe: dict) -> Tuple[Llama, Variant]:
    """The frozen compressed model of a recipe, and its masks and grids: the shipped one where there is one."""
    dense, path = experiment.dense, shipped_variant(recipe)
    variant = compute_variant(experiment, recipe) if path is None else read_variant(path, numpy_weights(dense), dense.linear_modules(), recipe)
    return with_weights(dense.config, variant.weights), variant


def logits_with(model: Llama, help: Help) -> Callable:
    """The logits function that `evaluate.exact_match` takes, for a model with a repair's help."""
    return lambda ids, rows: helped_forward(model, help, ids, rows=rows).logits


def shuffled_answers(facts: list, seed: int = SHUFFLE_SEED) -> list:
    """The facts with answers permuted within each relation; wherever a swap can help it, no fact keeps its own answer."""
    by_relation = defaultdict(list)
    for fact in facts:
        by_relation[fact.relation].append(fact)
    shuffled = []
    for name, mine in sorted(by_relation.items()):
        rng = random.Random(f"{seed}:{name}")
        own = [f.answer for f in mine]
        dealt = rng.sample(own, len(own))
        for i in range(len(own)):
            swaps = [j for j in range(len(own)) if dealt[j] != own[i] and dealt[i] != own[j]]
            if dealt[i] == own[i] and swaps:
                j = rng.choice(swaps)
                dealt[i], dealt[j] = dealt[j], dealt[i]
        shuffled += [replace(fact, answer=answer) for fact, answer in zip(mine, dealt)]
    return shuffled
