import { toRecipeKey } from '../core/compress/recipe-key.ts';
import { toWireError } from '../core/errors.ts';
import type { DeviceReport } from '../engine/protocol.ts';
import { deviceOf, isStopped } from './engine-faults.ts';
import type { LiveEngine } from './engine-store.ts';
import type { ResultBook, ResultLibrary } from './result-book.ts';
import type { Progress } from './run-turns.ts';
import { scoreBlock, throughReplacements, toBlockSize } from './score-block.ts';
import { countItems, type Measurement } from './sweep-plan.ts';
import type { LeftOut } from './sweep-state.ts';
import { waitUntil } from './wait-until.ts';

export interface SweepRunOptions {
  engine: LiveEngine;
  library: ResultLibrary;
  /** Those of one recipe behind each other, so that it is built once. */
  measurements: readonly Measurement[];
  /** ISO 8601, for what is stored. */
  date: () => string;
  onProgress: (progress: Progress) => void;
  /** Told what is built or scored from here on, in words. */
  onNow: (now: string) => void;
  /** Told after every block. */
  onOutcomes: () => void;
  onLeftOut: (leftOut: LeftOut) => void;
  signal: AbortSignal;
}

type Unit = Measurement['units'][number];

/**
 * Measures what is missing, recipe by recipe, and goes on after a restart or a change of device. A recipe or regime that the engine
 * refuses is left out and told. Resolves with the number of answers that there are then.
 */
export async function runSweep(options: SweepRunOptions): Promise<number> {
  const { engine, signal } = options;
  const refused = new Set<Measurement | string>();
  const whenReady = () => waitUntil([engine.store], signal, () => deviceOf(engine.store.getState().engine));
  return throughReplacements(engine, signal, whenReady, (device) => sweepOnDevice(options, device, refused));
}

async function sweepOnDevice(
  options: SweepRunOptions,
  device: DeviceReport,
  refused: Set<Measurement | string>,
): Promise<number> {
  const { engine, measurements, library, onProgress, onLeftOut, onNow, signal } = options;
  const book = library.bookOf(device);
  const total = measurements.reduce((sum, measurement) => sum + countItems(measurement), 0);
  const asked = Math.max(...measurements.map(countItems));
  let done = 0;
  for (const { units } of measurements)
    for (const unit of units) done += unit.items.length - findMissing(book, unit).length;
  let loaded = toRecipeKey(null);

  /** Whether the work was done; where the engine refuses it, the reason is told. */
  async function attempt(label: string, of: Measurement | string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (signal.aborted || isStopped(error) || engine.store.getState().engine.status !== 'ready') throw error;
      refused.add(of);
      onLeftOut({ label, error: toWireError(error) });
      return false;
    }
  }

  for (const measurement of measurements) {
    const { recipe, regime: key, label, units, presetKey } = measurement;
    const recipeKey = toRecipeKey(recipe);
    const isMissing = units.some((unit) => findMissing(book, unit).length > 0 || !book.sizes.has(unit.regime.id));
    if (!isMissing || refused.has(measurement) || refused.has(recipeKey)) continue;
    // A recovery is compared with the variant, a cell with the dense model: not before the items of this run.
    if (presetKey !== null) library.setPreset(book, presetKey, asked);
    onProgress({ done, total, nowKey: key });
    if (recipeKey !== loaded) {
      onNow(`${label}: compressing`);
      const onEvent = ({ label: step }: { label: string }) => onNow(`${label}: ${step}`);
      const load = async () => void (await engine.call('loadRecipe', { recipe }, { signal, onEvent }));
      if (!(await attempt(label, recipeKey, load))) continue;
      loaded = recipeKey;
    }
    onNow(`${label}: scoring`);
    await attempt(`${label}, ${key}`, measurement, async () => {
      for (const unit of units) {
        await scoreUnit(options, device, book, unit, (answered) => {
          done += answered;
          onProgress({ done, total, nowKey: key });
        });
      }
    });
  }
  return done;
}

async function scoreUnit(
  { engine, library, date, onOutcomes, signal }: SweepRunOptions,
  device: DeviceReport,
  book: ResultBook,
  unit: Unit,
  onAnswered: (count: number) => void,
): Promise<void> {
  const { size } = await engine.prepare(unit.regime, signal);
  if (!book.sizes.has(unit.regime.id)) library.setSize(book, unit.regime.id, size);
  const missing = findMissing(book, unit);
  const blockSize = toBlockSize(unit.items.length, device);
  for (let start = 0; start < missing.length; start += blockSize) {
    const block = missing.slice(start, start + blockSize);
    const outcomes = await scoreBlock(engine, unit.regime, block, { signal, withFidelity: true });
    library.addOutcomes(book, unit.regime.id, outcomes, date());
    onAnswered(block.length);
    onOutcomes();
  }
}

/** What is not scored yet, or was scored without its fidelity. */
function findMissing(book: ResultBook, { regime, items }: Unit): Unit['items'] {
  const known = book.outcomes.get(regime.id);
  return items.filter(({ id }) => known?.get(id)?.fidelity === undefined);
}
