import type { Recipe } from '../core/compress/recipe.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import type { UnitTasks } from './harness-files.ts';
import { type ResultBook, type ResultLibrary, toDeviceId } from './result-book.ts';
import { MAX_RUN_TASKS, packAnswers, type SavedTask } from './run-tasks.ts';
import { toPresetKey } from './task-plan.ts';
import type { TaskEntry } from './task-state.ts';

/** What regimes answered to tasks on a device, in this visit or an earlier one; tasks without an answer are left out. */
export async function readAnsweredTasks(
  entries: readonly TaskEntry[],
  units: readonly PlannedUnit[],
  library: Pick<ResultLibrary, 'documents'>,
  book: ResultBook,
): Promise<readonly UnitTasks[]> {
  await Promise.all(entries.map(({ fingerprint }) => library.documents.read(fingerprint)));
  const deviceId = toDeviceId(book.device);
  return units
    .map(({ key, fold, regime }) => {
      const runs = entries.map(({ id, isOwn, fingerprint, task }) => {
        const scores = library.documents.at({ deviceId, regimeId: regime.id, task: fingerprint });
        const samples = task.documents.flatMap((document, i) => {
          const of = scores.get(document.id);
          return of === undefined ? [] : [{ document: i, scores: of }];
        });
        // A person's own task may have the name of another one.
        const config = isOwn ? { ...task.config, task: id } : task.config;
        return { task: { ...task, config }, samples };
      });
      return { key, fold, runs: runs.filter(({ samples }) => samples.length > 0) };
    })
    .filter(({ runs }) => runs.length > 0);
}

/** The same as run files keep it, with the number of documents that was set before each task was run with a recipe. */
export async function readSavedTasks(
  entries: readonly TaskEntry[],
  units: readonly PlannedUnit[],
  library: Pick<ResultLibrary, 'documents'>,
  book: ResultBook,
  recipe: Recipe,
): Promise<readonly SavedTask[]> {
  await Promise.all(entries.map(({ fingerprint }) => library.documents.read(fingerprint)));
  const deviceId = toDeviceId(book.device);
  const saved: SavedTask[] = [];
  for (const entry of entries) {
    const { fingerprint, task } = entry;
    const presetItems = book.presets.get(toPresetKey(entry, recipe)) ?? null;
    const answers = units.map(({ key, fold, regime }) => {
      return { key, fold, scores: library.documents.at({ deviceId, regimeId: regime.id, task: fingerprint }) };
    });
    const packed = await packAnswers({ name: task.config.task, fingerprint, presetItems }, answers);
    if (packed !== null) saved.push(packed);
  }
  return saved.slice(0, MAX_RUN_TASKS);
}
