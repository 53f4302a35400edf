import { AppError } from '../core/errors.ts';
import { toBlocks } from '../core/eval/blocks.ts';
import { seededRandom } from '../core/random.ts';
import type { TimingResult } from '../engine/protocol.ts';
import type { EnginePhase } from './engine-state.ts';
import type { LiveEngine } from './engine-store.ts';
import { MIN_RUNS } from './estimates.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { ResultLibrary, Timings } from './result-book.ts';
import type { Progress } from './run-turns.ts';

/** Shapes are compiled and caches filled within two runs (measured: the first of a new shape takes up to 3.7 s in software, the second 0.2). */
const WARM_UP_RUNS = 2;

/** Tokens decoded per run: enough that the mean stands above a coarse timer, few enough for software adapters. */
const NEW_TOKENS = 8;

const SEED = 1;

export interface LatencyRunOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  library: ResultLibrary;
  units: readonly PlannedUnit[];
  /** The question that every regime is timed on. */
  context: string;
  maxRounds: number;
  /** Whether every interval is narrow enough to end early. */
  isSettled: (runs: readonly Timings[]) => boolean;
  /** Whether something else used the engine since it was last asked; that round does not count. */
  wasDisturbed: () => boolean;
  /** Resolves once nothing else uses the engine. */
  whenQuiet: () => Promise<void>;
  isHidden: () => boolean;
  onHidden: (listener: () => void) => () => void;
  date: () => string;
  onProgress: (progress: Progress) => void;
  onRound: () => void;
  signal: AbortSignal;
}

/**
 * Times every regime in rounds of one run each, the order drawn anew for each round, after a warm-up that is not counted. Ends at
 * `maxRounds`, or from `MIN_RUNS` rounds on once the intervals are narrow; resolves with the number of runs that count. Finished rounds are
 * kept whatever ends it, but take the place of earlier runs only once they say as much; a hidden tab ends it with code `stopped`.
 */
export async function runLatency(options: LatencyRunOptions): Promise<number> {
  const { engine, recipe, units, signal } = options;
  await recipe.whenApplied(signal);
  const { engine: phase } = engine.store.getState();
  if (phase.status !== 'ready') throw new AppError('stopped', 'The device is being replaced. Start again.');
  const book = options.library.bookOf(phase.device);
  const total = units.length * options.maxRounds;
  const orders = toBlocks(units, options.maxRounds, seededRandom(SEED));
  let wasHidden = options.isHidden();
  const unsubscribe = options.onHidden(() => {
    wasHidden = true;
  });
  const runs = units.map(
    (): Timings => ({ ttftMs: [], perTokenMs: [], routingMs: [], timerResolutionMs: phase.device.timerResolutionMs }),
  );
  let round = 0;
  let isKept = false;
  try {
    for (const unit of units) {
      options.onProgress({ done: 0, total, nowKey: unit.key });
      const { size } = await engine.prepare(unit.regime, signal);
      options.library.setSize(book, unit.regime.id, size);
      for (let i = 0; i < WARM_UP_RUNS; i++) await timeOnce(options, phase, unit);
    }
    while (round < options.maxRounds) {
      await options.whenQuiet();
      options.wasDisturbed();
      const times: TimingResult[] = [];
      for (const unit of orders[round] ?? units) {
        if (wasHidden) throw hidden(round, isKept);
        options.onProgress({ done: round * units.length + times.length, total, nowKey: unit.key });
        times.push(await timeOnce(options, phase, unit));
      }
      if (wasHidden) throw hidden(round, isKept);
      if (options.wasDisturbed()) continue;
      round++;
      for (const time of times) addRun(runs[units.findIndex(({ regime }) => regime.id === time.regimeId)], time);
      // All regimes at once: figures of one chart come from the same rounds.
      const known = units.map(({ regime }) => book.timings.get(regime.id)?.ttftMs.length ?? 0);
      if (round >= Math.min(MIN_RUNS, Math.max(...known))) {
        units.forEach(({ regime }, i) => {
          const kept = runs[i];
          if (kept !== undefined) options.library.setTimings(book, regime.id, structuredClone(kept), options.date());
        });
        isKept = true;
        options.onRound();
      }
      if (options.isSettled(runs)) break;
    }
    return round * units.length;
  } finally {
    unsubscribe();
  }
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

function addRun(runs: Timings | undefined, { ttftMs, perTokenMs, routingMs }: TimingResult): void {
  runs?.ttftMs.push(ttftMs);
  runs?.perTokenMs.push(perTokenMs);
  runs?.routingMs.push(routingMs);
}

function hidden(rounds: number, isKept: boolean): AppError {
  const kept = isKept ? `${rounds} finished rounds are kept` : `${rounds} finished rounds are too few to be kept`;
  return new AppError(
    'stopped',
    `The tab was hidden, which slows the clock, so the round in progress was thrown away. ${kept}; start again with the tab in view.`,
    { observed: 'hidden', allowed: 'visible', rounds },
  );
}
