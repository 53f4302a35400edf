"""How a regime scores requests of harness.py: the dense model, a variant, or a variant with a repair."""

import json
from typing import Callable, List, Optional

import numpy as np

from compress import Variant, recompress
from experiment import PACK, Experiment, logits_with, make_variant, with_weights
from harness import HarnessTask, Request, Scores, score, score_documents
from make_pack import load_pool
from model import Llama
from peft_io import load_peft
from recover import Help, help_of, merge_loras
from routing import helps, scores_of

ScoreRequests = Callable[[List[Request]], Scores]


def plain(model: Llama, help: Help = Help()) -> ScoreRequests:
    return lambda requests: score(logits_with(model, help), requests)


def through_pool(model: Llama, pool: list) -> ScoreRequests:
    """Each request behind the prompt that the paper's rule picks for its context; without one all stand behind that of the begin token."""
    def ask(requests: List[Request]) -> Scores:
        choice = scores_of(model, pool, requests).argmax(1)
        result = Scores(np.zeros(len(requests)), np.zeros(len(requests), dtype=bool))
        for number, help in enumerate(helps(model, pool)):
            mine = np.flatnonzero(choice == number)
            found = score(logits_with(model, help), [requests[i] for i in mine])
            result.log_likelihood[mine], result.greedy[mine] = found.log_likelihood, found.greedy
        return result
    return ask


def merged(model: Llama, adapter, variant: Optional[Variant] = None) -> Llama:
    """The model with a LoRA merged; with a variant its mask or grid is put on again."""
    weights = {name: t.numpy() for name, t in merge_loras(model.state_dict(), adapter).items()}
    return with_weights(model.config, weights if variant is None else recompress(weights, variant))


def with_repair(model: Llama, record: dict) -> ScoreRequests:
    """A variant with a repair of the pack; a LoRA is merged."""
    folder = PACK / record["path"]
    if record["kind"] == "pool":
        return through_pool(model, load_pool(folder))
    kind, adapter = load_peft(folder)
    return plain(merged(model, adapter)) if kind == "lora" else plain(model, help_of(model, kind, adapter))


class Regimes:
    """The regimes of the pack, one variant in memory at a time."""

    def __init__(self, experiment: Experiment):
        self.experiment = experiment
        self.current: Optional[tuple] = None

    def variant(self, recipe: dict):
        key = json.dumps(recipe, sort_keys=True)
        if self.current is None or self.current[0] != key:
            self.current = (key, *make_variant(self.experiment, recipe))
        return self.current[1:]

    def scorer(self, recipe: Optional[dict], record: Optional[dict] = None, again: bool = False) -> ScoreRequests:
        """Dense without a recipe, the variant without a record; `again` puts the mask or grid on a merged LoRA once more."""
        if recipe is None:
            return plain(self.experiment.dense)
        model, variant = self.variant(recipe)
        if record is None:
            return plain(model)
        return plain(merged(model, load_peft(PACK / record["path"])[1], variant)) if again else with_repair(model, record)

    def score_task(self, task: HarnessTask, score_requests: ScoreRequests) -> List[Scores]:
        return score_documents(self.experiment.tokenizer, task, score_requests)
