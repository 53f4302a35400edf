import type { TimeChange, TimeComparison, TimedRegime } from '../core/eval/compare-times.ts';
import type { PairedOutcome, SubjectEstimate } from '../core/eval/outcomes.ts';
import { quantile } from '../core/eval/statistics.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import type { Estimate, Median } from './results.ts';
import type { Timings } from './timings.ts';

/** How often intervals are drawn: roughly while a run goes on, so that the page stays at hand, and finely at its end. */
export type Precision = 'live' | 'final';

export const RESAMPLES: Record<Precision, number> = { live: 250, final: 2000 };

/** Timed runs of a regime from which on its median gets an interval: a bootstrap of fewer says nothing. */
export const MIN_RUNS = 10;

/** Timing ends early once every interval's half is within this share of its median. */
const SETTLED_SHARE = 0.05;

/** One item's answers under several regimes at once, in one order for all. */
export type Answers = PairedOutcome;

/** Estimates of answers, computed in the statistics worker. */
export interface Estimates {
  /** Accuracy of the first regime. */
  toAccuracy(answers: readonly Answers[], precision: Precision): Promise<Estimate | null>;
  /** acc(dense) - acc(compressed) of answers `[dense, compressed]`. */
  toDamage(answers: readonly Answers[], precision: Precision): Promise<Estimate | null>;
  /** Recovered share of answers `[dense, compressed, repaired]`; null while the damage's interval touches 0. */
  toRecovered(answers: readonly Answers[], precision: Precision): Promise<Estimate | null>;
  /** Median of one timed run or more; its interval from `MIN_RUNS` on. */
  toMedian(values: readonly number[], precision: Precision): Promise<Median>;
  /** Paired comparisons of regimes that were timed in turns. */
  toTimeComparisons(regimes: readonly TimedRegime[]): Promise<readonly TimeComparison[]>;
  /** How much longer one time is than another, paired by round; null where they do not pair, and below `MIN_RUNS`. */
  toChange(first: readonly number[], second: readonly number[], precision: Precision): Promise<TimeChange | null>;
  /** Whether every median is known well enough to stop timing; never below `MIN_RUNS`. */
  isSettled(runs: readonly Timings[]): Promise<boolean>;
}

const RECOVERY_PLACES = { dense: 0, variant: 1, regime: 2 };

export function createEstimates(statistics: Statistics): Estimates {
  const toMedian = async (values: readonly number[], precision: Precision): Promise<Median> => {
    const n = values.length;
    if (n < MIN_RUNS) return { value: quantile(Float64Array.from(values).sort(), 0.5), low: null, high: null, n };
    return { ...(await statistics.compute('medianInterval', values, { resamples: RESAMPLES[precision] })), n };
  };
  return {
    toMedian,
    toTimeComparisons: (regimes) =>
      statistics.compute('compareTimes', regimes, MIN_RUNS, { resamples: RESAMPLES.final }),
    toChange: async (first, second, precision) =>
      first.length < MIN_RUNS || first.length !== second.length
        ? null
        : statistics.compute('changeOfTimes', first, second, { resamples: RESAMPLES[precision] }),
    isSettled: async (runs) => {
      for (const times of runs.flatMap(({ ttftMs, perTokenMs }) => [ttftMs, perTokenMs])) {
        const { value, low, high } = await toMedian(times, 'live');
        if (low === null || high === null || high - low > 2 * SETTLED_SHARE * value) return false;
      }
      return true;
    },
    toAccuracy: async (answers, precision) => {
      const estimate = await statistics.compute('accuracy', answers, 0, { resamples: RESAMPLES[precision] });
      return estimate && toEstimate(estimate);
    },
    toDamage: async (answers, precision) => {
      const estimate = await statistics.compute('difference', answers, 0, 1, { resamples: RESAMPLES[precision] });
      return estimate && toEstimate(estimate);
    },
    toRecovered: async (answers, precision) => {
      const options = { resamples: RESAMPLES[precision] };
      const estimate = await statistics.compute('recoveredShare', answers, RECOVERY_PLACES, options);
      return estimate && toEstimate(estimate);
    },
  };
}

/** An estimate over subjects as results carry it. */
export function toEstimate({ items: n, ...rest }: SubjectEstimate): Estimate {
  return { ...rest, n };
}
