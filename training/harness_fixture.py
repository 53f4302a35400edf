"""Writes what the page's reader of tasks is tested against: src/testing/fixtures/harness.json.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/harness_fixture.py

By task: the number of requests and of their tokens, the requests of the first document, and the hash of all of them: the ids of a context,
65535, those of its continuation, 65535, as unsigned 16-bit little-endian numbers. Beside them every 8th document: the dense model's
log-likelihoods, one per choice, whether each choice is greedy, and the metrics of these documents. `hashes` are those that the harness
writes beside the first document: of its JSON, of its prompt and of its target.
"""

import hashlib
import json

import numpy as np

from harness import Scores, render, requests_of, task_metrics
from run_harness import Evaluation, part
from tokenizer_fixture import FIXTURES, SEPARATOR

EVERY = 8
DIGITS = 6


def requests_entry(tokenizer, task):
    """Hashes, count, tokens and first requests of a task."""
    digest, count, tokens = hashlib.sha256(), 0, 0
    asked = [requests_of(tokenizer, task, document) for document in task.documents]
    for request in (r for mine in asked for r in mine):
        for ids in (request.context, request.continuation):
            digest.update(np.array([*ids, SEPARATOR], dtype="<u2").tobytes())
            tokens += len(ids)
        count += 1
    first = [{"context": r.context, "continuation": r.continuation} for r in asked[0]]
    return {"hashes": hashes(task), "requests": count, "tokens": tokens, "sha256": digest.hexdigest(), "first": first}


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def hashes(task):
    """doc_hash, prompt_hash and target_hash of the first document."""
    document, target = task.documents[0], render(task.config["doc_to_target"], task.documents[0])
    prompt = target if task.config["output_type"] == "loglikelihood_rolling" else render(task.config["doc_to_text"], document)
    return [sha256(json.dumps(document, indent=2, ensure_ascii=False)), sha256(prompt), sha256(str(target))]


def scores_entry(task, scores):
    """Rounded log-likelihoods of every 8th document, and what PyTorch's side makes of these."""
    chosen = {d["id"] for d in task.documents[::EVERY]}
    kept, mine = part(task, scores, lambda d: d["id"] in chosen)
    rounded = [Scores(s.log_likelihood.astype(np.float64).round(DIGITS), s.greedy) for s in mine]
    return {
        "ids": [d["id"] for d in kept.documents], "logLikelihoods": [s.log_likelihood.tolist() for s in rounded],
        "greedy": [[int(g) for g in s.greedy] for s in rounded], "metrics": task_metrics(kept, rounded),
    }


def write_fixture(evaluation):
    tokenizer = evaluation.regimes.experiment.tokenizer
    entries = [
        json.dumps({"task": task.name, **requests_entry(tokenizer, task), **scores_entry(task, scores)})
        for task, scores in zip(evaluation.tasks, evaluation.scores(None))
    ]
    (FIXTURES / "harness.json").write_text("[\n" + ",\n".join(entries) + "\n]\n")


if __name__ == "__main__":
    write_fixture(Evaluation())
