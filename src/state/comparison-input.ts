import type { Recipe } from '../core/compress/recipe.ts';
import { toRecipeKey } from '../core/compress/recipe-key.ts';
import type { Side } from '../core/eval/comparisons.ts';
import { type PackedRegime, toSubjectNumbers } from '../core/eval/packed-comparison.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import { defaultItems } from './evaluate-state.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import { NOT_ASKED, type OutcomePlan } from './outcome-set.ts';
import { toPlannedAnswers } from './planned-answers.ts';
import { isRepaired, type TwinFold } from './regimes.ts';
import type { ResultBook } from './result-book.ts';

/** What one regime, or one twin of its repair, did with every item of a plan. */
export interface AnsweredUnit {
  key: RegimeKey;
  /** The fold that its repair saw; null without a repair. */
  fold: TwinFold | null;
  /** 1 right, 0 wrong, or `NOT_ASKED`. */
  right: Uint8Array; // [items of the plan]
}

/** Answers as the statistics worker compares them. */
export interface ComparedAnswers {
  subjects: Int32Array; // [items]
  regimes: readonly PackedRegime[];
  /** What was answered at all. */
  sides: readonly Side[];
  /** How many answers there are: they are only ever added. */
  count: number;
}

/** From how many items on comparisons may be called decided. */
export interface Preset {
  presetItems: number;
  /** It was set before the run and kept with it; else it is what the page takes for the run's device. */
  isPresetKept: boolean;
}

/** The answers of a run with what its comparisons wait for. */
export interface RunAnswers extends ComparedAnswers, Preset {}

/** Each regime's answers, twins joined: what a twin was trained on is seen, the rest held out. Facts of the folds A and B alone count. */
export function toComparedAnswers(plan: OutcomePlan, units: readonly AnsweredUnit[]): ComparedAnswers {
  const { counted, subjects } = toCounted(plan);
  /** Of each fold the unit whose repair has the exposure to it. */
  const collect = (own: readonly AnsweredUnit[], exposure: Side['exposure']) => {
    const find = (of: TwinFold) => own.find(({ fold }) => (fold === of) === (exposure === 'seen'))?.right;
    const right = { A: find('A'), B: find('B') };
    const answers = new Uint8Array(counted.length);
    // By index: an iterator over the thousands of answers of every side took three to seven times as long.
    for (let i = 0; i < counted.length; i++) {
      const place = counted[i];
      if (place !== undefined) answers[i] = right[place.fold]?.[place.item] ?? NOT_ASKED;
    }
    return answers;
  };
  const regimes = REGIME_KEYS.flatMap((key): PackedRegime[] => {
    const own = units.filter((unit) => unit.key === key);
    if (own.length === 0) return [];
    const isOneTwin = isRepaired(key) && own.length === 1;
    return [{ key, heldOut: collect(own, 'held-out'), seen: collect(own, 'seen'), isOneTwin }];
  });
  const countOf = (answers: Uint8Array) => answers.reduce((sum, each) => sum + Number(each !== NOT_ASKED), 0);
  const counts = regimes.flatMap(({ key, heldOut, seen }) => [
    { side: { key, exposure: 'held-out' } as const, count: countOf(heldOut) },
    { side: { key, exposure: 'seen' } as const, count: countOf(seen) },
  ]);
  return {
    subjects,
    regimes,
    sides: counts.filter(({ count }) => count > 0).map(({ side }) => side),
    count: counts.reduce((sum, each) => sum + each.count, 0),
  };
}

/** An item that is compared. */
interface CountedItem {
  /** Its place in the plan. */
  item: number;
  fold: TwinFold;
}

const kept = new WeakMap<OutcomePlan, { counted: readonly CountedItem[]; subjects: Int32Array }>();

/** What hangs on the plan alone. */
function toCounted(plan: OutcomePlan): { counted: readonly CountedItem[]; subjects: Int32Array } {
  const known = kept.get(plan);
  if (known !== undefined) return known;
  const asked = plan.facts.flatMap(({ fact: { fold, subject }, firstItem, forms }) =>
    fold === 'A' || fold === 'B'
      ? Array.from({ length: forms }, (_, form) => ({ item: firstItem + form, fold, subject }))
      : [],
  );
  const made = { counted: asked.map(({ item, fold }) => ({ item, fold })), subjects: toSubjectNumbers(asked) };
  kept.set(plan, made);
  return made;
}

/** What a device answered of some regimes so far; regimes without an answer are left out. */
export function toAnsweredUnits(
  book: ResultBook,
  units: readonly PlannedUnit[],
  plan: OutcomePlan,
): readonly AnsweredUnit[] {
  return units.flatMap(({ key, fold, regime }) => {
    const known = book.outcomes.get(regime.id);
    if (known === undefined || known.size === 0) return [];
    return [{ key, fold, right: toPlannedAnswers(known, plan).right }];
  });
}

/** What the comparisons of a recipe wait for on the device of a book. */
export function toPreset({ device, presets }: ResultBook, recipe: Recipe): Preset {
  const kept = presets.get(toRecipeKey(recipe));
  return { presetItems: kept ?? defaultItems(device.deviceKind, device.isSoftware), isPresetKept: kept !== undefined };
}
