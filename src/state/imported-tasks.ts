import { quote } from '../core/json.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import { type PlannedUnit, planUnits } from './evaluation-plan.ts';
import { refuseRun } from './refuse-run.ts';
import type { SavedRun } from './run-file.ts';
import type { SavedTask } from './run-tasks.ts';
import { toAsks } from './task-plan.ts';
import type { TaskEntry } from './task-state.ts';

/** What a run that was brought answered to tasks, and the regimes that its recipe has with this pack. */
export interface ImportedTasks {
  planned: readonly PlannedUnit[];
  tasks: readonly SavedTask[];
}

/** The answers of a run to tasks; throws `input-invalid` where a regime is none of this pack. */
export function toImportedTasks(saved: SavedRun, manifest: PackManifest, fileName: string): ImportedTasks {
  const { recipe, textPrompt, tasks } = saved;
  const planned = planUnits(REGIME_KEYS, recipe, manifest, textPrompt);
  for (const [i, { units }] of tasks.entries()) {
    for (const [j, { key, fold }] of units.entries()) {
      if (planned.some((unit) => unit.key === key && unit.fold === fold)) continue;
      const problem = `"${key}" trained on ${fold ?? 'nothing'}, which this pack does not have`;
      refuseRun(fileName, `tasks.${i}.regimes.${j}`, problem);
    }
  }
  return { planned, tasks };
}

/**
 * Throws `input-invalid` where answers do not fit the task that they are of: a document that it does not have, other choices, or a twin
 * that is not asked the document, which would count twice. A task of one's own can be held against them once it is here.
 */
export function checkImportedTask(
  { planned, tasks }: ImportedTasks,
  { fingerprint, task }: TaskEntry,
  fileName: string,
): void {
  const i = tasks.findIndex((each) => each.fingerprint === fingerprint);
  const saved = tasks[i];
  if (saved === undefined) return;
  const known = new Map(task.documents.map((document) => [document.id, document]));
  const documents = saved.documents.map((id, at) => {
    const document = known.get(id);
    const problem = `${quote(id)}, a document that the task ${task.config.task} does not have`;
    if (document === undefined) return refuseRun(fileName, `tasks.${i}.documents`, problem);
    const count = document.choices.length;
    if (saved.choices[at] === count) return document;
    return refuseRun(fileName, `tasks.${i}.choices.${at}`, `${saved.choices[at]}, where ${quote(id)} has ${count}`);
  });
  for (const [j, { key, fold, isAsked }] of saved.units.entries()) {
    const unit = planned.find((each) => each.key === key && each.fold === fold);
    if (unit === undefined) continue;
    const asks = toAsks(unit, planned);
    const wrong = documents.find((document, at) => isAsked[at] === 1 && !asks(document));
    if (wrong === undefined) continue;
    const problem = `set at ${quote(wrong.id)}, which "${key}" trained on ${fold ?? 'nothing'} is not asked`;
    refuseRun(fileName, `tasks.${i}.regimes.${j}.asked`, problem);
  }
}
