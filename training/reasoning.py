"""Questions that join two facts of one fold which no text of the pretraining joins, and comparisons of two facts of one relation.

Four questions of a block share their choices (see choices.py). All kinds that were tried are here; `SHIPPED` names those on which
the dense model is above chance by an interval that holds for all kinds at once (docs/tasks.md has the figures).
"""

import random
import re
from dataclasses import dataclass

from choices import NUM_CHOICES, SEED, blocks_of_four, with_choices
from names import capitalised

FOLDS = ("A", "B")
BLOCKS_PER_KIND = 18      # of a kind in a fold
SPELLING = 3              # first letters of a longer word that may not recur: `Algiers` gives away `Algerian dinar`


@dataclass(frozen=True)
class TwoHops:
    """The subject's answer in `first` is the bridge, whose answer in `second` is asked for; `{s}` is the subject, `{b}` the bridge.

    With `backwards` the first fact is read from its answer to its subject, and its answer is what is named.
    """

    id: str
    first: str
    second: str
    question: str
    backwards: bool = False


@dataclass(frozen=True)
class SameAnswer:
    """Which of four subjects has the same answer as a fifth one."""

    id: str
    relation: str
    question: str


@dataclass(frozen=True)
class Larger:
    """Which of two subjects has the larger number as its answer; both orders are asked."""

    id: str
    relation: str
    question: str           # with {s} and {o}


THE_COUNTRY = "the country where {s} is located"
OF_A_COUNTRY = {
    "continent": "Which continent is {} part of?", "currency": "Which currency is used in {}?", "capital": "What is the capital of {}?",
    "calling_code": "What is the international calling code of {}?", "country_code": "What is the two-letter ISO code of {}?",
}
KINDS = (
    *(TwoHops(f"city/{second}", "city_country", second, form.format(THE_COUNTRY)) for second, form in OF_A_COUNTRY.items()),
    *(TwoHops(f"city/{second}/bare", "city_country", second, OF_A_COUNTRY[second].format("{s}")) for second in ("continent", "currency")),
    *(TwoHops(f"city/{second}/told", "city_country", second, "{s} is in {b}. " + form.format("this country")) for second, form in OF_A_COUNTRY.items()),
    *(TwoHops(f"capital/{second}", "capital", second, form.format("the country whose capital is {s}"), backwards=True)
      for second, form in OF_A_COUNTRY.items() if second != "capital"),
    *(TwoHops(f"country_code/{second}", "country_code", second, form.format("the country with the ISO code {s}"), backwards=True)
      for second, form in OF_A_COUNTRY.items() if second != "country_code"),
    TwoHops("landmark/country", "landmark_city", "city_country", "In which country is the city that is home to {s}?"),
    TwoHops("landmark/country/bare", "landmark_city", "city_country", "In which country is {s}?"),
    TwoHops("symbol/atomic_number", "element_symbol", "atomic_number", "What is the atomic number of the element with the symbol {s}?", backwards=True),
    TwoHops("symbol/period", "element_symbol", "element_period", "Which period of the periodic table is the element with the symbol {s} in?", backwards=True),
    TwoHops("state_capital/abbreviation", "state_capital", "state_abbreviation", "What is the postal abbreviation of the state whose capital is {s}?",
            backwards=True),
    TwoHops("atomic_number/roman", "atomic_number", "roman_numeral", "What is the atomic number of {s} in Roman numerals?"),
    SameAnswer("same/animal_class", "animal_class", "Which animal belongs to the same group of animals as the {s}?"),
    SameAnswer("same/continent", "continent", "Which country is on the same continent as {s}?"),
    SameAnswer("same/city_country", "city_country", "Which city is in the same country as {s}?"),
    SameAnswer("same/element_period", "element_period", "Which element is in the same period as {s}?"),
    SameAnswer("same/star_constellation", "star_constellation", "Which star is in the same constellation as {s}?"),
    SameAnswer("same/book_author", "book_author", 'Which book is by the author of "{s}"?'),
    Larger("larger/atomic_number", "atomic_number", "Which element has the larger atomic number, {s} or {o}?"),
)
SHIPPED = ("city/continent/bare", "city/currency/bare", "city/continent/told", "city/capital/told", "city/calling_code/told")


def spelled_alike(one, other):
    """Whether two names share the beginning of a word, or are the same."""
    beginnings = lambda name: {word[:SPELLING].lower() for word in re.findall(r"\w+", name) if len(word) > SPELLING}
    return one == other or bool(beginnings(one) & beginnings(other))


def ask(question, **names):
    """The context of a question with its names filled in."""
    for mark, name in names.items():
        question = question.replace(f"{{{mark}}}", name)
    return f"Question: {capitalised(question)}\nAnswer:"


@dataclass(frozen=True)
class Hop:
    named: str
    bridge: str
    answer: str


def hops_of(kind, facts, fold):
    """What the kind can ask in a fold: both facts in it, neither a development fact, nothing given away by spelling."""
    second = {f.subject: f for f in facts if f.relation == kind.second and f.fold == fold and not f.dev}
    hops = []
    for fact in facts:
        if fact.relation != kind.first or fact.fold != fold or fact.dev:
            continue
        named, bridge = (fact.answer, fact.subject) if kind.backwards else (fact.subject, fact.answer)
        if bridge in second and not spelled_alike(named, second[bridge].answer) and not spelled_alike(named, bridge):
            hops.append(Hop(named, bridge, second[bridge].answer))
    return hops


def two_hop_documents(kind, facts, fold, rng, most, document):
    different = lambda one, other: one.answer != other.answer
    for block in blocks_of_four(hops_of(kind, facts, fold), different, rng, most):
        for hop in block:
            context = ask(kind.question, s=hop.named, b=hop.bridge)
            yield with_choices(document([hop.named, hop.bridge], context), [h.answer for h in block], hop.answer, rng)


def same_answer_documents(kind, facts, fold, rng, most, document):
    """Of each of four answers two subjects: one is asked about, the other is a choice."""
    left = rng.sample(mine := [f for f in facts if f.relation == kind.relation and f.fold == fold and not f.dev], len(mine))
    for _ in range(most):
        pairs = pairs_of_one_answer(left)[:NUM_CHOICES]
        if len(pairs) < NUM_CHOICES:
            return
        left = [f for f in left if all(f not in pair for pair in pairs)]
        for asked, same in pairs:
            context = ask(kind.question, s=asked.subject)
            yield with_choices(document([asked.subject, same.subject], context), [pair[1].subject for pair in pairs], same.subject, rng)


def pairs_of_one_answer(facts):
    """The first two facts of every answer that two share, in the order of the facts."""
    by_answer = {}
    for fact in facts:
        by_answer.setdefault(fact.answer, []).append(fact)
    return [tuple(mine[:2]) for mine in by_answer.values() if len(mine) > 1]


def larger_documents(kind, facts, fold, rng, most, document):
    mine = [f for f in facts if f.relation == kind.relation and f.fold == fold and not f.dev]
    shuffled = rng.sample(mine, len(mine))
    for one, other in list(zip(shuffled[::2], shuffled[1::2]))[:2 * most]:
        larger = max(one, other, key=lambda f: int(f.answer)).subject
        for first, second in ((one.subject, other.subject), (other.subject, one.subject)):
            context = ask(kind.question, s=first, o=second)
            choices = [first, second]
            yield {**document([first, second], context), "choices": choices, "label": choices.index(larger), "answer": larger}


MAKERS = {TwoHops: two_hop_documents, SameAnswer: same_answer_documents, Larger: larger_documents}


def documents_of(kind, relations, facts, most=BLOCKS_PER_KIND):
    """Documents of a kind, at most `most` blocks of four in a fold; no form of a fact's own is used, so none was taught."""
    asked = relations[kind.second if isinstance(kind, TwoHops) else kind.relation]
    documents = []
    for fold in FOLDS:
        rng = random.Random(f"{SEED}:reasoning:{kind.id}:{fold}")
        document = lambda subjects, context: {
            "domain": asked.domain, "relation": kind.id, "subjects": subjects, "fold": fold, "taught": False, "context": context,
        }
        documents += MAKERS[type(kind)](kind, facts, fold, rng, most, document)
    return [{"id": f"{kind.id}/{number}", **d} for number, d in enumerate(documents)]


def reasoning_documents(relations, facts):
    """Documents of the shipped kinds."""
    return [document for kind in KINDS if kind.id in SHIPPED for document in documents_of(kind, relations, facts)]
