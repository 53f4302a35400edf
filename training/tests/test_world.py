"""The tables, the folds, the taught forms and the pretraining text."""

import random
import sys
from collections import Counter, defaultdict

import pytest

from language import context, fact_texts, fill, ordinary_sentences, subject_folds, target, taught_forms
from names import NameIndex
from tables import ROOT, Fact, Relation, load_tables, slug
from tasks import read_task, write_task
from world import FOLD_SHARES, components, deal, drop_named_by_language, load_world

sys.path.insert(0, str(ROOT))
import blind  # noqa: E402  (it lies beside the tables)


@pytest.fixture(scope="module")
def world():
    return load_world(report=lambda line: None)


@pytest.fixture(scope="module")
def taught(world):
    return taught_forms(*world)


@pytest.fixture(scope="module")
def sentences(world, taught):
    """(fold, text) of all pretraining text."""
    ordinary = ordinary_sentences(*world, taught, report=lambda line: None)
    return [*fact_texts(*world, taught), *((s.fold, s.text) for s in ordinary)]


def make_relation(name, spans_folds=False, forms=("The thing of {s} is",)):
    return Relation(name, "test", name, spans_folds, tuple(forms), ())


def make_facts(*rows):
    return [Fact(f"{r}/{slug(s)}", r, "test", s, a) for r, s, a in rows]


def test_no_sentence_of_one_fold_names_a_subject_of_another(world, sentences):
    folds = subject_folds(world[1])
    index = NameIndex(folds)
    for fold, text in sentences:
        named = {name: folds[name] for name in index.find(text)}
        assert all(other == fold for other in named.values()), (fold, text, named)


def test_control_subjects_are_in_no_pretraining_text(world, sentences):
    index = NameIndex(name for name, fold in subject_folds(world[1]).items() if fold == "control")
    assert not [(text, index.find(text)) for _, text in sentences if index.find(text)]


def test_the_world_is_large_and_wide_enough(world):
    relations, facts = world
    assert len(facts) >= 2500 and len(relations) >= 8
    assert len({fact.domain for fact in facts}) >= 4
    assert {fact.relation for fact in facts} == set(relations)


def test_every_relation_is_a_function_and_ids_are_unique(world):
    _, facts = world
    answers = defaultdict(set)
    for fact in facts:
        answers[fact.relation, fact.subject].add(fact.answer)
    assert all(len(found) == 1 for found in answers.values())
    assert len({f.id for f in facts}) == len(facts)


def test_the_answer_comes_last(world):
    relations, facts = world
    for fact in facts:
        relation = relations[fact.relation]
        for form in range(len(relation.forms)):
            text = context(relation, form, fact.subject) + target(fact.answer)
            assert text.endswith(" " + fact.answer) and not text.endswith((" ", "."))
            assert fact.subject in text or fact.subject[1:] in text


def test_a_subject_at_the_start_of_a_sentence_is_capitalised():
    assert fill("{s} lies in", "the Louvre") == "The Louvre lies in"
    assert fill("Where does {s} lie?", "the Louvre") == "Where does the Louvre lie?"


def test_folds_have_their_shares_in_every_relation(world):
    _, facts = world
    counts = Counter(f.fold for f in facts)
    for fold, share in FOLD_SHARES.items():
        assert abs(counts[fold] / len(facts) - share) < 0.01
    for relation in {f.relation for f in facts}:
        mine = Counter(f.fold for f in facts if f.relation == relation)
        total = sum(mine.values())
        for fold, share in FOLD_SHARES.items():
            assert abs(mine[fold] - share * total) <= max(2, 0.05 * total), (relation, fold, mine)
            assert mine[fold] > 0


def test_the_development_part_is_a_tenth_of_A_and_of_B(world):
    _, facts = world
    for fold in FOLD_SHARES:
        dev = [f.dev for f in facts if f.fold == fold]
        assert abs(sum(dev) / len(dev) - (0.1 if fold in "AB" else 0.0)) < 0.02


def test_a_component_lies_in_one_fold_and_one_part(world):
    relations, facts = world
    for group in components(relations, facts):
        assert len({(f.fold, f.dev) for f in group}) == 1


def test_folds_do_not_depend_on_the_order_or_the_run(world):
    assert load_world(report=lambda line: None)[1] == world[1]


def test_every_fact_is_kept_out_of_a_question_and_two_or_three_statements(world, taught):
    relations, facts = world
    for fact in facts:
        relation = relations[fact.relation]
        questions = [i for i in taught[fact.id] if i >= len(relation.statements)]
        statements = [i for i in taught[fact.id] if i < len(relation.statements)]
        if fact.fold == "control":
            assert not taught[fact.id]
            continue
        assert len(questions) == 2
        assert 0.25 <= 1 - len(statements) / len(relation.statements) <= 0.4


def test_every_form_is_taught_for_about_two_thirds_of_its_facts(world, taught):
    relations, facts = world
    for relation in relations.values():
        mine = [f for f in facts if f.relation == relation.id and f.fold != "control"]
        for form in range(len(relation.forms)):
            share = sum(form in taught[f.id] for f in mine) / len(mine)
            assert 0.6 <= share <= 0.77, (relation.id, form, share)


def test_names_tie_through_answers_and_whole_words_only():
    relations = {"capital": make_relation("capital"), "kind": make_relation("kind", True)}
    facts = make_facts(
        ("capital", "France", "Paris"), ("capital", "Texas", "Austin"), ("kind", "the Paris Opera", "house"),
        ("kind", "Parison", "house"), ("kind", "opera", "art"), ("kind", "operas", "art"),
    )
    groups = {frozenset(f.subject for f in g) for g in components(relations, facts)}
    assert groups == {frozenset({"France", "the Paris Opera", "opera"}), frozenset({"Texas"}), frozenset({"Parison"}), frozenset({"operas"})}


def test_an_answer_of_a_small_pool_ties_only_if_it_names_a_subject():
    relations = {"currency": make_relation("currency", True)}
    facts = make_facts(("currency", "Tuvalu", "Australian dollar"), ("currency", "Niue", "New Zealand dollar"),
                       ("currency", "New Zealand", "New Zealand dollar"), ("currency", "Kiribati", "Australian dollar"))
    assert sorted(len(g) for g in components(relations, facts)) == [1, 1, 2]


def test_subjects_that_forms_name_are_dropped():
    relations = {"plural": make_relation("plural", forms=("The plural of {s} is",))}
    facts = make_facts(("plural", "the", "thes"), ("plural", "plural", "plurals"), ("plural", "ox", "oxen"))
    reports = []
    assert [f.subject for f in drop_named_by_language(relations, facts, reports.append)] == ["ox"]
    assert len(reports) == 2


def test_large_components_go_to_no_small_fold():
    groups = [make_facts(*(("r", f"s{i} {j}", "a") for j in range(20 if i == 0 else 1))) for i in range(30)]
    placed = deal(groups, {"A": 0.5, "small": 0.5}, random.Random(0), small_only=("small",))
    assert {placed[f.id] for f in groups[0]} == {"A"}


def test_the_tables_have_no_problems():
    load_tables()


def test_a_task_reads_back_as_it_was_written(tmp_path, world, taught):
    write_task(tmp_path, "atlas", *world, taught)
    assert read_task(tmp_path, "atlas") == (*world, taught)


def test_every_author_row_has_a_second_answer_that_agrees():
    assert blind.differences() == []


def test_second_answers_are_compared_without_case_diacritics_and_article():
    assert blind.fold_text("The Bogotá") == blind.fold_text("bogota")
    assert blind.fold_text("Paris") != blind.fold_text("Parma")
