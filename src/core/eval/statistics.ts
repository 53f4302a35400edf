import { AppError } from '../errors.ts';
import { seededRandom, toInteger } from '../random.ts';

/** A value with the bounds of its 95 % interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** How a bootstrap draws. */
export interface BootstrapOptions {
  seed?: number;
  resamples?: number;
}

/** Enough for the second digit of a percentile interval (Efron and Tibshirani 1993, section 19.3, ask for 1,000 or more). */
export const DEFAULT_RESAMPLES = 2000;
export const DEFAULT_SEED = 1;
const TAIL = 0.025;

/** The 97.5 % point of the normal distribution. */
export const Z = 1.959963984540054;

/**
 * The quantile of the normal distribution at a probability between 0 and 1, right to 7 digits (Wichura 1988, algorithm AS 241, PPND7);
 * infinite at the ends.
 */
export function normalQuantile(probability: number): number {
  const fromMiddle = probability - 0.5;
  if (Math.abs(fromMiddle) <= 0.425) {
    const r = 0.180625 - fromMiddle ** 2;
    const top = ((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179;
    return (fromMiddle * top) / (((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1);
  }
  const depth = Math.sqrt(-Math.log(Math.min(probability, 1 - probability)));
  if (depth === Number.POSITIVE_INFINITY) return Math.sign(fromMiddle) * depth;
  return Math.sign(fromMiddle) * (depth <= 5 ? toNearTail(depth - 1.6) : toFarTail(depth - 5));
}

function toNearTail(r: number): number {
  const top = ((0.17023821103 * r + 1.3067284816) * r + 2.75681539) * r + 1.4234372777;
  return top / ((0.12021132975 * r + 0.7370016425) * r + 1);
}

function toFarTail(r: number): number {
  const top = ((0.017337203997 * r + 0.42868294337) * r + 3.081226386) * r + 6.657905115;
  return top / ((0.012258202635 * r + 0.24197894225) * r + 1);
}

/** Wilson's score interval of a share (Wilson 1927; Newcombe 1998, method 3): for independent items only. */
export function wilson(right: number, items: number): Estimate {
  expectCounts(right, items);
  const share = right / items;
  const middle = share + Z ** 2 / (2 * items);
  const spread = Z * Math.sqrt((share * (1 - share)) / items + Z ** 2 / (4 * items ** 2));
  const scale = 1 + Z ** 2 / items;
  // At the ends the bounds are 0 and 1 exactly; rounding would leave them 1e-18 away.
  return {
    value: share,
    low: right === 0 ? 0 : (middle - spread) / scale,
    high: right === items ? 1 : (middle + spread) / scale,
  };
}

/** What is estimated of the sums over a draw. */
export type Statistic = (sums: Float64Array) => number;

/**
 * Percentile intervals of statistics of sums, whole clusters drawn with replacement (Davison and Hinkley 1997, section 3.8).
 * `clusters` hold one vector of sums each, such as `[right, items]` of a subject; a statistic takes the sums over a draw. Drawing takes
 * the time, so statistics share the draws: each has the interval that it has alone. Draws without a finite statistic are left out; null
 * where the value itself is not finite, or more than one in 40 draws.
 */
export function clusterBootstraps(
  clusters: readonly ArrayLike<number>[], // [clusters][width]
  statistics: readonly Statistic[],
  { seed = DEFAULT_SEED, resamples = DEFAULT_RESAMPLES }: BootstrapOptions = {},
): (Estimate | null)[] {
  const { kinds, kindOf } = toKinds(clusters);
  const width = clusters[0]?.length ?? 0;
  const sums = new Float64Array(width);
  const counts = new Int32Array(kinds.length);
  const sumUp = () => {
    sums.fill(0);
    for (const [kind, cluster] of kinds.entries()) {
      const count = counts[kind] ?? 0;
      if (count === 0) continue;
      for (let j = 0; j < width; j++) sums[j] = (sums[j] ?? 0) + count * (cluster[j] ?? 0);
    }
  };
  for (const kind of kindOf) counts[kind] = (counts[kind] ?? 0) + 1;
  sumUp();
  const drawings = statistics.map((statistic) => {
    return { statistic, value: statistic(sums), drawn: new Float64Array(resamples), finite: 0 };
  });
  const random = seededRandom(seed);
  const words = new Uint32Array(clusters.length);
  for (let sample = 0; sample < resamples; sample++) {
    counts.fill(0);
    random.fill(words);
    for (let i = 0; i < words.length; i++) {
      const kind = kindOf[toInteger(words[i] ?? 0, clusters.length)] ?? 0;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    sumUp();
    for (const drawing of drawings) {
      const result = drawing.statistic(sums);
      if (Number.isFinite(result)) drawing.drawn[drawing.finite++] = result;
    }
  }
  return drawings.map(({ value, drawn, finite }) => {
    if (!Number.isFinite(value) || finite < resamples * (1 - TAIL)) return null;
    const sorted = drawn.subarray(0, finite).sort();
    return { value, low: quantile(sorted, TAIL), high: quantile(sorted, 1 - TAIL) };
  });
}

/** Clusters that are equal, once each: few kinds stand for thousands of subjects, so a draw only counts kinds. */
function toKinds(clusters: readonly ArrayLike<number>[]): { kinds: ArrayLike<number>[]; kindOf: Int32Array } {
  const kinds: ArrayLike<number>[] = [];
  const known = new Map<string, number>();
  const kindOf = Int32Array.from(clusters, (cluster) => {
    const name = Array.from(cluster).join();
    const kind = known.get(name) ?? kinds.push(cluster) - 1;
    known.set(name, kind);
    return kind;
  });
  return { kinds, kindOf };
}

/** Median of timed runs with its percentile bootstrap interval; throws `input-invalid` without runs. */
export function medianInterval(
  values: readonly number[],
  { seed = DEFAULT_SEED, resamples = DEFAULT_RESAMPLES }: BootstrapOptions = {},
): Estimate {
  const sorted = Float64Array.from(values).sort();
  expectCounts(0, sorted.length);
  const random = seededRandom(seed);
  const draw = new Float64Array(sorted.length);
  const medians = new Float64Array(resamples);
  for (let sample = 0; sample < resamples; sample++) {
    for (let i = 0; i < draw.length; i++) draw[i] = sorted[random.integer(sorted.length)] ?? 0;
    medians[sample] = quantile(draw.sort(), 0.5);
  }
  medians.sort();
  return { value: quantile(sorted, 0.5), low: quantile(medians, TAIL), high: quantile(medians, 1 - TAIL) };
}

/** Quantile of sorted values with linear interpolation (Hyndman and Fan 1996, type 7, as R and numpy do). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? low;
  return low + (at - below) * (high - low);
}

function expectCounts(right: number, items: number): void {
  const isCount = (value: number) => Number.isInteger(value) && value >= 0;
  if (isCount(right) && isCount(items) && items > 0 && right <= items) return;
  throw new AppError('input-invalid', `There is no statistic of ${right} of ${items} items.`, {
    field: 'items',
    observed: `${right} of ${items}`,
    allowed: 'whole numbers, 1 item or more',
  });
}
