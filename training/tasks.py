"""Writes and reads the task of a pack: the forms in `<task>.json`, one fact per line in `<task>.jsonl`.

The JSON follows lm-evaluation-harness (keys `task`, `output_type`, `doc_to_text`, ...). The harness knows one context
per document: its `doc_to_text` asks each relation's first question. All forms lie under `relations`, with `{s}` for
the subject.
"""

import json
from pathlib import Path

from names import capitalised
from tables import Fact, Relation

VERSION = 1


def first_question_template(relations):
    """A Jinja template that asks the first question of a document's relation."""
    questions = json.dumps({r.id: capitalised(r.questions[0]) for r in relations.values()}, ensure_ascii=False)
    return f"{{% set questions = {questions} %}}Question: {{{{ questions[relation] | replace('{{s}}', subject) }}}}\nAnswer:"


def task_config(name, relations):
    """The content of `<task>.json`."""
    return {
        "task": name,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": f"{name}.jsonl"}},
        "test_split": "test",
        "output_type": "generate_until",
        "generation_kwargs": {"until": ["<|end|>"], "do_sample": False},
        "doc_to_text": first_question_template(relations),
        "doc_to_target": " {{answer}}",
        "target_delimiter": "",
        "num_fewshot": 0,
        "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
        "metadata": {"version": VERSION},
        "relations": [
            {
                "id": r.id, "domain": r.domain, "label": r.label, "spans_folds": r.spans_folds,
                "statements": list(r.statements), "questions": list(r.questions),
            }
            for r in relations.values()
        ],
    }


def task_document(fact, taught):
    """One line of `<task>.jsonl`."""
    return {
        "id": fact.id, "relation": fact.relation, "domain": fact.domain, "subject": fact.subject, "answer": fact.answer,
        "fold": fact.fold, "dev": fact.dev, "taught": taught[fact.id],
    }


def write_task(folder, name, relations, facts, taught):
    """Writes both files into `folder`."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    config = json.dumps(task_config(name, relations), ensure_ascii=False, indent=2)
    (folder / f"{name}.json").write_text(config + "\n", encoding="utf-8")
    lines = (json.dumps(task_document(f, taught), ensure_ascii=False, separators=(",", ":")) for f in facts)
    (folder / f"{name}.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def read_task(folder, name):
    """(relations by id, facts, {fact id: taught forms}) of a task that `write_task` wrote."""
    folder = Path(folder)
    config = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    relations = {
        r["id"]: Relation(r["id"], r["domain"], r["label"], r["spans_folds"], tuple(r["statements"]), tuple(r["questions"]))
        for r in config["relations"]
    }
    facts, taught = [], {}
    for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        taught[document["id"]] = document.pop("taught")
        facts.append(Fact(**document))
    return relations, facts, taught
