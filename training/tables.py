"""The tables of the world: reads relations and facts and checks every rule of world/README.md."""

import csv
import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent / "world"

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
