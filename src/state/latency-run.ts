import { AppError } from '../core/errors.ts';
import type { TimingResult } from '../engine/protocol.ts';
import type { EnginePhase } from './engine-state.ts';
import type { LiveEngine } from './engine-store.ts';
import { MIN_RUNS } from './estimates.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { ResultLibrary } from './result-book.ts';
import type { Progress } from './run-turns.ts';
import { type TimedRoundsOptions, timeRounds } from './timed-rounds.ts';

/** Tokens decoded per run: enough that the mean stands above a coarse timer, few enough for software adapters. */
const NEW_TOKENS = 8;

type RoundsOptions = Pick<
  TimedRoundsOptions<PlannedUnit>,
  'units' | 'maxRounds' | 'isSettled' | 'wasDisturbed' | 'whenQuiet' | 'isHidden' | 'onHidden'
>;

export interface LatencyRunOptions extends RoundsOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  library: ResultLibrary;
  /** The question that every regime is timed on. */
  context: string;
  date: () => string;
  onProgress: (progress: Progress) => void;
  onRound: () => void;
  signal: AbortSignal;
}

/**
 * Times every regime of the pack in rounds; resolves with the number of runs that count. Finished rounds are kept whatever ends it, but
 * take the place of earlier runs only once they say as much.
 */
export async function runLatency(options: LatencyRunOptions): Promise<number> {
  const { engine, recipe, library, units, signal } = options;
  await recipe.whenApplied(signal);
  const { engine: phase } = engine.store.getState();
  if (phase.status !== 'ready') throw new AppError('stopped', 'The device is being replaced. Start again.');
  const book = library.bookOf(phase.device);
  let contextTokens = 0;
  const rounds = await timeRounds({
    ...options,
    timerResolutionMs: phase.device.timerResolutionMs,
    startedAt: options.date(),
    prepare: async ({ regime }) => {
      const { size } = await engine.prepare(regime, signal);
      library.setSize(book, regime.id, size);
    },
    time: async (unit) => {
      const timed = await timeOnce(options, phase, unit);
      contextTokens = timed.contextTokens;
      return timed;
    },
    onProgress: (done, total, { key }) => options.onProgress({ done, total, nowKey: key }),
    onRound: (runs) => {
      // All regimes at once: figures of one chart come from the same rounds.
      const known = units.map(({ regime }) => book.timings.get(regime.id)?.ttftMs.length ?? 0);
      if ((runs[0]?.ttftMs.length ?? 0) < Math.min(MIN_RUNS, Math.max(...known, 1))) return false;
      units.forEach(({ regime }, i) => {
        const own = runs[i];
        if (own === undefined) return;
        library.setTimings(book, regime.id, { ...own, contextTokens, newTokens: NEW_TOKENS }, options.date());
      });
      options.onRound();
      return true;
    },
  });
  return rounds * units.length;
}

/** One run on the device of `ready`: what another one takes belongs into no figure of this. */
async function timeOnce(
  { engine, context, signal }: LatencyRunOptions,
  ready: EnginePhase,
  { regime }: PlannedUnit,
): Promise<TimingResult> {
  if (engine.store.getState().engine !== ready) {
    throw new AppError('stopped', 'The device was replaced during the timing. Finished results are kept; start again.');
  }
  const time = await engine.call('time', { regime, context, newTokens: NEW_TOKENS }, { signal });
  if (signal.aborted) throw new AppError('stopped', 'Stopped.');
  return time;
}
