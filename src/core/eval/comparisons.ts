import type { RegimeKey } from '../recover/regime.ts';
import { holm, holmFactors } from './holm.ts';
import { mcnemar } from './mcnemar.ts';
import { differenceOfSums, type IntervalMethod, sumBySubject } from './outcomes.ts';
import { itemsNeeded, type SampleSize } from './power.ts';
import type { BootstrapOptions, Estimate } from './statistics.ts';

/** Of a repair, whether its answers are of the twin that was not trained on an item's fact, or of the one that was. */
export type Exposure = 'held-out' | 'seen';

/** A run beside the one at hand, of the same items. */
export type OtherRun = 'recorded' | 'live';

/** One side of a comparison. */
export interface Side {
  key: RegimeKey;
  exposure: Exposure;
  /** Where it is of another run than the one at hand; only what a person picks is. */
  run?: OtherRun;
}

/** Whether a regime got an item right, by the item's id. */
export type RightByItem = ReadonlyMap<string, boolean>;

/** What a regime answered. Without a repair there are no twins: all of its answers are `heldOut`, for no fact was seen. */
export interface EvaluatedRegime {
  key: RegimeKey;
  heldOut: RightByItem;
  seen: RightByItem;
  /** Only one of the repair's two twins is there, so that it is asked half of a run's items. */
  isOneTwin?: boolean;
  /** Of another run than the one at hand; it takes part in no declared comparison. */
  run?: OtherRun;
}

export interface ComparisonInput {
  /** In an order that does not hang on the run: subjects are drawn by their place. */
  items: readonly { id: string; subject: string }[];
  regimes: readonly EvaluatedRegime[];
  /** Number of items, set before the run, from which on a result may be called decided. */
  presetItems: number;
  /** Compared in place of the pairs that `toDeclared` gives. */
  pair?: readonly [Side, Side];
  /** The difference that a sample size is planned for; the one at hand where none is set. */
  wantedDifference?: number;
  /** The measure is not the one that was declared, but picked by a person: the same pairs, unadjusted, and nothing is decided by them. */
  isExploratory?: boolean;
}

/** What tells one from another on the same items, whatever the two are. */
export interface PairedTest {
  /** Outside of the declared family, such as what a person picked: `adjustedP` is null and nothing is decided by it. */
  isExploratory: boolean;
  /** Of accuracies the first minus the second; of perplexities and times the first over the second, minus 1. */
  difference: Estimate & { method: IntervalMethod };
  /** Of a paired test, two-sided. */
  p: number;
  /** After Holm, over the declared comparisons at hand. */
  adjustedP: number | null;
  /** Items, documents or rounds of timed runs. */
  items: number;
  /** Null where items themselves are the units, as rounds are. */
  subjects: number | null;
  /** The preset number of items is not reached: whatever the p-value, nothing is decided. */
  isEarly: boolean;
  /** The adjusted p-value is below 5 %, and it is not too early. */
  isDecided: boolean;
  /** Where nothing is decided: items needed to see the difference at 80 % power, at the level that Holm asks for; null where it is 0. */
  sampleSize: SampleSize | null;
}

interface Pair {
  first: Side;
  second: Side;
}

/** What tells `first` from `second` on the same items. */
export interface Comparison extends PairedTest, Pair {}

/** What hangs on how many other comparisons there are. */
type Decision = 'isExploratory' | 'adjustedP' | 'isDecided' | 'sampleSize';

/** A comparison before it is known how many others there are; `Names` says of what, of sides where nothing else is said. */
export interface Compared<Names = Pair> {
  comparison: Names & Omit<PairedTest, Decision>;
  toSampleSize: (alpha: number) => SampleSize | null;
}

const ALPHA = 0.05;

/**
 * The declared family, as far as its regimes were evaluated: each recovery against none on held-out facts, IDP against LoRA-merged, and
 * each recovery on facts against its twin that saw them. Comparisons without a common item are left out and do not count for Holm. A text
 * prompt is no trained recovery and takes part as exploratory only.
 */
export function compareDeclared(input: ComparisonInput, options?: BootstrapOptions): Comparison[] {
  const compared = compareSides(input, options);
  return input.isExploratory === true ? compared.map(toExploratory) : decide(compared);
}

/**
 * The declared comparisons of many recipes as one family for Holm, recipe by recipe. `familySize` counts those too that are declared and
 * not at hand yet, so that what is decided of a part stays decided of the whole.
 */
export function compareFamily(
  recipes: readonly Omit<ComparisonInput, 'isExploratory'>[],
  familySize: number,
  options?: BootstrapOptions,
): Comparison[][] {
  const compared = recipes.map((input) => compareSides(input, options));
  const decided = decide(compared.flat(), familySize);
  let next = 0;
  return compared.map(({ length }) => {
    const start = next;
    next += length;
    return decided.slice(start, next);
  });
}

/** Any two sides that a person picks, unadjusted; null without a common item. */
export function compareExploratory(
  input: ComparisonInput,
  first: Side,
  second: Side,
  options?: BootstrapOptions,
): Comparison | null {
  const compared = compare(input, first, second, options);
  return compared && toExploratory(compared);
}

/**
 * A declared family: adjusted by Holm, decided where p is below 5 % after that and it is not too early. Up to `familySize`, comparisons
 * that are not at hand count with p = 1, the most that they can come to.
 */
export function decide<Names = Pair>(
  family: readonly Compared<Names>[],
  familySize = family.length,
): (Names & PairedTest)[] {
  const missing = Math.max(0, familySize - family.length);
  const pValues = [...family.map(({ comparison }) => comparison.p), ...new Array<number>(missing).fill(1)];
  const [adjusted, factors] = [holm(pValues), holmFactors(pValues)];
  return family.map(({ comparison, toSampleSize }, i) => {
    const adjustedP = adjusted[i] ?? 1;
    const isDecided = adjustedP < ALPHA && !comparison.isEarly;
    const sampleSize = isDecided ? null : toSampleSize(ALPHA / (factors[i] ?? 1));
    return { ...comparison, isExploratory: false, adjustedP, isDecided, sampleSize };
  });
}

/** A comparison outside of the declared family: unadjusted, and nothing is decided by it. */
export function toExploratory({ comparison, toSampleSize }: Compared): Comparison {
  return { ...comparison, isExploratory: true, adjustedP: null, isDecided: false, sampleSize: toSampleSize(ALPHA) };
}

/** The comparisons that are declared for regimes at hand, in their order. */
export function toDeclared(keys: readonly RegimeKey[]): (readonly [Side, Side])[] {
  const heldOut = (key: RegimeKey): Side => ({ key, exposure: 'held-out' });
  const recoveries = keys.filter((key) => key !== 'dense' && key !== 'compressed' && key !== 'text');
  return [
    ...recoveries.map((key) => [heldOut(key), heldOut('compressed')] as const),
    [heldOut('idp'), heldOut('lora-merged')],
    ...recoveries.map((key) => [heldOut(key), { key, exposure: 'seen' }] as const),
  ];
}

/** Of so many common items, whether that is too few; one twin of a repair is asked half of the items of facts. */
export function isTooEarly(
  items: number,
  presetItems: number,
  sides: readonly (Pick<EvaluatedRegime, 'isOneTwin'> | undefined)[],
): boolean {
  const isHalved = sides.some((side) => side?.isOneTwin);
  return items < (isHalved ? Math.floor(presetItems / 2) : presetItems);
}

/** The comparisons that are declared for regimes at hand and have a common item. */
function compareSides(input: ComparisonInput, options?: BootstrapOptions): Compared[] {
  const keys = input.regimes.flatMap(({ key, run }) => (run === undefined ? [key] : []));
  const sides = input.pair === undefined ? toDeclared(keys) : [input.pair];
  return sides.flatMap(([first, second]) => compare(input, first, second, options) ?? []);
}

/** Difference, interval and test on the items that both sides answered. */
function compare(
  { items, regimes, presetItems, wantedDifference }: ComparisonInput,
  first: Side,
  second: Side,
  options?: BootstrapOptions,
): Compared | null {
  const sides = [first, second].map(({ key, run }) =>
    regimes.find((regime) => regime.key === key && regime.run === run),
  );
  const [one, two] = [first, second].map(({ exposure }, i) =>
    exposure === 'seen' ? sides[i]?.seen : sides[i]?.heldOut,
  );
  const common = items.flatMap(({ id, subject }) => {
    const [right, other] = [one?.get(id), two?.get(id)];
    return right === undefined || other === undefined ? [] : [{ subject, difference: Number(right) - Number(other) }];
  });
  const clusters = sumBySubject(common, ({ difference }) => [difference, 1]);
  const difference = differenceOfSums(clusters, options);
  if (difference === null) return null;
  const differences = clusters.map(([sum = 0]) => sum);
  return {
    comparison: {
      first,
      second,
      difference,
      p: mcnemar(differences),
      items: common.length,
      subjects: clusters.length,
      isEarly: isTooEarly(common.length, presetItems, sides),
    },
    toSampleSize: (alpha) => itemsNeeded(differences, common.length, { wanted: wantedDifference, alpha }),
  };
}
