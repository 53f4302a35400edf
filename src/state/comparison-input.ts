import type { Side } from '../core/eval/comparisons.ts';
import type { PackedRegime } from '../core/eval/packed-comparison.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import { NOT_ASKED, type OutcomePlan } from './outcome-set.ts';
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

/** Each regime's answers, twins joined: what a twin was trained on is seen, the rest held out. Facts of the folds A and B alone count. */
export function toComparedAnswers({ facts, items }: OutcomePlan, units: readonly AnsweredUnit[]): ComparedAnswers {
  const counted = facts.flatMap(({ fact, firstItem, forms }) =>
    fact.fold === 'A' || fact.fold === 'B' ? Array.from({ length: forms }, (_, form) => firstItem + form) : [],
  );
  const numbers = new Map<string, number>();
  const subjects = Int32Array.from(counted, (i) => {
    const subject = items[i]?.fact.subject ?? '';
    const number = numbers.get(subject) ?? numbers.size;
    numbers.set(subject, number);
    return number;
  });
  const collect = (own: readonly AnsweredUnit[], exposure: Side['exposure']) =>
    Uint8Array.from(counted, (i) => {
      const isSeen = exposure === 'seen';
      const unit = own.find(({ fold }) => (fold !== null && fold === items[i]?.fact.fold) === isSeen);
      return unit?.right[i] ?? NOT_ASKED;
    });
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

/** What a device answered of some regimes so far; regimes without an answer are left out. */
export function toAnsweredUnits(
  book: ResultBook,
  units: readonly PlannedUnit[],
  { items }: OutcomePlan,
): AnsweredUnit[] {
  const placeOf = new Map(items.map(({ id }, i) => [id, i]));
  return units.flatMap(({ key, fold, regime }) => {
    const known = book.outcomes.get(regime.id);
    if (known === undefined || known.size === 0) return [];
    const right = new Uint8Array(items.length).fill(NOT_ASKED);
    for (const [itemId, { isRight }] of known) {
      const place = placeOf.get(itemId);
      if (place !== undefined) right[place] = Number(isRight);
    }
    return [{ key, fold, right }];
  });
}
