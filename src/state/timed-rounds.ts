import { AppError } from '../core/errors.ts';
import { toBlocks } from '../core/eval/blocks.ts';
import { quantile } from '../core/eval/statistics.ts';
import { seededRandom } from '../core/random.ts';
import type { TimedRun } from '../engine/protocol.ts';
import { MIN_RUNS } from './estimates.ts';
import type { DiscardedRound, Timings } from './timings.ts';

/** Shapes are compiled and caches filled within two runs (measured: the first of a new shape takes up to 3.7 s in software, the second 0.2). */
const WARM_UP_RUNS = 2;

/** A round whose fixed loop took more than so many times as long as in the fastest one ran on a slowed processor. */
export const SLOWED_FACTOR = 1.5;

/** Slowed rounds are made up for until so many times the rounds asked for have run. */
const MOST_ROUNDS_FACTOR = 2;

const SEED = 1;

export interface TimedRoundsOptions<Unit> {
  units: readonly Unit[];
  maxRounds: number;
  timerResolutionMs: number;
  /** ISO 8601. */
  startedAt: string;
  /** Makes a unit ready, before its warm-up. */
  prepare: (unit: Unit) => Promise<void>;
  time: (unit: Unit) => Promise<TimedRun>;
  /** Whether every interval is narrow enough to end early; asked from `MIN_RUNS` rounds on. */
  isSettled: (runs: readonly Timings[]) => Promise<boolean>;
  /** Whether something else used the engine since it was last asked; that round does not count. */
  wasDisturbed: () => boolean;
  /** Resolves once nothing else uses the engine. */
  whenQuiet: () => Promise<void>;
  isHidden: () => boolean;
  onHidden: (listener: () => void) => () => void;
  onProgress: (done: number, total: number, unit: Unit) => void;
  /** Told the runs that count, in the order of the units, after every round; whether they are kept. */
  onRound: (runs: readonly Timings[]) => boolean;
}

/** One run of every unit, in their order. */
interface Round {
  place: number;
  runs: readonly TimedRun[];
  /** Median of the fixed loop over its runs. */
  loopMs: number;
}

/**
 * Times every unit in rounds of one run each, the order drawn anew for each round, after a warm-up that is not counted. Ends at
 * `maxRounds`, or from `MIN_RUNS` on once the intervals are narrow; resolves with the number of rounds that count.
 *
 * A round in which something else ran is thrown away, and so is one that ran on a slowed processor: its fixed loop took more than
 * `SLOWED_FACTOR` times that of the fastest round, whichever came first. A hidden tab ends it with code `stopped`.
 */
export async function timeRounds<Unit>(options: TimedRoundsOptions<Unit>): Promise<number> {
  const { units, maxRounds } = options;
  const most = MOST_ROUNDS_FACTOR * maxRounds;
  const total = units.length * maxRounds;
  const orders = toBlocks(
    units.map((_, i) => i),
    most,
    seededRandom(SEED),
  );
  let wasHidden = options.isHidden();
  const unsubscribe = options.onHidden(() => {
    wasHidden = true;
  });
  const rounds: Round[] = [];
  const asked: DiscardedRound[] = [];
  let counted: readonly Timings[] = [];
  let isKept = false;
  const numCounted = () => counted[0]?.ttftMs.length ?? 0;
  const stopIfHidden = () => {
    if (wasHidden) throw hidden(numCounted(), isKept);
  };
  try {
    for (const unit of units) {
      options.onProgress(0, total, unit);
      await options.prepare(unit);
      for (let i = 0; i < WARM_UP_RUNS; i++) await options.time(unit);
    }
    while (numCounted() < maxRounds && rounds.length < most) {
      await options.whenQuiet();
      options.wasDisturbed();
      const runs: TimedRun[] = [];
      for (const [done, index] of (orders[rounds.length] ?? []).entries()) {
        const unit = units[index];
        if (unit === undefined) continue;
        stopIfHidden();
        options.onProgress(numCounted() * units.length + done, total, unit);
        runs[index] = await options.time(unit);
      }
      stopIfHidden();
      const place = rounds.length + asked.length + 1;
      if (options.wasDisturbed()) {
        asked.push({ round: place, reason: 'asked' });
        continue;
      }
      rounds.push({ place, runs, loopMs: toMedian(runs.map(({ fixedLoopMs }) => fixedLoopMs)) });
      counted = toTimings(rounds, asked, options);
      isKept = options.onRound(counted);
      if (numCounted() >= MIN_RUNS && (await options.isSettled(counted))) break;
    }
    return numCounted();
  } finally {
    unsubscribe();
  }
}

/** The runs of rounds that count, by unit, and which rounds do not. */
function toTimings(
  rounds: readonly Round[],
  asked: readonly DiscardedRound[],
  {
    units,
    timerResolutionMs,
    startedAt,
  }: Pick<TimedRoundsOptions<unknown>, 'units' | 'timerResolutionMs' | 'startedAt'>,
): readonly Timings[] {
  const fastest = Math.min(...rounds.map(({ loopMs }) => loopMs));
  const isSlowed = ({ loopMs }: Round) => loopMs > SLOWED_FACTOR * fastest;
  const slowed = rounds.filter(isSlowed).map(({ place }): DiscardedRound => ({ round: place, reason: 'slowed' }));
  const discarded = [...asked, ...slowed].sort((one, other) => one.round - other.round);
  const kept = rounds.filter((round) => !isSlowed(round));
  return units.map((_, unit) => {
    const runs = kept.flatMap(({ runs: all }) => all[unit] ?? []);
    return {
      ttftMs: runs.map(({ ttftMs }) => ttftMs),
      perTokenMs: runs.map(({ perTokenMs }) => perTokenMs),
      routingMs: runs.map(({ routingMs }) => routingMs),
      timerResolutionMs,
      startedAt,
      discarded: discarded.map((round) => ({ ...round })),
    };
  });
}

function toMedian(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

function hidden(rounds: number, isKept: boolean): AppError {
  const kept = isKept ? `${rounds} finished rounds are kept` : `${rounds} finished rounds are too few to be kept`;
  return new AppError(
    'stopped',
    `The tab was hidden, which slows the clock, so the round in progress was thrown away. ${kept}; start again with the tab in view.`,
    { observed: 'hidden', allowed: 'visible', rounds },
  );
}
