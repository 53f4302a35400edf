import { AppError } from '../core/errors.ts';
import type { Precision } from './estimates.ts';
import { type ResultBook, type ResultLibrary, toDeviceId, toResultSource } from './result-book.ts';
import type { TaskResultsInput } from './task-figures.ts';
import type { TaskPlan } from './task-run.ts';
import type { TaskChoice, TaskEntry } from './task-state.ts';

/** What the figures of a task are drawn of. */
export interface TaskDrawing {
  entry: TaskEntry;
  plan: TaskPlan;
  choice: TaskChoice;
  book: ResultBook;
  library: ResultLibrary;
  recipeLabel: string;
  precision: Precision;
}

/** What asks and what draws: only who opens the tasks waits for it. */
export async function loadTaskWork() {
  try {
    const [{ countAnswers, runTask }, { toTaskResults }] = await Promise.all([
      import('./task-run.ts'),
      import('./task-figures.ts'),
    ]);
    return { countAnswers, runTask, toTaskResults };
  } catch (error) {
    throw new AppError('download-failed', 'A part of the page could not be loaded.', {}, error);
  }
}

/** The answers of a book to what is planned of a task, as `toTaskResults` takes them. */
export function toTaskInput({ plan, book, library, ...about }: TaskDrawing): TaskResultsInput {
  const { task, documents, units, preset } = plan;
  const deviceId = toDeviceId(book.device);
  return {
    ...about,
    documents: documents.map(({ document }) => document),
    units,
    scoresOf: (regimeId) => library.documents.at({ deviceId, regimeId, task }),
    source: toResultSource(book),
    presetItems: Math.max(preset.items, book.presets.get(preset.key) ?? 0),
    isPresetKept: true,
  };
}
