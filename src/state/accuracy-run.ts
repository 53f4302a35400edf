import { AppError, toWireError, type WireError } from '../core/errors.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { LiveEngine } from './engine-store.ts';
import type { PlannedItem, PlannedUnit } from './evaluation-plan.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { Outcome, ResultBook, ResultLibrary } from './result-book.ts';

/**
 * Items of one request: enough that a pool's items fill rows behind each of its prompts (5 rows of 128 tokens at about 16 an item), few
 * enough that Stop and the live counts feel prompt; a software adapter takes half a second for one row. A long run asks for more at once:
 * the more items there are, the more share a row with items that begin alike (17 tokens an item among 64, 13.6 among 1,024).
 */
const BLOCK = { software: 8, least: 40, most: 200, share: 0.1 };

function toBlockSize(items: number, isSlow: boolean): number {
  if (isSlow) return BLOCK.software;
  return Math.min(BLOCK.most, Math.max(BLOCK.least, Math.floor(BLOCK.share * items)));
}

/** A run meets at most this many new devices or workers; the engine gives up before. */
const MAX_REPLACEMENTS = 6;

export interface Progress {
  done: number;
  total: number;
  nowKey: RegimeKey;
}

export interface AccuracyRunOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  library: ResultLibrary;
  items: readonly PlannedItem[];
  units: readonly PlannedUnit[];
  /** ISO 8601, for what is stored. */
  date: () => string;
  onProgress: (progress: Progress) => void;
  /** Told after every block, so that counts are live. */
  onOutcomes: () => void;
  signal: AbortSignal;
}

/**
 * Scores every item in every regime that has not got it yet, regimes taking turns block by block. Goes on by itself after a restart or a
 * change of device. A regime that the device gets wrong (golden gate) is left out, and its error returned at the end.
 */
export async function runAccuracy(options: AccuracyRunOptions): Promise<{ refused: WireError | null }> {
  const { engine, recipe, signal } = options;
  let refused: WireError | null = null;
  const left = new Set(options.units);
  for (let replacements = 0; ; replacements++) {
    await recipe.whenApplied(signal);
    try {
      await runOnDevice(options, left, (unit, error) => {
        left.delete(unit);
        refused = error;
      });
      return { refused };
    } catch (error) {
      if (signal.aborted || !isReplacing(engine) || replacements === MAX_REPLACEMENTS) throw error;
    }
  }
}

async function runOnDevice(
  { engine, library, items, units, date, onProgress, onOutcomes, signal }: AccuracyRunOptions,
  left: ReadonlySet<PlannedUnit>,
  refuse: (unit: PlannedUnit, error: WireError) => void,
): Promise<void> {
  const { engine: phase } = engine.store.getState();
  if (phase.status !== 'ready') throw new AppError('stopped', 'The device is being replaced.');
  const { device } = phase;
  const book = library.bookOf(device);
  const isSlow = device.kind === 'webgpu' && device.adapter?.isSoftware === true;
  const blockSize = toBlockSize(items.length, isSlow);
  const total = items.length * units.length;
  let done = countDone(book, items, units);
  for (let start = 0; start < items.length; start += blockSize) {
    const block = items.slice(start, start + blockSize);
    for (const unit of units) {
      if (!left.has(unit)) continue;
      onProgress({ done, total, nowKey: unit.key });
      const missing = block.filter(({ id }) => !book.outcomes.get(unit.regime.id)?.has(id));
      if (missing.length === 0) continue;
      try {
        const { size } = await engine.prepare(unit.regime, signal);
        if (!book.sizes.has(unit.regime.id)) library.setSize(book, unit.regime.id, size);
        library.addOutcomes(book, unit.regime.id, await score(engine, unit, missing, signal), date());
        done += missing.length;
        onOutcomes();
      } catch (error) {
        const isWrong = error instanceof AppError && error.code === 'golden-mismatch' && !isReplacing(engine);
        if (!isWrong) throw error;
        refuse(unit, toWireError(error));
      }
    }
  }
}

async function score(
  engine: LiveEngine,
  { regime }: PlannedUnit,
  planned: readonly PlannedItem[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Outcome>> {
  const items = planned.map(({ id, context, answer }) => ({ id, context, answer }));
  const scored = await engine.call('score', { regime, items }, { signal });
  if (signal.aborted) throw new AppError('stopped', 'Stopped.');
  return new Map(
    scored.map(({ id, isRight, logLikelihood, chosenPrompt }) => [id, { isRight, logLikelihood, chosenPrompt }]),
  );
}

/** How many of the planned answers a book has. */
export function countDone(book: ResultBook, items: readonly PlannedItem[], units: readonly PlannedUnit[]): number {
  let done = 0;
  for (const { regime } of units) {
    const known = book.outcomes.get(regime.id);
    if (known !== undefined) for (const { id } of items) if (known.has(id)) done++;
  }
  return done;
}

/** Whether another worker or device is being made ready. */
export function isReplacing(engine: LiveEngine): boolean {
  const { status } = engine.store.getState().engine;
  return status === 'restarting' || status === 'loading';
}
