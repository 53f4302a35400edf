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
  options: BootstrapOptions = {},
): Estimate | null {
  const bySubject = new Map<string, number[]>();
  for (const { subject, right } of outcomes) {
    const sums = bySubject.get(subject) ?? new Array<number>(right.length + 1).fill(0);
    bySubject.set(subject, sums);
    right.forEach((isRight, i) => {
      sums[i] = (sums[i] ?? 0) + (isRight ? 1 : 0);
    });
    sums[right.length] = (sums[right.length] ?? 0) + 1;
  }
  return clusterBootstrap([...bySubject.values()], (sums) => statistic(sums, sums[sums.length - 1] ?? 0), options);
}

function share(right: Float64Array, regime: number): number {
  return right[regime] ?? Number.NaN;
}
