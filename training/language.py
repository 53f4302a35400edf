"""The closed language: how facts are stated and asked, which forms each fact is taught in, and the ordinary sentences.

A statement's context is the form with the subject; a question's is `Question: <question>\\nAnswer:`. The target is a
space, the answer and the end token. Every fact is kept out of some forms, so that a form can be new to a fact that the
model knows.
"""

import csv
import random
from collections import defaultdict
from dataclasses import dataclass

from names import NameIndex, capitalised
from tables import ROOT
from tokenizer import BEGIN, END
from world import SEED

UNTAUGHT_STATEMENTS = 0.3   # share of a relation's statements that a fact is kept out of (2 or 3 of 8)
UNTAUGHT_QUESTIONS = 1      # of 3
MAX_COMBINED = 2            # generated sentences per subject that has two or more facts


@dataclass(frozen=True)
class Sentence:
    """An ordinary sentence; `fold` is the fold of the entities that it names, or `general` if it names none."""

    text: str
    fold: str


def fill(form, subject):
    """The form with its subject, its first letter in upper case."""
    return capitalised(form.replace("{s}", subject))


def context(relation, form, subject):
    """What comes before the answer in form number `form`."""
    filled = fill(relation.forms[form], subject)
    return filled if form < len(relation.statements) else f"Question: {filled}\nAnswer:"


def target(answer):
    """What comes after the context, before the end token."""
    return " " + answer


def is_question(relation, form):
    return form >= len(relation.statements)


def encode(tokenizer, relation, fact, form):
    """(context ids with begin, target ids with end) of a fact in a form."""
    ids = tokenizer.encode(context(relation, form, fact.subject))
    return [BEGIN, *ids], [*tokenizer.encode(target(fact.answer)), END]


def taught_forms(relations, facts, seed=SEED):
    """{fact id: numbers of the forms it is taught in}, none for control facts.

    The facts of a relation are shuffled and take turns, so that every form is kept from an equal share of them.
    """
    taught = {}
    for relation in relations.values():
        mine = sorted((f.id for f in facts if f.relation == relation.id and f.fold != "control"))
        rng = random.Random(f"{seed}:forms:{relation.id}")
        rng.shuffle(mine)
        num_statements = len(relation.statements)
        statements, questions = Deck(range(num_statements), rng), Deck(range(num_statements, len(relation.forms)), rng)
        for place, name in enumerate(mine):
            # 2.4 of 8: alternates between 2 and 3.
            share = UNTAUGHT_STATEMENTS * num_statements
            count = int(share * (place + 1)) - int(share * place)
            untaught = {*statements.draw(count), *questions.draw(UNTAUGHT_QUESTIONS)}
            taught[name] = [form for form in range(len(relation.forms)) if form not in untaught]
    return {f.id: taught.get(f.id, []) for f in facts}


class Deck:
    """Draws distinct cards, each as often as any other: a shuffled deck, shuffled anew when it runs out."""

    def __init__(self, cards, rng):
        self.cards, self.rng, self.left = list(cards), rng, []

    def draw(self, count):
        drawn = []
        while len(drawn) < count:
            fresh = [c for c in self.left if c not in drawn]
            if not fresh:
                self.left += self.rng.sample(self.cards, len(self.cards))
                continue
            drawn.append(fresh[0])
            self.left.remove(fresh[0])
        return drawn


def lower_first(form, subject):
    """A filled form as it goes on after a comma: its first letter lower, unless the subject starts it."""
    if form.startswith("{s}"):
        return form.replace("{s}", subject)
    first = form.split(" ", 1)[0]
    keep = first == "I" or first[1:] != first[1:].lower()
    return (form if keep else form[:1].lower() + form[1:]).replace("{s}", subject)


def running_statements(relation, taught):
    """The statements that a fact is taught in, without the list-like ones that end in a colon if others are left."""
    statements = [relation.statements[i] for i in taught if not is_question(relation, i)]
    return [s for s in statements if not s.endswith(":")] or statements


def combined_sentences(relations, facts, taught, seed=SEED):
    """Sentences that state two facts about one subject, each in a form that it is taught in."""
    by_subject = defaultdict(list)
    for fact in facts:
        if fact.fold != "control":
            by_subject[fact.subject].append(fact)
    sentences = []
    for subject, mine in sorted(by_subject.items()):
        if len(mine) < 2:
            continue
        rng = random.Random(f"{seed}:combined:{subject}")
        pairs = [(a, b) for a in mine for b in mine if a is not b]
        for first, second in rng.sample(pairs, min(MAX_COMBINED, len(pairs))):
            one, two = (rng.choice(running_statements(relations[f.relation], taught[f.id])) for f in (first, second))
            text = rng.choice((
                f"{fill(one, subject)} {first.answer}, and {lower_first(two, subject)} {second.answer}.",
                f"{fill(one, subject)} {first.answer}. {fill(two, subject)} {second.answer}.",
            ))
            sentences.append(Sentence(text, first.fold))
    return sentences


def read_general(root=ROOT):
    """Texts of general.tsv: its column `text`, or its first column."""
    path = root / "general.tsv"
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        column = next((c for c in ("text", "sentence") if c in rows.fieldnames), rows.fieldnames[0])
        return [row[column].strip() for row in rows if row[column].strip()]


def subject_folds(facts):
    """{name as it may stand in a sentence: fold} of every subject."""
    return {name: f.fold for f in facts for name in (f.subject, capitalised(f.subject))}


def general_sentences(facts, root=ROOT, report=print):
    """General sentences with their folds, without those that name a control subject or subjects of two folds."""
    folds = subject_folds(facts)
    index = NameIndex(folds)
    sentences, left_out = [], 0
    for text in read_general(root):
        named = {folds[name] for name in index.find(text)}
        if "control" in named or len(named) > 1:
            left_out += 1
            continue
        sentences.append(Sentence(text, named.pop() if named else "general"))
    report(f"{len(sentences)} general sentences; {left_out} left out, which name control subjects or two folds")
    return sentences


def ordinary_sentences(relations, facts, taught, root=ROOT, report=print):
    """All sentences of the pretraining text that are not a fact in a form."""
    return general_sentences(facts, root, report) + combined_sentences(relations, facts, taught)


def fact_texts(relations, facts, taught):
    """Yields (fold, text) of every fact in every form that it is taught in."""
    for fact in facts:
        relation = relations[fact.relation]
        for form in taught[fact.id]:
            yield fact.fold, context(relation, form, fact.subject) + target(fact.answer)
