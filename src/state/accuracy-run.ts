import { AppError, toWireError, type WireError } from '../core/errors.ts';
import type { DeviceReport } from '../engine/protocol.ts';
import { deviceOf } from './engine-faults.ts';
import type { LiveEngine } from './engine-store.ts';
import type { PlannedItem, PlannedUnit } from './evaluation-plan.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { ResultBook, ResultLibrary } from './result-book.ts';
import type { Progress } from './run-turns.ts';
import { isReplacing, scoreBlock, throughReplacements, toBlockSize } from './score-block.ts';
import { waitUntil } from './wait-until.ts';

export interface AccuracyRunOptions {
  engine: LiveEngine;
  /** The recipe on the page, where regimes of it are asked: they wait until it is applied. Null where the regimes are of others. */
  recipe: LiveRecipe | null;
  library: ResultLibrary;
  items: readonly PlannedItem[];
  units: readonly PlannedUnit[];
  /** The recipe whose comparisons wait for those of these items that are compared (`toRecipeKey`); null where nothing is. */
  comparedRecipe?: string | null;
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
  const refuse = (unit: PlannedUnit, error: WireError) => {
    left.delete(unit);
    refused = error;
  };
  const whenReady = (): Promise<unknown> =>
    recipe === null
      ? waitUntil([engine.store], signal, () => deviceOf(engine.store.getState().engine))
      : recipe.whenApplied(signal);
  await throughReplacements(engine, signal, whenReady, (device) => runOnDevice(options, device, left, refuse));
  return { refused };
}

async function runOnDevice(
  { engine, library, items, units, comparedRecipe = null, date, onProgress, onOutcomes, signal }: AccuracyRunOptions,
  device: DeviceReport,
  left: ReadonlySet<PlannedUnit>,
  refuse: (unit: PlannedUnit, error: WireError) => void,
): Promise<void> {
  const book = library.bookOf(device);
  const compared = items.filter(({ fact }) => fact.fold !== 'control').length;
  if (comparedRecipe !== null && compared > 0) library.setPreset(book, comparedRecipe, compared);
  const blockSize = toBlockSize(items.length, device);
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
        library.addOutcomes(book, unit.regime.id, await scoreBlock(engine, unit.regime, missing, { signal }), date());
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

/** How many of the planned answers a book has. */
export function countDone(book: ResultBook, items: readonly PlannedItem[], units: readonly PlannedUnit[]): number {
  let done = 0;
  for (const { regime } of units) {
    const known = book.outcomes.get(regime.id);
    if (known !== undefined) for (const { id } of items) if (known.has(id)) done++;
  }
  return done;
}
