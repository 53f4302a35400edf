"""Writes the tasks of the pack beside its facts, as lm-evaluation-harness words them: knowledge, reasoning, language understanding.

    /usr/bin/python3 training/harness_tasks.py

They are a function of the task `atlas` and the constants in choices.py, reasoning.py and unseen.py. Two tasks may share documents.
"""

import json

from choices import knowledge_documents
from experiment import PACK, TASK
from language import context
from reasoning import reasoning_documents
from tasks import read_task
from unseen import sentence_documents, statement_documents

VERSION = 1
FOLDER = PACK / "tasks"
MAX_BYTES = 600_000
HIGHER, LOWER = True, False


def metrics(**higher_is_better):
    aggregation = lambda name: "mean" if name.startswith(("acc", "exact")) else name
    return [{"metric": name, "aggregation": aggregation(name), "higher_is_better": higher} for name, higher in higher_is_better.items()]


CHOICE = {"output_type": "multiple_choice", "doc_to_text": "context", "doc_to_choice": "choices", "doc_to_target": "label",
          "metric_list": metrics(acc=HIGHER, acc_norm=HIGHER, acc_bytes=HIGHER)}
ROLLING = {"output_type": "loglikelihood_rolling", "doc_to_text": "", "metric_list": metrics(word_perplexity=LOWER, byte_perplexity=LOWER, bits_per_byte=LOWER)}
# (task, family, its documents' file, what differs)
TASKS = (
    ("atlas-choice", "knowledge", "atlas-choice", CHOICE),
    ("atlas-exact", "knowledge", "atlas-choice", {
        "output_type": "generate_until", "doc_to_text": "context", "doc_to_target": " {{answer}}", "target_delimiter": "",
        "generation_kwargs": {"until": ["<|end|>"], "do_sample": False}, "metric_list": metrics(exact_match=HIGHER)}),
    ("atlas-reasoning", "reasoning", "atlas-reasoning", CHOICE),
    ("atlas-sentences", "language", "atlas-sentences", {**ROLLING, "doc_to_target": "text"}),
    ("atlas-statements", "language", "atlas-statements", {**ROLLING, "doc_to_target": "{{context}} {{word}}"}),
    ("atlas-last-word", "language", "atlas-statements", {
        "output_type": "loglikelihood", "doc_to_text": "context", "doc_to_target": " {{word}}", "target_delimiter": "", "metric_list": metrics(perplexity=LOWER, acc=HIGHER)}),
)


def harness_config(name, family, file, special):
    """The content of `<task>.json`."""
    return {
        "task": name, "tag": [family], "dataset_path": "json", "dataset_kwargs": {"data_files": {"test": f"{file}.jsonl"}}, "test_split": "test",
        "target_delimiter": " ", "num_fewshot": 0, **special, "metadata": {"version": VERSION},
    }


def all_documents(relations, facts, taught):
    """{file: documents}"""
    return {
        "atlas-choice": knowledge_documents(relations, facts, taught, context),
        "atlas-reasoning": reasoning_documents(relations, facts),
        "atlas-sentences": sentence_documents(),
        "atlas-statements": statement_documents(relations, facts, taught),
    }


def main():
    documents, size = all_documents(*read_task(FOLDER, TASK)), 0
    contents = {f"{name}.json": json.dumps(harness_config(name, *rest), ensure_ascii=False, indent=2) + "\n" for name, *rest in TASKS}
    for file, mine in documents.items():
        contents[f"{file}.jsonl"] = "".join(json.dumps(d, ensure_ascii=False, separators=(",", ":")) + "\n" for d in mine)
    for name, text in contents.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        size += len(text.encode())
    for file, mine in documents.items():
        print(f"{file}: {len(mine)} documents, {len(contents[f'{file}.jsonl'].encode()) / 1000:.0f} kB")
    if size > MAX_BYTES:
        raise SystemExit(f"the tasks are larger than {MAX_BYTES / 1000:.0f} kB: {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
