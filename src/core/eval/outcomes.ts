import { type BootstrapOptions, clusterBootstraps, type Estimate, type Statistic, wilson } from './statistics.ts';

/** One item of an evaluation under several regimes at once; the subject is the unit of every interval. */
export interface PairedOutcome {
  subject: string;
  /** Right or wrong under each regime, in one order for all items. */
  right: readonly boolean[];
}

/** How an interval over subjects, or over rounds of timed runs, was made; every caption names it. */
export type IntervalMethod = 'wilson' | 'cluster-bootstrap' | 'round-bootstrap';

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

/** A figure of sums over subjects. */
export interface SubjectFigure {
  statistic: Statistic;
  /** Its interval where a formula gives it, or where no draw of subjects differs from another; null where it has to be drawn. */
  settle(clusters: readonly (readonly number[])[]): Estimate | null;
}

/**
 * The share that the sums at `part` are of those at `whole`, in whole numbers. Its interval is Wilson's where every subject has one item
 * that is right or wrong, a cluster bootstrap otherwise. Where all are alike no draw differs from another, so Wilson's interval of the
 * subjects stands in.
 */
export function shareOf(part: number, whole: number): SubjectFigure {
  return {
    statistic: (sums) => at(sums, part) / at(sums, whole),
    settle: (clusters) => {
      const sum = (place: number) => clusters.reduce((total, cluster) => total + at(cluster, place), 0);
      const [parts, all] = [sum(part), sum(whole)];
      if (clusters.every((cluster) => at(cluster, whole) === 1)) return wilson(parts, all);
      return parts === 0 || parts === all ? wilson(parts === 0 ? 0 : clusters.length, clusters.length) : null;
    },
  };
}

/**
 * The mean of the differences at `sum` over the items at `whole`. Where none differs, or all do on every item and one way, no draw differs
 * from another: then it is known to within the share of other subjects that Wilson's interval still allows.
 */
export function meanOf(sum: number, whole: number): SubjectFigure {
  return {
    statistic: (sums) => at(sums, sum) / at(sums, whole),
    settle: (clusters) => {
      const certain = [0, 1, -1].find((value) =>
        clusters.every((cluster) => at(cluster, sum) === value * at(cluster, whole)),
      );
      if (certain === undefined) return null;
      const { high: others } = wilson(0, clusters.length);
      return { value: certain, low: Math.max(-1, certain - others), high: Math.min(1, certain + others) };
    },
  };
}

/** Any statistic, its interval always drawn. */
export function drawnOf(statistic: Statistic): SubjectFigure {
  return { statistic, settle: () => null };
}

/** Figures of the same items, each as if it were alone; `clusters` are the sums of their subjects. Null without subjects. */
export function estimateFigures(
  clusters: readonly (readonly number[])[],
  items: number,
  figures: readonly SubjectFigure[],
  options?: BootstrapOptions,
): (SubjectEstimate | null)[] {
  const subjects = clusters.length;
  if (subjects === 0) return figures.map(() => null);
  const settled = figures.map(({ settle }) => settle(clusters));
  const open = figures.filter((_, i) => settled[i] === null);
  const statistics = open.map(({ statistic }) => statistic);
  const drawn = open.length === 0 ? [] : clusterBootstraps(clusters, statistics, options);
  return figures.map((figure, i) => {
    const known = settled[i] ?? null;
    if (known !== null) return { ...known, method: 'wilson', items, subjects };
    const found = drawn[open.indexOf(figure)] ?? null;
    return found && { ...found, method: 'cluster-bootstrap', items, subjects };
  });
}

/** A share of parts of items, `[part, whole]` of each, as `shareOf` has it. Null without items. */
export function shareBySubject<Item extends { subject: string }>(
  items: readonly Item[],
  toPart: (item: Item) => readonly [part: number, whole: number],
  options?: BootstrapOptions,
): ShareEstimate | null {
  return estimateFigures(sumBySubject(items, toPart), items.length, [shareOf(0, 1)], options)[0] ?? null;
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

/** Mean difference of clusters `[difference, items]`, whole clusters drawn, as `meanOf` has it. */
export function differenceOfSums(
  clusters: readonly (readonly number[])[],
  options?: BootstrapOptions,
): SubjectEstimate | null {
  const items = clusters.reduce((total, cluster) => total + at(cluster, 1), 0);
  return estimateFigures(clusters, items, [meanOf(0, 1)], options)[0] ?? null;
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
  statistic: Statistic,
  options?: BootstrapOptions,
): SubjectEstimate | null {
  return estimateFigures(sumBySubject(items, toTerms), items.length, [drawnOf(statistic)], options)[0] ?? null;
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

function at(sums: ArrayLike<number>, place: number): number {
  return sums[place] ?? Number.NaN;
}
