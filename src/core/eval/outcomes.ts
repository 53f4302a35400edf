import { type BootstrapOptions, clusterBootstrap, type Estimate } from './statistics.ts';

/** One item of an evaluation under several regimes at once; the subject is the unit of every interval. */
export interface PairedOutcome {
  subject: string;
  /** Right or wrong under each regime, in one order for all items. */
  right: readonly boolean[];
}

/** Share of right items under regime `regime`, with an interval over subjects; null without items. */
export function accuracy(
  outcomes: readonly PairedOutcome[],
  regime: number,
  options?: BootstrapOptions,
): Estimate | null {
  return estimate(outcomes, (right, items) => share(right, regime) / items, options);
}

/** `acc(minuend) - acc(subtrahend)` on the same items, such as dense minus variant, which is the damage. */
export function difference(
  outcomes: readonly PairedOutcome[],
  minuend: number,
  subtrahend: number,
  options?: BootstrapOptions,
): Estimate | null {
  return estimate(outcomes, (right, items) => (share(right, minuend) - share(right, subtrahend)) / items, options);
}

/** Which place in `right` belongs to whom. */
export interface RecoveryPlaces {
  dense: number;
  variant: number;
  regime: number;
}

/**
 * Recovered share: `(acc(regime) - acc(variant)) / (acc(dense) - acc(variant))` on the same items;
 * null where the damage's own interval touches 0, since the share then means nothing.
 */
export function recoveredShare(
  outcomes: readonly PairedOutcome[],
  { dense, variant, regime }: RecoveryPlaces,
  options?: BootstrapOptions,
): Estimate | null {
  const damage = difference(outcomes, dense, variant, options);
  if (damage === null || damage.low <= 0) return null;
  return estimate(
    outcomes,
    (right) => (share(right, regime) - share(right, variant)) / (share(right, dense) - share(right, variant)),
    options,
  );
}

/** An estimate of a statistic of the numbers of right items per regime and of all items, subjects drawn whole. */
function estimate(
  outcomes: readonly PairedOutcome[],
  statistic: (right: Float64Array, items: number) => number,
  options?: BootstrapOptions,
): Estimate | null {
  const toTerms = ({ right }: PairedOutcome) => [...right.map(Number), 1];
  return estimateBySubject(outcomes, toTerms, (sums) => statistic(sums, sums[sums.length - 1] ?? 0), options);
}

/** An estimate of a statistic of sums over items, subjects drawn whole; `toTerms` gives what an item adds to each sum. Null without items. */
export function estimateBySubject<Item extends { subject: string }>(
  items: readonly Item[],
  toTerms: (item: Item) => readonly number[],
  statistic: (sums: Float64Array) => number,
  options?: BootstrapOptions,
): Estimate | null {
  const bySubject = new Map<string, number[]>();
  for (const item of items) {
    const terms = toTerms(item);
    const sums = bySubject.get(item.subject);
    if (sums === undefined) bySubject.set(item.subject, [...terms]);
    else for (const [i, term] of terms.entries()) sums[i] = (sums[i] ?? 0) + term;
  }
  return clusterBootstrap([...bySubject.values()], statistic, options);
}

function share(right: Float64Array, regime: number): number {
  return right[regime] ?? Number.NaN;
}
