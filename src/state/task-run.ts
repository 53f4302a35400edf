import { AppError, toWireError, type WireError } from '../core/errors.ts';
import type { DocumentScores } from '../core/harness/metrics.ts';
import type { TaskConfig } from '../core/harness/task.ts';
import type { DeviceReport } from '../engine/protocol.ts';
import { checkDocuments } from './check-documents.ts';
import type { LiveEngine } from './engine-store.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import type { LiveRecipe } from './recipe-store.ts';
import { type ResultBook, type ResultLibrary, toDeviceId } from './result-book.ts';
import type { Progress } from './run-turns.ts';
import { isReplacing, throughReplacements, toBlockSize } from './score-block.ts';
import { type PlannedDocument, toAsks, toDocumentBlocks } from './task-plan.ts';

/** What a run of a task asks, and of whom. */
export interface TaskPlan {
  /** The task's fingerprint. */
  task: string;
  documents: readonly PlannedDocument[];
  units: readonly PlannedUnit[];
  /** What the comparisons of the task and recipe wait for, and what that number is kept under (`ResultBook.presets`). */
  preset: { key: string; items: number };
}

export interface TaskRunOptions extends TaskPlan {
  config: TaskConfig;
  engine: LiveEngine;
  recipe: LiveRecipe;
  library: ResultLibrary;
  /** ISO 8601, for what is stored. */
  date: () => string;
  onProgress: (progress: Progress) => void;
  /** Told after every block of a regime. */
  onAnswers: () => void;
  onLeftOut: (unit: PlannedUnit, error: WireError) => void;
  signal: AbortSignal;
}

/**
 * Asks every regime the documents that it has not answered yet, regimes taking turns block by block, and goes on by itself after a restart
 * or a change of device. A regime that the device gets wrong (golden gate), or that cannot be asked such documents, is left out and told.
 */
export async function runTask(options: TaskRunOptions): Promise<void> {
  const { engine, recipe, signal } = options;
  const left = new Set(options.units);
  const leaveOut = (unit: PlannedUnit, error: WireError) => {
    left.delete(unit);
    options.onLeftOut(unit, error);
  };
  const whenReady = () => recipe.whenApplied(signal);
  await throughReplacements(engine, signal, whenReady, (device) => runOnDevice(options, device, left, leaveOut));
}

async function runOnDevice(
  options: TaskRunOptions,
  device: DeviceReport,
  left: ReadonlySet<PlannedUnit>,
  leaveOut: (unit: PlannedUnit, error: WireError) => void,
): Promise<void> {
  const { engine, library, documents, units, preset, onProgress } = options;
  const book = library.bookOf(device);
  library.setPreset(book, preset.key, preset.items);
  await checkDocuments(engine, options.config, toUnasked(options, library, book), options.signal);
  const { done: before, total } = countAnswers(options, library, book);
  let done = before;
  for (const block of toDocumentBlocks(documents, toBlockSize(documents.length, device))) {
    for (const unit of units) {
      if (!left.has(unit)) continue;
      onProgress({ done, total, nowKey: unit.key });
      const missing = toMissing(options, library, book, unit, block);
      if (missing.length === 0) continue;
      try {
        await askBlock(options, book, unit, missing);
        done += missing.length;
      } catch (error) {
        if (!isOfRegime(error) || isReplacing(engine)) throw error;
        leaveOut(unit, toWireError(error));
      }
    }
  }
}

async function askBlock(
  { engine, library, task, date, onAnswers, signal }: TaskRunOptions,
  book: ResultBook,
  { regime }: PlannedUnit,
  documents: readonly PlannedDocument[],
): Promise<void> {
  const { size } = await engine.prepare(regime, signal);
  if (!book.sizes.has(regime.id)) library.setSize(book, regime.id, size);
  const prompts = documents.map(({ prompt }) => prompt);
  const found = await engine.call('scoreDocuments', { regime, prompts }, { signal });
  if (signal.aborted) throw new AppError('stopped', 'Stopped.');
  const scores = new Map<string, DocumentScores>();
  for (const [i, { id }] of prompts.entries()) {
    const of = found[i];
    if (of !== undefined) scores.set(id, of);
  }
  library.addDocuments(book, { regimeId: regime.id, task }, scores, date());
  onAnswers();
}

/** Whether an error is one regime's own: a document that the model cannot read at all is refused by every regime alike. */
function isOfRegime(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  return error.code === 'golden-mismatch' || (error.code === 'input-invalid' && error.details.document === undefined);
}

/** Documents that lack an answer: what has all of them has been read by the model. */
function toUnasked(plan: TaskPlan, library: ResultLibrary, book: ResultBook): readonly PlannedDocument[] {
  const unasked = new Set(plan.units.flatMap((unit) => toMissing(plan, library, book, unit, plan.documents)));
  return plan.documents.filter((planned) => unasked.has(planned));
}

function toMissing(
  { task, units }: TaskPlan,
  library: ResultLibrary,
  book: ResultBook,
  unit: PlannedUnit,
  documents: readonly PlannedDocument[],
): PlannedDocument[] {
  const known = library.documents.at({ deviceId: toDeviceId(book.device), regimeId: unit.regime.id, task });
  const asks = toAsks(unit, units);
  return documents.filter(({ document }) => asks(document) && !known.has(document.id));
}

/** How many of the planned answers a book has, and how many there will be. */
export function countAnswers(
  plan: TaskPlan,
  library: ResultLibrary,
  book: ResultBook | null,
): { done: number; total: number } {
  let [done, total] = [0, 0];
  const deviceId = book === null ? null : toDeviceId(book.device);
  for (const unit of plan.units) {
    const asks = toAsks(unit, plan.units);
    const known =
      deviceId === null ? null : library.documents.at({ deviceId, regimeId: unit.regime.id, task: plan.task });
    for (const { document } of plan.documents) {
      if (!asks(document)) continue;
      total++;
      if (known?.has(document.id) === true) done++;
    }
  }
  return { done, total };
}
