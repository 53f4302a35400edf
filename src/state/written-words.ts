import { AppError } from '../core/errors.ts';
import { isWrittenWrong, type TaskRun } from '../core/harness/run.ts';
import { type Prompt, toPrompt } from '../core/harness/task.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { DeviceReport } from '../engine/protocol.ts';
import { deviceOf } from './engine-faults.ts';
import type { LiveEngine } from './engine-store.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import type { ReadWritten, UnitName } from './harness-files.ts';
import type { LiveRecipe } from './recipe-store.ts';
import { type StoredDevice, toDeviceId, toStoredDevice } from './result-book.ts';
import { throughReplacements, toBlockSize } from './score-block.ts';
import { waitUntil } from './wait-until.ts';

/** An answer is as long as one on the board, at most. */
const MAX_NEW_TOKENS = 24;

/** What regimes wrote in this visit: by device, regime and task, then by document. */
export type WrittenWords = Map<string, Map<string, string>>;

export interface WordsOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  /** Where the answers were given, and the regimes that gave them. */
  device: StoredDevice;
  units: readonly PlannedUnit[];
  words: WrittenWords;
  /** Told how many words more there are, run by run. */
  onWritten: (count: number) => void;
  signal: AbortSignal;
}

/** The words of this device's regimes: those of this visit, and where they are missing what the regime writes now, block by block. */
export function createWordReader(options: WordsOptions): ReadWritten {
  return async (unit, run) => {
    const known = toKnown(options, unit, run);
    await askMissing(options, unit, run, known);
    return known;
  };
}

/** How many answers of a run a regime would have to write out first. */
export function countMissing(options: Pick<WordsOptions, 'device' | 'units' | 'words'>, unit: UnitName, run: TaskRun) {
  const known = toKnown(options, unit, run);
  return toMissing(run, known).length;
}

function toKnown(
  { device, units, words }: Pick<WordsOptions, 'device' | 'units' | 'words'>,
  { key, fold }: UnitName,
  { task }: TaskRun,
): Map<string, string> {
  const planned = units.find((each) => each.key === key && each.fold === fold);
  const place = JSON.stringify([toDeviceId(device), planned?.regime.id, task.config.task]);
  const known = words.get(place) ?? new Map<string, string>();
  words.set(place, known);
  return known;
}

function toMissing({ task, samples }: TaskRun, known: ReadonlyMap<string, string>): readonly Prompt[] {
  return samples
    .filter((sample) => isWrittenWrong(task, sample))
    .flatMap((sample) => task.documents[sample.document] ?? [])
    .filter(({ id }) => !known.has(id))
    .map((document) => toPrompt(task, document));
}

async function askMissing(options: WordsOptions, unit: UnitName, run: TaskRun, known: Map<string, string>) {
  const { engine, recipe, units, signal } = options;
  const regime = units.find((each) => each.key === unit.key && each.fold === unit.fold)?.regime;
  if (regime === undefined || toMissing(run, known).length === 0) return;
  // The dense model waits for no recipe.
  const whenReady = (): Promise<unknown> =>
    regime.recipe === null
      ? waitUntil([engine.store], signal, () => deviceOf(engine.store.getState().engine))
      : recipe.whenApplied(signal);
  await throughReplacements(engine, signal, whenReady, async (device) => {
    checkDevice(options, device);
    const missing = toMissing(run, known);
    const blockSize = toBlockSize(missing.length, device);
    for (let start = 0; start < missing.length; start += blockSize) {
      await engine.prepare(regime, signal);
      await askBlock(options, regime, missing.slice(start, start + blockSize), known);
    }
  });
}

async function askBlock(
  { engine, onWritten, signal }: WordsOptions,
  regime: Regime,
  prompts: readonly Prompt[],
  known: Map<string, string>,
): Promise<void> {
  let told = 0;
  const tell = (done: number) => {
    onWritten(done - told);
    told = done;
  };
  try {
    const input = { regime, prompts, maxNewTokens: MAX_NEW_TOKENS };
    const written = await engine.call('writeAnswers', input, { signal, onEvent: ({ done }) => tell(done) });
    if (signal.aborted) throw new AppError('stopped', 'Stopped.');
    for (const [i, { text }] of written.entries()) known.set(prompts[i]?.id ?? '', text);
    tell(prompts.length);
  } catch (error) {
    // A device that comes in the place of this one writes the block anew.
    tell(0);
    throw error;
  }
}

/** Another device rounds otherwise, so its words are not those of the answers at hand. */
function checkDevice({ device }: WordsOptions, running: DeviceReport): void {
  const observed = toStoredDevice(running);
  if (toDeviceId(observed) === toDeviceId(device)) return;
  const message = `The answers were given on ${device.device}, and the model runs on ${observed.device} now: samples hold the words of one device. Choose the same device, or score there first.`;
  throw new AppError('input-invalid', message, { observed: observed.device, allowed: device.device });
}
