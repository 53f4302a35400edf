"""The closed world: ties facts into components of entities and deals the components to folds.

A subject and an answer are entities. Facts that share an entity belong to one component, and a component lies in one
fold whole, so that no sentence of one fold names a subject of another. Three things tie entities:
  - a fact ties its subject to its answer, unless the answers of its relation are a small pool (`spans_folds`);
    even then it does where the answer names a subject and few facts share it (`New Zealand dollar`);
  - one name that occurs inside another one as a whole word ties both (`Paris`, `the Paris Opera`), also as a sentence
    would start with it (`sleep`, `The Big Sleep`);
  - a name spans relations: `France` is one entity wherever it is a subject.
"""

import random
from collections import Counter, defaultdict
from dataclasses import replace

from names import NameIndex, capitalised
from tables import ROOT, load_tables

SEED = 2310
FOLD_SHARES = {"A": 0.45, "B": 0.45, "calibration": 0.05, "control": 0.05}
DEV_SHARE = 0.10           # of A and of B
MAX_SMALL_COMPONENT = 12   # facts; larger components go to A or B only, a 5 % fold could not balance them
MAX_SHARING = 6            # facts that may be tied by an answer of a small pool that names a subject


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
