"""Writes training/REPORT.md: every regime on seen and held-out facts, fates, null repairs, routing, with intervals.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/report.py [RECIPE ...]

Works with whatever repairs are finished. A mild recipe takes about 20 minutes, a severe one 10; those not named keep
their section, and several processes may write at once. Every interval is a 95 % cluster bootstrap over subjects; no figure counts
development facts.
"""

import argparse
import fcntl
import json
from collections import Counter
from typing import Dict, List

import numpy as np
import torch

from evaluate import cluster_bootstrap
from experiment import DEV_STATEMENTS, STATE, TRAINING, load_experiment, load_recipes
from measure import Asked, pool_rules, twins
from run_repairs import queue
from train_repair import is_finished

# --- config -----------------------------------------------------------------
OUT = TRAINING / "REPORT.md"
NUM_RESAMPLES = 2000
RIGHT_QUESTIONS = 2            # of 3, for a fact's fate
FATES = ("kept", "displaced", "relearned", "lost", "broken")
RECOMPRESSED = ", merged and re-compressed"
BEST_SINGLE, RANDOM = ", best single", ", random pick"
# Which shuffled repair a type is held against: its own, or that of its kind.
NULLS = {"single": "single-shuffled", "pool-apart": "single-shuffled", "pool-routed": "single-shuffled", "prefix": "single-shuffled",
         "lora-r1": "lora-r8-shuffled", "lora-r8": "lora-r8-shuffled"}
COMPARISONS = [(pool, other) for pool in ("pool-routed", "pool-apart") for other in (pool + RANDOM, pool + BEST_SINGLE, "single", "lora-r8")] + [
    ("single", "lora-r8"), ("prefix", "lora-r8"), ("lora-r1", "lora-r8"), ("lora-r8" + RECOMPRESSED, "lora-r8")]
# ----------------------------------------------------------------------------

questions = lambda right: right[:, DEV_STATEMENTS:].mean(1)      # share of a fact's questions, [facts]
statements = lambda right: right[:, :DEV_STATEMENTS].mean(1)
majority = lambda right: right[:, DEV_STATEMENTS:].sum(1) >= RIGHT_QUESTIONS


def share(values: np.ndarray, subjects: np.ndarray) -> str:
    """`.812 [.798, .826]`"""
    if len(values) == 0:
        return ""
    text = "%.3f [%.3f, %.3f]" % cluster_bootstrap(values, subjects, NUM_RESAMPLES)
    return text.replace("0.", ".")


def points(values: np.ndarray, subjects: np.ndarray) -> str:
    """Mean in percentage points with its interval; of paired differences, zero outside it is a difference shown."""
    return "%+.1f [%+.1f, %+.1f]" % tuple(100 * v for v in cluster_bootstrap(values, subjects, NUM_RESAMPLES))


def verdict(values: np.ndarray, subjects: np.ndarray) -> str:
    _, low, high = cluster_bootstrap(values, subjects, NUM_RESAMPLES)
    return "better" if low > 0 else "worse" if high < 0 else "no difference shown"


def recovered(dense, variant, regime, subjects) -> str:
    """(regime - variant) / (dense - variant) with its interval; hidden while the damage's interval touches 0."""
    _, which = np.unique(subjects, return_inverse=True)
    rng = np.random.default_rng(0)
    weights = rng.multinomial(which.max() + 1, np.full(which.max() + 1, 1 / (which.max() + 1)), size=NUM_RESAMPLES)
    gain = np.bincount(which, weights=regime - variant)
    damage = np.bincount(which, weights=dense - variant)
    low_damage = np.percentile(weights @ damage, 2.5)
    if low_damage <= 0:
        return "damage too small"
    low, high = np.percentile((weights @ gain) / (weights @ damage), [2.5, 97.5])
    return f"{100 * gain.sum() / damage.sum():.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def seen_and_held_out(asked: Asked, by_fold: Dict[str, np.ndarray]):
    """({'seen', 'held-out'}: (right [facts, forms], mask of the facts)) from the answers of one or both twins."""
    result = {}
    for name, same in (("seen", True), ("held-out", False)):
        right, mask = np.zeros(next(iter(by_fold.values())).shape), np.zeros(len(asked.facts), dtype=bool)
        for fold, answers in by_fold.items():
            mine = (asked.folds == fold) if same else np.isin(asked.folds, ["A", "B"]) & (asked.folds != fold)
            right[mine], mask = answers[mine], mask | mine
        result[name] = (right, mask)
    return result


def regime_rows(asked: Asked, dense, variant, types: Dict[str, Dict[str, np.ndarray]], records) -> List[str]:
    rows = ["| regime | extra parameters | steps | seen | held-out | recovered, seen | recovered, held-out | held-out, statements | control |", "|---|---|---|---|---|---|---|---|---|"]
    facts, control = asked.folds != "control", asked.folds == "control"
    s = asked.subjects
    for name, right in (("dense", dense), ("none", variant)):
        cell = share(questions(right)[facts], s[facts])
        rows.append(f"| {name} | 0 | | {cell} | {cell} | | | {share(statements(right)[facts], s[facts])} | {share(questions(right)[control], s[control])} |")
    for name, by_fold in types.items():
        sides = seen_and_held_out(asked, by_fold)
        cells, shares = [], []
        for right, mask in sides.values():
            cells.append(share(questions(right)[mask], s[mask]))
            shares.append(recovered(questions(dense)[mask], questions(variant)[mask], questions(right)[mask], s[mask]))
        right, mask = sides["held-out"]
        guess = np.mean([questions(answers) for answers in by_fold.values()], axis=0)
        meta = [records[name][fold] for fold in by_fold]
        folds = "" if len(by_fold) == 2 else f" (fold {next(iter(by_fold))} only)"
        rows.append(f"| {name}{folds} | {meta[0]['parameters']:,} | {' / '.join(str(r['steps']) for r in meta)} | {cells[0]} | {cells[1]} | "
                    f"{shares[0]} | {shares[1]} | {share(statements(right)[mask], s[mask])} | {share(guess[control], s[control])} |")
    return rows


def fates(dense, variant, seen, held_out) -> np.ndarray:
    """Fate of each fact that the dense model knows, from booleans [facts]; the rules are those of the page."""
    return np.select([~dense, variant & held_out, variant & ~held_out, held_out, seen], ["never known", "kept", "broken", "displaced", "relearned"], "lost")


def fates_of(asked: Asked, dense, variant, by_fold: Dict[str, np.ndarray]) -> np.ndarray:
    """Fates of the folds' facts under a repair of which there are both twins."""
    sides, facts = seen_and_held_out(asked, by_fold), asked.folds != "control"
    return fates(*(majority(right)[facts] for right in (dense, variant, sides["seen"][0], sides["held-out"][0])))


def fate_rows(asked: Asked, dense, variant, types) -> List[str]:
    rows = ["| repair | " + " | ".join(FATES) + " | displaced among the damaged |", "|---" * (len(FATES) + 2) + "|"]
    for name, by_fold in types.items():
        if len(by_fold) < 2:
            continue
        fate = fates_of(asked, dense, variant, by_fold)
        known, s = fate != "never known", asked.subjects[asked.folds != "control"]
        cells = [share((fate[known] == f).astype(float), s[known]) for f in FATES]
        hurt = np.isin(fate, ["displaced", "relearned", "lost"])
        rows.append(f"| {name} | {' | '.join(cells)} | {share((fate[hurt] == 'displaced').astype(float), s[hurt])} |")
    return rows


def displaced_above_null(asked: Asked, dense, variant, types) -> List[str]:
    """Share of displaced facts minus that of the shuffled repair, fact by fact; nothing where a twin is missing."""
    facts = asked.folds != "control"
    found = {name: fates_of(asked, dense, variant, by_fold) for name, by_fold in types.items() if len(by_fold) == 2}
    rows = []
    for name, null in NULLS.items():
        if name in found and null in found:
            known = found[name] != "never known"
            gap = ((found[name] == "displaced").astype(float) - (found[null] == "displaced"))[known]
            rows.append(f"| {name} | {null} | {points(gap, asked.subjects[facts][known])} |")
    return ["| repair | against | displaced, points above it |", "|---|---|---|", *rows] if rows else []


def comparison_rows(asked: Asked, types) -> List[str]:
    """Differences on the same questions, seen and held-out."""
    rows = []
    for first, second in COMPARISONS:
        if first not in types or second not in types:
            continue
        folds = [fold for fold in types[first] if fold in types[second]]
        if not folds:
            continue
        one, two = (seen_and_held_out(asked, {fold: types[name][fold] for fold in folds}) for name in (first, second))
        cells = []
        for side in one:
            mask = one[side][1]
            gap, s = (questions(one[side][0]) - questions(two[side][0]))[mask], asked.subjects[mask]
            cells.append(f"{points(gap, s)}: {verdict(gap, s)}")
        only = "" if len(folds) == 2 else f" (fold {folds[0]} only)"
        rows.append(f"| {first} minus {second}{only} | {cells[0]} | {cells[1]} |")
    return ["| difference, in points | seen | held-out |", "|---|---|---|", *rows] if rows else []


def routing_rows(asked: Asked, recipe, name, by_fold_records) -> List[str]:
    rows = [f"**{name}**" + ("" if len(by_fold_records) == 2 else f" (fold {next(iter(by_fold_records))} only)"), "",
            "| rule | seen | held-out |", "|---|---|---|"]
    rules: Dict[str, Dict[str, np.ndarray]] = {}
    picked = []
    for fold, record in by_fold_records.items():
        pool = asked.pool(recipe, record)
        counts = Counter(pool["scores"][:, DEV_STATEMENTS:].argmax(-1).ravel().tolist())
        total = sum(counts.values())
        picked.append(f"{record['name']}: " + ", ".join(f"{counts[i] / total:.2f}" for i in range(len(pool["right"]))))
        found = pool_rules(pool, record["bestSingle"])
        if "clusters" in record:
            own = np.array([next(i for i, domains in enumerate(record["clusters"]) if f.domain in domains) for f in asked.facts])
            found["the domain's own prompt (knows the domain)"] = pool["right"][own, np.arange(len(own))]
            hit = (pool["scores"].argmax(-1) == own[:, None])[asked.folds != "control"]
            picked[-1] += f" (its own domain's prompt for {questions(hit).mean():.2f} of the questions)"
        for rule, right in found.items():
            rules.setdefault(rule, {})[fold] = right
    for rule, by_fold in rules.items():
        sides = seen_and_held_out(asked, by_fold)
        cells = [share(questions(right)[mask], asked.subjects[mask]) for right, mask in sides.values()]
        rows.append(f"| {rule} | {cells[0]} | {cells[1]} |")
    return rows + ["", "Share of questions that the paper's rule gives to each prompt: " + "; ".join(picked) + ".", ""]


def answers_of(asked: Asked, recipe: dict, records):
    """{type: {fold: right}} of a recipe's repairs, a LoRA also merged and re-compressed, and of single prompts of its pools; pools answer by the paper's rule."""
    types, singles = {}, {}
    for name, by_fold in records.items():
        kind = next(iter(by_fold.values()))["kind"]
        if kind == "pool":
            rules = {fold: pool_rules(asked.pool(recipe, r), r["bestSingle"]) for fold, r in by_fold.items()}
            types[name] = {fold: found["paper's rule"] for fold, found in rules.items()}
            singles[name + BEST_SINGLE] = {fold: found["best single"] for fold, found in rules.items()}
            singles[name + RANDOM] = {fold: found["random pick"] for fold, found in rules.items()}
            continue
        types[name] = {fold: asked.repaired(recipe, r) for fold, r in by_fold.items()}
        if kind == "lora" and not name.endswith("-shuffled"):
            types[name + RECOMPRESSED] = {fold: asked.recompressed(recipe, r) for fold, r in by_fold.items()}
    return types, singles


def recipe_section(asked: Asked, entry: dict) -> List[str]:
    recipe, records = entry["recipe"], twins(entry["id"])
    dense, variant = asked.plain(None), asked.plain(recipe)
    types, singles = answers_of(asked, recipe, records)
    merged = {name: records[name.removesuffix(RECOMPRESSED)] for name in types if name.endswith(RECOMPRESSED)}
    about = {**records, **{name: {fold: {**r, "parameters": 0} for fold, r in by_fold.items()} for name, by_fold in merged.items()}}
    facts = asked.folds != "control"
    damage = points((questions(dense) - questions(variant))[facts], asked.subjects[facts])
    lines = [f"## {entry['id']}: {entry['label']}", "", f"`{json.dumps(recipe)}`", "", f"Damage, in points: {damage}.", "",
             *regime_rows(asked, dense, variant, types, about), ""]
    if compared := comparison_rows(asked, {**types, **singles}):
        lines += ["Differences on the same questions (paired):", "", *compared, ""]
    if any(len(by_fold) == 2 for by_fold in types.values()):
        lines += ["Fates, as shares of the facts that the dense model knows:", "", *fate_rows(asked, dense, variant, types), ""]
    if above := displaced_above_null(asked, dense, variant, types):
        lines += ["What stands above the shuffled repairs (paired):", "", *above, ""]
    elif not any("-shuffled" in name for recipe_id, name in queue() if recipe_id == entry["id"]):
        lines += ["No shuffled repair is trained for this recipe: its displaced share stands beside no null but *control* and *broken*.", ""]
    for name, by_fold in records.items():
        if next(iter(by_fold.values()))["kind"] == "pool":
            lines += routing_rows(asked, recipe, name, by_fold)
    left = [name for recipe_id, name in queue() if recipe_id == entry["id"] and not is_finished(recipe_id, name)]
    return lines + ([f"Not measured here yet: {', '.join(left)}.", ""] if left else [])


def head(asked: Asked) -> List[str]:
    counts = Counter(f.fold for f in asked.facts)
    return [
        "# What the repairs bring back", "",
        f"Exact match on questions (three forms a fact): {counts['A']} facts of fold A and {counts['B']} of fold B, without their development "
        f"parts, and {counts['control']} control facts that pretraining never saw. *Seen*: facts of the fold that a repair was trained on; *held-out*: the "
        "same facts under its twin, which was trained on the other fold. Intervals: 95 % cluster bootstrap over subjects. *Recovered*: (regime - none) / "
        "(dense - none). Pools answer by the paper's rule. A fact counts as right in *fates* if at least 2 of its 3 questions are; shuffled repairs "
        "were trained with answers permuted within each relation, no fact keeping its own: they teach form and frequent answers, but falsehoods "
        "too, so what format alone gives may be somewhat more. What guessing gives stands under *control*.", "",
        "What the intervals do not cover: the randomness of training. The dense model and each repair were trained once, from one seed. Learning rates come from "
        "short runs on development facts of fold A under the first recipe (docs/decisions/0007-learning-rates.md) and are the same for all recipes and both folds. "
        "The step that is kept and the best single prompt were chosen on the development facts of the seen fold, the recipes' "
        "levels on those of both. Prompts and LoRA alike are trained on facts in statements and questions, not on general text. No correction is made for the number of comparisons.", "",
        "Made by:", "", "```", "python3 training/choose_recipes.py", "python3 training/run_repairs.py --workers 2", "python3 training/make_pack.py",
        "python3 training/report.py", "```", "",
    ]


def old_sections() -> Dict[str, str]:
    """{recipe id: text} of the report that is there."""
    if not OUT.exists():
        return {}
    parts = OUT.read_text().split("\n## ")[1:]
    return {part.split(":")[0]: f"## {part.rstrip()}\n" for part in parts}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", help="all if none is named")
    wanted = parser.parse_args().recipes
    torch.set_num_threads(1)
    asked = Asked(load_experiment())
    for entry in load_recipes():
        if wanted and entry["id"] not in wanted:
            continue
        section = "\n".join(recipe_section(asked, entry)).rstrip() + "\n"
        with open(STATE / "report.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            sections = {**old_sections(), entry["id"]: section}
            known = [sections[e["id"]] for e in load_recipes() if e["id"] in sections]
            OUT.write_text("\n".join(["\n".join(head(asked)), *known]))
        print(section, flush=True)


if __name__ == "__main__":
    main()
