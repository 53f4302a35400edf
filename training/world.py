"""The closed world: reads and checks the tables, ties facts into components of entities, deals components to folds.

A subject and an answer are entities. Facts that share an entity belong to one component, and a component lies in one
fold whole, so that no sentence of one fold names a subject of another. Three things tie entities:
  - a fact ties its subject to its answer, unless the answers of its relation are a small pool (`spans_folds`);
    even then it does where the answer names a subject and few facts share it (`New Zealand dollar`);
  - one name that occurs inside another one as a whole word ties both (`Paris`, `the Paris Opera`), also as a sentence
    would start with it (`sleep`, `The Big Sleep`);
  - a name spans relations: `France` is one entity wherever it is a subject.
"""

import csv
import json
import random
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent / "world"

SEED = 2310
FOLD_SHARES = {"A": 0.45, "B": 0.45, "calibration": 0.05, "control": 0.05}
DEV_SHARE = 0.10           # of A and of B
MAX_SMALL_COMPONENT = 12   # facts; larger components go to A or B only, a 5 % fold could not balance them
MAX_SHARING = 6            # facts that may be tied by an answer of a small pool that names a subject
MAX_ANSWER_CHARACTERS = 32
MIN_STATEMENTS = 6
NUM_QUESTIONS = 3
COLUMNS = ["subject", "answer", "source", "as_of"]


@dataclass(frozen=True)
class Relation:
    id: str
    domain: str
    label: str
    spans_folds: bool
    statements: tuple
    questions: tuple

    @property
    def forms(self):
        """Statements first, then questions; a form's number is its place here."""
        return self.statements + self.questions


@dataclass(frozen=True)
class Fact:
    id: str
    relation: str
    domain: str
    subject: str
    answer: str
    fold: str = ""
    dev: bool = False


class WorldError(ValueError):
    """Everything that is wrong with the tables, one line each."""


def slug(text):
    """Lower-case ASCII words joined by hyphens: `the Côte d'Azur` -> `the-cote-d-azur`."""
    plain = unicodedata.normalize("NFKD", text.translate(str.maketrans("øØłŁđĐıßæÆœŒþð", "oOlLdDisaAoOtd")))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")


def capitalised(text):
    """The text with its first letter in upper case, as a sentence starts."""
    return text[:1].upper() + text[1:]


def words(text):
    """Words and single marks of a text; a name occurs in it as a whole word where its words do, in a row."""
    return re.findall(r"\w+|[^\w\s]", text)


class NameIndex:
    """Finds which of many names occur in a text as whole words (case-sensitive)."""

    def __init__(self, names):
        self.by_first = defaultdict(list)
        for name in names:
            sequence = words(name)
            self.by_first[sequence[0]].append((sequence, name))

    def find(self, text):
        """The set of names that the text contains."""
        tokens = words(text)
        return {
            name
            for i, token in enumerate(tokens)
            for sequence, name in self.by_first.get(token, ())
            if tokens[i:i + len(sequence)] == sequence
        }


def check_row(row, line):
    """Problems of one row of facts.tsv."""
    subject, answer, source, as_of = (row[c] for c in COLUMNS)
    if any(row[c] != row[c].strip() or not row[c] for c in COLUMNS):
        yield f"line {line}: an empty field, or spaces around one"
        return
    if len(answer) > MAX_ANSWER_CHARACTERS:
        yield f"line {line}: the answer {answer!r} is longer than {MAX_ANSWER_CHARACTERS} characters"
    if answer.endswith("."):
        yield f"line {line}: the answer {answer!r} ends in a full stop"
    if source != "author" and not re.fullmatch(r"(@[\w.-]+/)?[\w.-]+@[\w.+-]+:\S.*", source):
        yield f"line {line}: the source {source!r} is neither `author` nor package@version:path"
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}", as_of):
        yield f"line {line}: as_of {as_of!r} is neither a year nor a date"
    for text in (subject, answer):
        if any(ord(c) >= 0x250 and c not in "–—’‘ʻʼ′" and not 0x1E00 <= ord(c) < 0x1F00 for c in text):
            yield f"line {line}: {text!r} is not plain Latin spelling"
        if unicodedata.normalize("NFC", text) != text or "  " in text:
            yield f"line {line}: {text!r} has decomposed letters or double spaces"


def check_forms(raw, folder):
    """Problems of forms.json."""
    for key, kind in (("id", str), ("domain", str), ("label", str), ("spans_folds", bool), ("statements", list), ("questions", list)):
        if not isinstance(raw.get(key), kind):
            yield f"forms.json: {key} is missing or of the wrong kind"
            return
    if raw["id"] != folder:
        yield f"forms.json: id {raw['id']!r} is not the folder's name"
    if len(raw["statements"]) < MIN_STATEMENTS or len(raw["questions"]) != NUM_QUESTIONS:
        yield f"forms.json: {len(raw['statements'])} statements and {len(raw['questions'])} questions"
    forms = raw["statements"] + raw["questions"]
    if len(set(forms)) < len(forms):
        yield "forms.json: a form is there twice"
    for form in forms:
        if form.count("{s}") != 1 or form != form.strip() or re.search(r"[{}]", form.replace("{s}", "")):
            yield f"forms.json: {form!r} must hold {{s}} once and no space at its ends"
    for form in raw["statements"]:
        if form.endswith((".", "?")):
            yield f"forms.json: the statement {form!r} ends before its answer"
    for form in raw["questions"]:
        if not form.endswith("?"):
            yield f"forms.json: the question {form!r} does not end in `?`"


def load_relation(folder):
    """(Relation, [(subject, answer)], problems) of one folder; the relation is None where its forms cannot be used."""
    folder = Path(folder)
    raw = json.loads((folder / "forms.json").read_text(encoding="utf-8"))
    problems = list(check_forms(raw, folder.name))
    with open(folder / "facts.tsv", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, restval="", restkey="extra")
        if reader.fieldnames != COLUMNS:
            return None, [], [*problems, f"facts.tsv: columns {reader.fieldnames}"]
        rows = list(reader)
    for line, row in enumerate(rows, 2):
        problems += [f"line {line}: too many fields"] if "extra" in row else check_row(row, line)
    for name, count in Counter(slug(row["subject"]) for row in rows).items():
        if count > 1 or not name:
            problems.append(f"the subject {name!r} is there {count} times")
    relation = None
    if not any(p.startswith("forms.json") for p in problems):
        relation = Relation(raw["id"], raw["domain"], raw["label"], raw["spans_folds"], tuple(raw["statements"]), tuple(raw["questions"]))
    return relation, [(row["subject"], row["answer"]) for row in rows], [f"{folder.name}: {p}" for p in problems]


def load_tables(root=ROOT, strict=True):
    """All relations and their facts, without folds. Raises WorldError on any problem (`strict`), or prints it and goes on."""
    relations, facts, problems = {}, [], []
    for folder in sorted(p for p in (Path(root) / "relations").iterdir() if p.is_dir()):
        if not strict and not all((folder / name).exists() for name in ("facts.tsv", "forms.json")):
            print(f"{folder.name}: not complete yet")
            continue
        relation, rows, found = load_relation(folder)
        problems += found
        if relation is None:
            continue
        relations[relation.id] = relation
        facts += [Fact(f"{relation.id}/{slug(s)}", relation.id, relation.domain, s, a) for s, a in rows]
    if problems and strict:
        raise WorldError("\n".join(problems))
    for problem in problems:
        print(problem)
    return relations, facts


def naming_answers(relations, facts):
    """Answers of small pools that name a subject: {(relation, answer): (names, number of facts that share it)}."""
    index = NameIndex({name for f in facts for name in (f.subject, capitalised(f.subject))})
    counts = Counter((f.relation, f.answer) for f in facts if relations[f.relation].spans_folds)
    return {key: (names, count) for key, count in counts.items() if (names := index.find(key[1]))}


def drop_named_by_language(relations, facts, report=print):
    """Facts without those whose subject is named by a form, or by an answer of a small pool that many facts share.

    Sentences of every fold would name such a subject.
    """
    index = NameIndex({name for f in facts for name in (f.subject, capitalised(f.subject))})
    named = {}
    for relation in relations.values():
        for text in (*map(capitalised, relation.forms), "Question", "Answer"):
            named.update({name: f"a form of {relation.id}: {text}" for name in index.find(text.replace("{s}", "\0"))})
    for (relation, answer), (names, count) in naming_answers(relations, facts).items():
        if count > MAX_SHARING:
            named.update({name: f"the answer {answer!r} of {count} facts of {relation}" for name in names})
    kept = []
    for fact in facts:
        place = named.get(fact.subject) or named.get(capitalised(fact.subject))
        if place:
            report(f"dropped {fact.id}: {fact.subject!r} occurs in {place}")
        else:
            kept.append(fact)
    return kept


def components(relations, facts):
    """Facts grouped by connected component: a list of lists, in the order of their first fact."""
    parent = {}

    def find(name):
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    naming = naming_answers(relations, facts)
    for fact in facts:
        find(fact.subject)
        if not relations[fact.relation].spans_folds or (fact.relation, fact.answer) in naming:
            parent[find(fact.answer)] = find(fact.subject)
    spelled = defaultdict(set)
    for name in list(parent):
        spelled[name].add(name)
        spelled[capitalised(name)].add(name)
    index = NameIndex(spelled)
    for spelling in spelled:
        names = [name for inner in index.find(spelling) for name in spelled[inner]]
        for name in names:
            parent[find(name)] = find(names[0])
    groups = defaultdict(list)
    for fact in facts:
        groups[find(fact.subject)].append(fact)
    return list(groups.values())


def deal(groups, shares, rng, small_only=(), max_small=MAX_SMALL_COMPONENT):
    """Deals groups of facts to parts, large groups first, each to the part whose relations it fills best.

    Cost of a part: sum over relations of (facts - wanted)^2 / wanted. Returns {fact id: part}.
    """
    groups = sorted(groups, key=lambda g: g[0].id)
    rng.shuffle(groups)
    groups.sort(key=len, reverse=True)
    totals = Counter(f.relation for group in groups for f in group)
    wanted = {part: {r: share * n for r, n in totals.items()} for part, share in shares.items()}
    have = {part: Counter() for part in shares}
    placed = {}
    for group in groups:
        sizes = Counter(f.relation for f in group)

        def added_cost(part):
            return sum(
                ((have[part][r] + n - wanted[part][r]) ** 2 - (have[part][r] - wanted[part][r]) ** 2) / wanted[part][r]
                for r, n in sizes.items()
            )

        parts = [p for p in shares if len(group) <= max_small or p not in small_only]
        best = min(parts, key=added_cost)
        have[best].update(sizes)
        placed.update({f.id: best for f in group})
    return placed


def assign_folds(relations, facts, seed=SEED):
    """The same facts with `fold` and `dev` set."""
    groups = components(relations, facts)
    folds = deal(groups, FOLD_SHARES, random.Random(seed), small_only=("calibration", "control"))
    dev = {}
    for fold in ("A", "B"):
        inside = [g for g in groups if folds[g[0].id] == fold]
        dev.update(deal(inside, {"dev": DEV_SHARE, "rest": 1 - DEV_SHARE}, random.Random(f"{seed}:{fold}"), small_only=("dev",)))
    return [replace(f, fold=folds[f.id], dev=dev.get(f.id) == "dev") for f in facts]


def load_world(root=ROOT, strict=True, report=print):
    """(relations by id, facts with folds) of the tables."""
    relations, facts = load_tables(root, strict)
    facts = drop_named_by_language(relations, facts, report)
    return relations, assign_folds(relations, facts)


def main():
    relations, facts = load_world(strict=False)
    sizes = sorted((len(g) for g in components(relations, facts)), reverse=True)
    print(f"{len(facts)} facts, {len({f.subject for f in facts})} subjects, {len(sizes)} components, largest {sizes[:8]}")
    print(f"{'relation':24}" + "".join(f"{name:>12}" for name in [*FOLD_SHARES, "dev"]))
    for name in [*relations, None]:
        mine = [f for f in facts if name in (None, f.relation)]
        counts = Counter(f.fold for f in mine)
        print(f"{name or 'all':24}" + "".join(f"{counts[fold]:12}" for fold in FOLD_SHARES) + f"{sum(f.dev for f in mine):12}")


if __name__ == "__main__":
    main()
