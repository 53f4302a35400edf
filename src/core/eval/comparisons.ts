import type { RegimeKey } from '../recover/regime.ts';
import { holm, holmFactors } from './holm.ts';
import { mcnemar } from './mcnemar.ts';
import { differenceOfSums, type SubjectEstimate, sumBySubject } from './outcomes.ts';
import { itemsNeeded, type SampleSize } from './power.ts';
import type { BootstrapOptions } from './statistics.ts';

/** Of a repair, whether its answers are of the twin that was not trained on an item's fact, or of the one that was. */
export type Exposure = 'held-out' | 'seen';

/** One side of a comparison. */
export interface Side {
  key: RegimeKey;
  exposure: Exposure;
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
}

export interface ComparisonInput {
  /** In an order that does not hang on the run: subjects are drawn by their place. */
  items: readonly { id: string; subject: string }[];
  regimes: readonly EvaluatedRegime[];
  /** Number of items, set before the run, from which on a result may be called decided. */
  presetItems: number;
  /** The difference that a sample size is planned for; the one at hand where none is set. */
  wantedDifference?: number;
  /** The measure is not the one that was declared, but picked by a person: the same pairs, unadjusted, and nothing is decided by them. */
  isExploratory?: boolean;
}

/** Accuracy of `first` minus that of `second` on the same items. */
export interface Comparison {
  first: Side;
  second: Side;
  /** Picked by a person, outside of the declared family: `adjustedP` is null and nothing is decided by it. */
  isExploratory: boolean;
  difference: SubjectEstimate;
  /** Exact McNemar test over subjects. */
  p: number;
  /** After Holm, over the declared comparisons at hand. */
  adjustedP: number | null;
  items: number;
  subjects: number;
  /** The preset number of items is not reached: whatever the p-value, nothing is decided. */
  isEarly: boolean;
  /** The adjusted p-value is below 5 %, and it is not too early. */
  isDecided: boolean;
  /** Where nothing is decided: items needed to see the difference at 80 % power, at the level that Holm asks for; null where it is 0. */
  sampleSize: SampleSize | null;
}

const ALPHA = 0.05;

/**
 * The declared family, as far as its regimes were evaluated: each recovery against none on held-out facts, IDP against LoRA-merged, and
 * each recovery on facts against its twin that saw them. Comparisons without a common item are left out and do not count for Holm. A text
 * prompt is no trained recovery and takes part as exploratory only.
 */
export function compareDeclared(input: ComparisonInput, options?: BootstrapOptions): Comparison[] {
  const sides = toDeclared(input.regimes.map(({ key }) => key));
  const compared = sides.flatMap(([first, second]) => compare(input, first, second, options) ?? []);
  if (input.isExploratory === true) return compared.map(toExploratory);
  const pValues = compared.map(({ comparison }) => comparison.p);
  const [adjusted, factors] = [holm(pValues), holmFactors(pValues)];
  return compared.map(({ comparison, toSampleSize }, i) => {
    const adjustedP = adjusted[i] ?? 1;
    const isDecided = adjustedP < ALPHA && !comparison.isEarly;
    const sampleSize = isDecided ? null : toSampleSize(ALPHA / (factors[i] ?? 1));
    return { ...comparison, isExploratory: false, adjustedP, isDecided, sampleSize };
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

function toExploratory({ comparison, toSampleSize }: Compared): Comparison {
  return { ...comparison, isExploratory: true, adjustedP: null, isDecided: false, sampleSize: toSampleSize(ALPHA) };
}

/** The comparisons that are declared for regimes at hand, in their order. */
function toDeclared(keys: readonly RegimeKey[]): (readonly [Side, Side])[] {
  const heldOut = (key: RegimeKey): Side => ({ key, exposure: 'held-out' });
  const recoveries = keys.filter((key) => key !== 'dense' && key !== 'compressed' && key !== 'text');
  return [
    ...recoveries.map((key) => [heldOut(key), heldOut('compressed')] as const),
    [heldOut('idp'), heldOut('lora-merged')],
    ...recoveries.map((key) => [heldOut(key), { key, exposure: 'seen' }] as const),
  ];
}

interface Compared {
  comparison: Omit<Comparison, 'isExploratory' | 'adjustedP' | 'isDecided' | 'sampleSize'>;
  toSampleSize: (alpha: number) => SampleSize | null;
}

/** Difference, interval and test on the items that both sides answered. */
function compare(
  { items, regimes, presetItems, wantedDifference }: ComparisonInput,
  first: Side,
  second: Side,
  options?: BootstrapOptions,
): Compared | null {
  const sides = [first, second].map(({ key }) => regimes.find((regime) => regime.key === key));
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
  const isHalved = sides.some((side) => side?.isOneTwin);
  return {
    comparison: {
      first,
      second,
      difference,
      p: mcnemar(differences),
      items: common.length,
      subjects: clusters.length,
      isEarly: common.length < (isHalved ? Math.floor(presetItems / 2) : presetItems),
    },
    toSampleSize: (alpha) => itemsNeeded(differences, common.length, { wanted: wantedDifference, alpha }),
  };
}
