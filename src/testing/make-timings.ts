import { compareTimes, type TimeComparison } from '../core/eval/compare-times.ts';
import { seededRandom } from '../core/random.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { Timings } from '../state/timings.ts';

/** Timed runs of invented regimes in rounds that are slow or fast for all: medians as asked for, the start the same for all. */
export function makeTimings(medians: Partial<Record<RegimeKey, number>>, rounds = 30): ReadonlyMap<RegimeKey, Timings> {
  const load = seededRandom(2);
  const slow = Array.from({ length: rounds }, () => 1 + load.uniform() / 4);
  const keys = Object.keys(medians) as RegimeKey[];
  return new Map(
    keys.map((key, place) => {
      const noise = seededRandom(place + 11);
      const runs = (median: number) => slow.map((each) => median * each * (0.98 + 0.04 * noise.uniform()));
      const timings = {
        ttftMs: runs(medians[key] ?? 0),
        perTokenMs: runs((medians[key] ?? 0) / 10),
        routingMs: slow.map(() => 0),
        timerResolutionMs: 0.1,
        startedAt: '2026-11-21T10:00:00Z',
      };
      return [key, timings];
    }),
  );
}

/** The comparisons of such runs. */
export function makeTimeComparisons(medians: Partial<Record<RegimeKey, number>>, rounds = 30): TimeComparison[] {
  const regimes = [...makeTimings(medians, rounds)].map(([key, { ttftMs, perTokenMs, startedAt = null }]) => {
    return { key, ttftMs, perTokenMs, startedAt };
  });
  return compareTimes(regimes, 10, { resamples: 200 });
}
