import { accuracy, difference, type PairedOutcome, recoveredShare } from '../core/eval/outcomes.ts';
import { medianInterval, quantile } from '../core/eval/statistics.ts';
import type { Timings } from './result-book.ts';
import type { Estimate, Median } from './results.ts';

/** How often intervals are drawn: roughly while a run goes on, so that the page stays at hand, and finely at its end. */
export type Precision = 'live' | 'final';

export const RESAMPLES: Record<Precision, number> = { live: 250, final: 2000 };

/** Timed runs of a regime from which on its median gets an interval: a bootstrap of fewer says nothing. */
export const MIN_RUNS = 10;

/** Timing ends early once every interval's half is within this share of its median. */
const SETTLED_SHARE = 0.05;

/** One item's answers under several regimes at once, in one order for all. */
export type Answers = PairedOutcome;

/** Accuracy of the first regime; `accuracy` says which interval belongs to it. */
export function toAccuracy(answers: readonly Answers[], precision: Precision): Estimate | null {
  const estimate = accuracy(answers, 0, { resamples: RESAMPLES[precision] });
  return estimate && { value: estimate.value, low: estimate.low, high: estimate.high, n: answers.length };
}

/** acc(dense) - acc(compressed) of answers `[dense, compressed]`. */
export function toDamage(answers: readonly Answers[], precision: Precision): Estimate | null {
  const estimate = difference(answers, 0, 1, { resamples: RESAMPLES[precision] });
  return estimate && { ...estimate, n: answers.length };
}

/** Recovered share of answers `[dense, compressed, repaired]`; null while the damage's interval touches 0. */
export function toRecovered(answers: readonly Answers[], precision: Precision): Estimate | null {
  const places = { dense: 0, variant: 1, regime: 2 };
  const estimate = recoveredShare(answers, places, { resamples: RESAMPLES[precision] });
  return estimate && { ...estimate, n: answers.length };
}

/** Median of one timed run or more; its interval from `MIN_RUNS` on. */
export function toMedian(values: readonly number[], precision: Precision = 'final'): Median {
  const n = values.length;
  if (n >= MIN_RUNS) return { ...medianInterval(values, { resamples: RESAMPLES[precision] }), n };
  return { value: quantile(Float64Array.from(values).sort(), 0.5), low: null, high: null, n };
}

/** Whether every median is known well enough to stop timing; never below `MIN_RUNS`. */
export function isSettled(runs: readonly Timings[]): boolean {
  return runs.every(({ ttftMs, perTokenMs }) =>
    [ttftMs, perTokenMs].every((times) => {
      const { value, low, high } = toMedian(times, 'live');
      return low !== null && high !== null && high - low <= 2 * SETTLED_SHARE * value;
    }),
  );
}
