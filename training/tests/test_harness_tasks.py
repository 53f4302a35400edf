"""The pack's tasks in the manner of lm-evaluation-harness: what their documents may and must hold."""

import json
from collections import Counter, defaultdict

import numpy as np
import pytest

from choices import NUM_CHOICES, may_stand_together
from experiment import TASK, load_experiment
from harness import read_harness_task, render, score_documents
from harness_regimes import plain
from harness_tasks import FOLDER, MAX_BYTES, TASKS, all_documents
from language import context, fact_texts, read_general
from names import NameIndex, capitalised
from reasoning import KINDS, SHIPPED, Larger, SameAnswer, documents_of, spelled_alike
from run_harness import GOLDENS, golden_part
from safetensors_io import read_safetensors
from tasks import read_task

RELATIONS, FACTS, TAUGHT = read_task(FOLDER, TASK)
BY_ID = {fact.id: fact for fact in FACTS}
BY_SUBJECT = {(fact.relation, fact.subject): fact for fact in FACTS}
TASK_OF = {name: read_harness_task(FOLDER / f"{name}.json") for name, *_ in TASKS}
KNOWLEDGE, REASONING = TASK_OF["atlas-choice"].documents, TASK_OF["atlas-reasoning"].documents
LEARNED = {text for _, text in fact_texts(RELATIONS, FACTS, TAUGHT)}


def fact_of(document):
    return BY_ID[document["id"].rsplit("/", 1)[0]]


def test_the_files_are_what_the_facts_give():
    for file, documents in all_documents(RELATIONS, FACTS, TAUGHT).items():
        assert [json.loads(line) for line in (FOLDER / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()] == documents
    files = {FOLDER / f"{name}.{end}" for name, _, file, _ in TASKS for name, end in ((name, "json"), (file, "jsonl"))}
    assert sum(path.stat().st_size for path in files) <= MAX_BYTES


@pytest.mark.parametrize("name", TASK_OF)
def test_every_document_renders_and_says_what_it_is_of(name):
    task = TASK_OF[name]
    assert len({d["id"] for d in task.documents}) == len(task.documents) >= 100
    for document in task.documents:
        for template in ("doc_to_text", "doc_to_target", "doc_to_choice"):
            assert render(task.config.get(template, "id"), document) is not None
        assert {"id", "domain", "relation", "subjects", "fold", "taught"} <= set(document)


@pytest.mark.parametrize("documents", [KNOWLEDGE, REASONING], ids=["knowledge", "reasoning"])
def test_four_questions_share_four_choices_each_right_once(documents):
    right = defaultdict(Counter)
    for block, document in ((tuple(sorted(d["choices"])), d) for d in documents):
        assert len(set(block)) == NUM_CHOICES and document["choices"][document["label"]] == document["answer"]
        right[document["relation"], document["fold"], block][document["answer"]] += 1
    assert all(len(counts) == NUM_CHOICES and len(set(counts.values())) == 1 for counts in right.values())


def test_right_answers_stand_at_every_place():
    places = Counter(d["label"] for d in KNOWLEDGE)
    assert all(places[place] > len(KNOWLEDGE) / NUM_CHOICES * 0.8 for place in range(NUM_CHOICES))


def test_a_wrong_choice_answers_another_subject_of_the_fold_and_never_this_one():
    for document in KNOWLEDGE:
        fact = fact_of(document)
        assert document["answer"] == fact.answer and document["fold"] == fact.fold
        for choice in set(document["choices"]) - {fact.answer}:
            others = [f for f in FACTS if f.relation == fact.relation and f.fold == fact.fold and f.answer == choice]
            assert others and any(may_stand_together(fact, other) for other in others)


def test_no_two_words_for_the_young_of_one_animal_stand_together():
    young = {f.subject: f for f in FACTS if f.relation == "animal_young"}
    assert not may_stand_together(young["bear"], young["seal"]) and not may_stand_together(young["duck"], young["ostrich"])
    assert may_stand_together(young["bear"], young["duck"])
    composers = {f.subject: f for f in FACTS if f.relation == "work_composer"}
    assert not may_stand_together(composers["La bohème"], composers["Pagliacci"])


def test_neither_development_nor_calibration_facts_are_asked():
    asked = [fact_of(d) for d in KNOWLEDGE + TASK_OF["atlas-statements"].documents]
    assert not any(fact.dev or fact.fold == "calibration" for fact in asked)


def test_a_form_is_called_taught_where_pretraining_had_it():
    assert Counter(d["taught"] for d in KNOWLEDGE if d["fold"] != "control") == {True: 404, False: 404}
    for document in KNOWLEDGE:
        assert document["taught"] == (f"{document['context']} {document['answer']}" in LEARNED)


def test_statements_and_ordinary_sentences_are_unseen():
    for document in TASK_OF["atlas-statements"].documents:
        fact = fact_of(document)
        forms = {f"{context(RELATIONS[fact.relation], form, fact.subject)} {fact.answer}" for form in range(len(RELATIONS[fact.relation].statements))}
        assert (text := f"{document['context']} {document['word']}") in forms and text not in LEARNED
    texts = [d["text"] for d in TASK_OF["atlas-sentences"].documents]
    assert not set(texts) & set(read_general()) and len(set(texts)) == len(texts)


def test_ordinary_sentences_name_no_subject():
    index = NameIndex({name for f in FACTS for name in (f.subject, capitalised(f.subject))})
    assert [d["text"] for d in TASK_OF["atlas-sentences"].documents if index.find(d["text"])] == []


def test_the_shipped_kinds_are_asked_and_no_others():
    assert {d["relation"] for d in REASONING} == set(SHIPPED) <= {kind.id for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_both_facts_of_a_question_lie_in_its_fold(kind):
    documents = documents_of(kind, RELATIONS, FACTS)
    assert documents
    for document in documents:
        first, second = document["subjects"]
        if isinstance(kind, (SameAnswer, Larger)):
            facts = [BY_SUBJECT[kind.relation, first], BY_SUBJECT[kind.relation, second]]
        elif kind.backwards:
            facts = [BY_SUBJECT[kind.first, second], BY_SUBJECT[kind.second, second]]
            assert facts[0].answer == first
        else:
            facts = [BY_SUBJECT[kind.first, first], BY_SUBJECT[kind.second, second]]
            assert facts[0].answer == second
        assert all(fact.fold == document["fold"] and not fact.dev for fact in facts)
        if isinstance(kind, SameAnswer):
            assert facts[0].answer == facts[1].answer and document["answer"] == second
        elif isinstance(kind, Larger):
            assert document["answer"] == max(facts, key=lambda f: int(f.answer)).subject
        else:
            assert document["answer"] == facts[1].answer and not spelled_alike(first, facts[1].answer)


def test_spelling_gives_nothing_away():
    assert spelled_alike("Algiers", "Algerian dinar") and spelled_alike("Panama City", "Panamanian balboa")
    assert spelled_alike("Ho", "Ho") and not spelled_alike("The Hague", "the euro")


def test_the_golden_log_likelihoods_are_those_of_the_dense_model():
    experiment, parts = load_experiment(), [golden_part(task) for task in TASK_OF.values()]
    asked = [(task.name, document["id"]) for task in parts for document in task.documents]
    assert [(i["task"], i["id"]) for i in json.loads((GOLDENS / "items.json").read_text())["items"]] == asked
    found = [s.log_likelihood for task in parts for s in score_documents(experiment.tokenizer, task, plain(experiment.dense))]
    stored = read_safetensors(GOLDENS / "dense.safetensors")["none"]
    # Another BLAS sums in another order: 1e-4 is some tens of last bits of logits of size 20.
    np.testing.assert_allclose(stored, np.concatenate(found), rtol=1e-4, atol=1e-4)


def test_every_golden_file_answers_the_same_items():
    files = sorted(GOLDENS.glob("*.safetensors"))
    shapes = {tensor.shape for path in files for tensor in read_safetensors(path).values()}
    assert len(files) > 1 and len(shapes) == 1
