"""Scores of task documents by the formulas of lm-evaluation-harness, written from its documentation (docs/pack-format.md has the rules).

A task is `<task>.json` with documents in a JSONL file. A template is the name of a field, which stands for its value, or a
text with `{{field}}` in it. Log-likelihoods are natural logarithms, summed over the tokens of a continuation.
"""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Sequence, Tuple

import numpy as np
import torch

from evaluate import TOKENS_PER_BATCH, batches
from tokenizer import BEGIN, END


@dataclass(frozen=True)
class Request:
    """Token ids: what is given, begin token included, and what is scored after it."""

    context: Tuple[int, ...]
    continuation: Tuple[int, ...]


class Scores(NamedTuple):
    """Of requests [n]: sums of log-softmax, and whether every token is the argmax."""

    log_likelihood: np.ndarray
    greedy: np.ndarray


@dataclass(frozen=True)
class HarnessTask:
    config: dict
    documents: List[dict]

    @property
    def name(self) -> str:
        return self.config["task"]


def read_harness_task(config_path: Path) -> HarnessTask:
    """A task and its documents, which lie beside its configuration."""
    config = json.loads(Path(config_path).read_text(encoding="utf-8"))
    file = config["dataset_kwargs"]["data_files"][config["test_split"]]
    lines = (Path(config_path).parent / file).read_text(encoding="utf-8").split("\n")
    return HarnessTask(config, [json.loads(line) for line in lines if line])


def render(template: str, document: dict):
    """The value of the field that the template names, or the template with its `{{field}}` filled in; KeyError for other fields."""
    if template in document:
        return document[template]
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: str(document[match[1]]), template)


def split_request(tokenizer, context: str, continuation: str) -> Request:
    """The pair as ids: white space at the context's end moves to the continuation, and the whole is encoded and cut where the context ends."""
    bare = context.rstrip()
    continuation = context[len(bare):] + continuation
    length = len(tokenizer.encode(bare))
    ids = tokenizer.encode(bare + continuation)
    return Request((BEGIN, *ids[:length]), tuple(ids[length:]))


def requests_of(tokenizer, task: HarnessTask, document: dict) -> List[Request]:
    """One request per choice, or one; the end token is scored where a model must stop by itself."""
    config = task.config
    if config["output_type"] == "loglikelihood_rolling":
        return [split_request(tokenizer, "", render(config["doc_to_target"], document))]
    context, delimiter = render(config["doc_to_text"], document), config["target_delimiter"]
    if config["output_type"] == "loglikelihood":          # the harness puts no delimiter here
        return [split_request(tokenizer, context, render(config["doc_to_target"], document))]
    if config["output_type"] == "multiple_choice":
        return [split_request(tokenizer, context, delimiter + choice) for choice in render(config["doc_to_choice"], document)]
    if config["output_type"] == "generate_until":
        request = split_request(tokenizer, context, delimiter + render(config["doc_to_target"], document))
        return [Request(request.context, (*request.continuation, END))]
    raise ValueError(f"unknown output_type {config['output_type']!r}")


@torch.no_grad()
def score(logits_of: Callable, requests: Sequence[Request], tokens_per_batch: int = TOKENS_PER_BATCH) -> Scores:
    """Scores of requests; `logits_of(ids [B, T], (batch, token))` returns logits [rows, vocab], as for `evaluate.exact_match`."""
    sums, greedy = np.zeros(len(requests)), np.zeros(len(requests), dtype=bool)
    for chosen in batches([len(r.context) + len(r.continuation) for r in requests], tokens_per_batch):
        group = [requests[i] for i in chosen]
        ids = torch.tensor([(r.context + r.continuation)[:-1] for r in group])       # the last token is only predicted
        batch = torch.tensor([b for b, r in enumerate(group) for _ in r.continuation])
        token = torch.tensor([len(r.context) - 1 + t for r in group for t in range(len(r.continuation))])
        wanted = torch.tensor([t for r in group for t in r.continuation])
        logits = logits_of(ids, (batch, token)).double()
        found = logits.log_softmax(-1).gather(1, wanted[:, None])[:, 0]
        sums[chosen] = torch.zeros(len(group), dtype=torch.float64).index_add_(0, batch, found).numpy()
        misses = torch.zeros(len(group)).index_add_(0, batch, (logits.argmax(-1) != wanted).float())
        greedy[chosen] = (misses == 0).numpy()
    return Scores(sums, greedy)


def choice_metrics(log_likelihoods: Sequence[float], choices: Sequence[str], gold: int) -> Dict[str, float]:
    """acc, acc_norm (per character) and acc_bytes (per UTF-8 byte) of one document: 1 where the largest is the right one, the first on a tie."""
    ll = np.asarray(log_likelihoods, dtype=np.float64)
    characters, size = np.array([len(c) for c in choices]), np.array([len(c.encode()) for c in choices])
    by = {"acc": ll, "acc_norm": ll / characters, "acc_bytes": ll / size}
    return {name: float(np.argmax(values) == gold) for name, values in by.items()}


def rolling_metrics(log_likelihoods: Sequence[float], texts: Sequence[str]) -> Dict[str, float]:
    """word_perplexity, byte_perplexity and bits_per_byte over all texts; words are what white space parts."""
    total = math.fsum(log_likelihoods)
    words, size = sum(len(re.split(r"\s+", t)) for t in texts), sum(len(t.encode()) for t in texts)
    return {"word_perplexity": math.exp(-total / words), "byte_perplexity": math.exp(-total / size), "bits_per_byte": -total / (size * math.log(2))}


def perplexity(log_likelihoods: Sequence[float]) -> float:
    """exp of minus the mean log-likelihood of the documents."""
    return math.exp(-math.fsum(log_likelihoods) / len(log_likelihoods))


def accuracy_stderr(values: Sequence[float]) -> float:
    """sqrt(p (1 - p) / (n - 1)), the sample standard error of a mean of zeros and ones."""
    p = float(np.mean(values))
    return math.sqrt(p * (1 - p) / (len(values) - 1))


def document_metrics(task: HarnessTask, per_document: Sequence[Scores]) -> Dict[str, np.ndarray]:
    """{metric: values [documents]} of the metrics that are means over documents."""
    kind = task.config["output_type"]
    if kind == "multiple_choice":
        choice_to, target_to = task.config["doc_to_choice"], task.config["doc_to_target"]
        rows = [choice_metrics(s.log_likelihood, render(choice_to, d), int(render(target_to, d))) for d, s in zip(task.documents, per_document)]
        return {name: np.array([row[name] for row in rows]) for name in ("acc", "acc_norm", "acc_bytes")}
    if kind == "loglikelihood_rolling":
        return {}
    return {"acc" if kind == "loglikelihood" else "exact_match": np.array([float(s.greedy[0]) for s in per_document])}


def task_metrics(task: HarnessTask, per_document: Sequence[Scores]) -> Dict[str, float]:
    """All metrics of a task, with `<metric>_stderr` beside each accuracy."""
    result: Dict[str, float] = {}
    for name, values in document_metrics(task, per_document).items():
        result[name], result[f"{name}_stderr"] = float(values.mean()), accuracy_stderr(values)
    first = [float(s.log_likelihood[0]) for s in per_document]
    if task.config["output_type"] == "loglikelihood":
        result["perplexity"] = perplexity(first)
    if task.config["output_type"] == "loglikelihood_rolling":
        result.update(rolling_metrics(first, [render(task.config["doc_to_target"], d) for d in task.documents]))
    return result


def score_documents(tokenizer, task: HarnessTask, score_requests: Callable[[List[Request]], Scores]) -> List[Scores]:
    """Scores of each document's requests, all asked in one go."""
    grouped = [requests_of(tokenizer, task, document) for document in task.documents]
    scores = score_requests([request for group in grouped for request in group])
    ends = np.cumsum([len(group) for group in grouped])[:-1]
    return [Scores(ll, greedy) for ll, greedy in zip(np.split(scores.log_likelihood, ends), np.split(scores.greedy, ends))]
