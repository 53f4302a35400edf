"""The blind pass: every row of source `author` is answered a second time by someone who does not see the first answer.

    blind.py questions <folder>   writes <folder>/<relation>.tsv: relation, subject, question (no answers)
    blind.py compare              lists the rows whose second answer is missing or differs; exit status 1 if there are any

The second answers live in `blind/<relation>.tsv` (columns subject, answer). Answers are compared without regard to case,
diacritics, surrounding space and a leading article.
"""

import csv
import json
import re
import sys
import unicodedata
from pathlib import Path

WORLD = Path(__file__).resolve().parent


def read_rows(path):
    """Rows of a tab-separated file with a header line, as dictionaries."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def fold_text(text):
    """Case-folded text without diacritics, a leading article and repeated spaces, for comparing answers."""
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    plain = plain.translate(str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "’": "'", "-": " "}))
    return re.sub(r"^(the|a|an) ", "", re.sub(r"\s+", " ", plain))


def author_rows(world=WORLD):
    """Yields (relation, subject, answer) of every row whose source is `author`."""
    for path in sorted((world / "relations").glob("*/facts.tsv")):
        for row in read_rows(path):
            if row["source"] == "author":
                yield path.parent.name, row["subject"], row["answer"]


def write_questions(folder, world=WORLD):
    """Writes one file of questions per relation; returns how many questions each holds."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rows = {}
    for relation, subject, _ in author_rows(world):
        rows.setdefault(relation, []).append(subject)
    for relation, subjects in rows.items():
        forms = json.loads((world / "relations" / relation / "forms.json").read_text(encoding="utf-8"))
        lines = ["relation\tsubject\tquestion"]
        for subject in subjects:
            question = forms["questions"][0].replace("{s}", subject)
            lines.append(f"{relation}\t{subject}\t{question[0].upper()}{question[1:]}")
        (folder / f"{relation}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {relation: len(subjects) for relation, subjects in rows.items()}


def differences(world=WORLD):
    """Author rows without an agreeing second answer: a list of (relation, subject, first answer, second answer or None)."""
    second = {}
    found = []
    for relation, subject, answer in author_rows(world):
        if relation not in second:
            path = world / "blind" / f"{relation}.tsv"
            second[relation] = {row["subject"]: row["answer"] for row in read_rows(path)} if path.exists() else {}
        other = second[relation].get(subject)
        if other is None or fold_text(other) != fold_text(answer):
            found.append((relation, subject, answer, other))
    return found


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "questions":
        for relation, count in write_questions(arguments[1]).items():
            print(f"{relation}: {count} questions")
        return 0
    if arguments == ["compare"]:
        found = differences()
        for relation, subject, answer, other in found:
            print(f"{relation}\t{subject}\t{answer}\t{'(no second answer)' if other is None else other}")
        print(f"{len(found)} of {sum(1 for _ in author_rows())} author rows lack an agreeing second answer")
        return 1 if found else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
