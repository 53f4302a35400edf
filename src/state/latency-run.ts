import { AppError } from '../core/errors.ts';
import { toBlocks } from '../core/eval/blocks.ts';
import { seededRandom } from '../core/random.ts';
import type { TimingResult } from '../engine/protocol.ts';
import type { Progress } from './accuracy-run.ts';
import type { EnginePhase } from './engine-state.ts';
import type { LiveEngine } from './engine-store.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { ResultLibrary, Timings } from './result-book.ts';

/** Shapes are compiled and caches filled within two runs (measured: the first of a new shape takes up to 3.7 s in software, the second 0.2). */
const WARM_UP_RUNS = 2;

/** Fewer say nothing about a median's interval. */
export const MIN_ROUNDS = 10;

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
 * `maxRounds`, or from ten rounds on once the intervals are narrow. Finished rounds are kept whatever ends it; a hidden tab ends it with code `stopped`.
 */
export async function runLatency(options: LatencyRunOptions): Promise<void> {
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
  try {
    for (const unit of units) {
      options.onProgress({ done: 0, total, nowKey: unit.key });
      const { size } = await engine.prepare(unit.regime, signal);
      options.library.setSize(book, unit.regime.id, size);
      for (let i = 0; i < WARM_UP_RUNS; i++) await timeOnce(options, phase, unit);
    }
    for (let round = 0; round < options.maxRounds; ) {
      await options.whenQuiet();
      options.wasDisturbed();
      const times: TimingResult[] = [];
      for (const unit of orders[round] ?? units) {
        if (wasHidden) throw hidden(round);
        options.onProgress({ done: round * units.length + times.length, total, nowKey: unit.key });
        times.push(await timeOnce(options, phase, unit));
      }
      if (wasHidden) throw hidden(round);
      if (options.wasDisturbed()) continue;
      round++;
      for (const time of times) addRun(runs[units.findIndex(({ regime }) => regime.id === time.regimeId)], time);
      if (round > 1) {
        units.forEach(({ regime }, i) => {
          const kept = runs[i];
          if (kept !== undefined) options.library.setTimings(book, regime.id, structuredClone(kept), options.date());
        });
        options.onRound();
      }
      if (round >= MIN_ROUNDS && options.isSettled(runs)) return;
    }
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
    throw new AppError('stopped', 'The device was replaced during the timing. Finished rounds are kept; start again.');
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

function hidden(rounds: number): AppError {
  return new AppError(
    'stopped',
    `The tab was hidden, which slows the clock, so the round in progress was thrown away. ${rounds} finished rounds are kept; start again with the tab in view.`,
    { observed: 'hidden', allowed: 'visible', rounds },
  );
}
