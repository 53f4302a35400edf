import { type BootstrapOptions, clusterBootstrap, type Estimate, wilson } from './statistics.ts';

/** One item of an evaluation under several regimes at once; the subject is the unit of every interval. */
export interface PairedOutcome {
  subject: string;
  /** Right or wrong under each regime, in one order for all items. */
  right: readonly boolean[];
}

/** How an interval over subjects was made; every caption names it. */
export type IntervalMethod = 'wilson' | 'cluster-bootstrap';

/** An estimate whose interval counts subjects: how it was made, and of how much. */
export interface SubjectEstimate extends Estimate {
  method: IntervalMethod;
  items: number;
  subjects: number;
}

/** A share with its interval, what it was made of and how. */
export type ShareEstimate = SubjectEstimate;

/** Share of right items under regime `regime`, with an interval over subjects; null without items. */
export function accuracy(
  outcomes: readonly PairedOutcome[],
  regime: number,
  options?: BootstrapOptions,
): ShareEstimate | null {
  return shareBySubject(outcomes, ({ right }) => [Number(right[regime]), 1], options);
}

/**
 * A share of parts of items (`[part, whole]` of each, in whole numbers) with the interval that belongs to it: Wilson's where every
 * subject has one item that is right or wrong, a cluster bootstrap otherwise. Where all are alike no draw differs from another, so
 * Wilson's interval of the subjects stands in. Null without items.
 */
export function shareBySubject<Item extends { subject: string }>(
  items: readonly Item[],
  toPart: (item: Item) => readonly [part: number, whole: number],
  options?: BootstrapOptions,
): ShareEstimate | null {
  const clusters = sumBySubject(items, toPart);
  const subjects = clusters.length;
  if (subjects === 0) return null;
  const counts = { items: items.length, subjects };
  const sum = (place: number) => clusters.reduce((total, cluster) => total + (cluster[place] ?? 0), 0);
  const [part, whole] = [sum(0), sum(1)];
  if (clusters.every(([, each]) => each === 1)) return { ...wilson(part, whole), method: 'wilson', ...counts };
  if (part === 0 || part === whole) {
    return { ...wilson(part === 0 ? 0 : subjects, subjects), method: 'wilson', ...counts };
  }
  const estimate = clusterBootstrap(clusters, ([right = 0, all = 0]) => right / all, options);
  return estimate && { ...estimate, method: 'cluster-bootstrap', ...counts };
}

/** `acc(minuend) - acc(subtrahend)` on the same items, such as dense minus variant, which is the damage: subjects are drawn with both answers. */
export function difference(
  outcomes: readonly PairedOutcome[],
  minuend: number,
  subtrahend: number,
  options?: BootstrapOptions,
): SubjectEstimate | null {
  const toTerms = ({ right }: PairedOutcome) => [Number(right[minuend]) - Number(right[subtrahend]), 1];
  return differenceOfSums(sumBySubject(outcomes, toTerms), options);
}

/**
 * Mean difference of clusters `[difference, items]`, whole clusters drawn. Where none differs, or all do on every item and one way, no draw
 * differs from another: then it is known to within the share of other subjects that Wilson's interval still allows.
 */
export function differenceOfSums(
  clusters: readonly (readonly number[])[],
  options?: BootstrapOptions,
): SubjectEstimate | null {
  const subjects = clusters.length;
  const items = clusters.reduce((total, [, each = 0]) => total + each, 0);
  const areAll = (value: number) => clusters.every(([each = 0, of = 0]) => each === value * of);
  const certain = subjects > 0 ? [0, 1, -1].find(areAll) : undefined;
  if (certain === undefined) {
    const drawn = clusterBootstrap(clusters, ([sum = 0, all = 0]) => sum / all, options);
    return drawn && { ...drawn, method: 'cluster-bootstrap', items, subjects };
  }
  const { high: others } = wilson(0, subjects);
  const [low, high] = [Math.max(-1, certain - others), Math.min(1, certain + others)];
  return { value: certain, low, high, method: 'wilson', items, subjects };
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
): SubjectEstimate | null {
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
): SubjectEstimate | null {
  const toTerms = ({ right }: PairedOutcome) => [...right.map(Number), 1];
  return estimateBySubject(outcomes, toTerms, (sums) => statistic(sums, sums[sums.length - 1] ?? 0), options);
}

/** An estimate of a statistic of sums over items, subjects drawn whole; `toTerms` gives what an item adds to each sum. Null without items. */
export function estimateBySubject<Item extends { subject: string }>(
  items: readonly Item[],
  toTerms: (item: Item) => readonly number[],
  statistic: (sums: Float64Array) => number,
  options?: BootstrapOptions,
): SubjectEstimate | null {
  const clusters = sumBySubject(items, toTerms);
  const drawn = clusterBootstrap(clusters, statistic, options);
  return drawn && { ...drawn, method: 'cluster-bootstrap', items: items.length, subjects: clusters.length };
}

/** Sums over the items of each subject, subjects in the order in which they first come; `toTerms` gives what an item adds to each sum. */
export function sumBySubject<Item extends { subject: string }>(
  items: readonly Item[],
  toTerms: (item: Item) => readonly number[],
): number[][] {
  const bySubject = new Map<string, number[]>();
  for (const item of items) {
    const terms = toTerms(item);
    const sums = bySubject.get(item.subject);
    if (sums === undefined) bySubject.set(item.subject, [...terms]);
    else for (const [i, term] of terms.entries()) sums[i] = (sums[i] ?? 0) + term;
  }
  return [...bySubject.values()];
}

function share(right: Float64Array, regime: number): number {
  return right[regime] ?? Number.NaN;
}
