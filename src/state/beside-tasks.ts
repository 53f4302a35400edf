import { isSameRecipe } from '../core/compress/recipe-key.ts';
import type { Comparison, Side } from '../core/eval/comparisons.ts';
import type { DocumentScores } from '../core/harness/metrics.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import { RESAMPLES } from './estimates.ts';
import { checkImportedTask, type ImportedTasks } from './imported-tasks.ts';
import { unpackAnswers } from './run-tasks.ts';
import type { BesideRun } from './task-beside-state.ts';
import { createTaskComparer } from './task-comparisons.ts';
import { type TaskAnswersInput, toTaskAnswers, toTaskResults } from './task-figures.ts';
import { DEFAULT_TASK_CHOICE, toMetric, toPresetItems } from './task-plan.ts';
import type { TaskChoice, TaskEntry, TaskResults } from './task-state.ts';

/** What one run that was not made here answered to a task. */
export interface BesideAnswers {
  run: BesideRun;
  entry: TaskEntry;
  input: TaskAnswersInput;
  presetItems: number;
  isPresetKept: boolean;
}

/** What was answered to the same task here. */
export interface AnswersHere extends Pick<TaskAnswersInput, 'units' | 'scoresOf'> {
  /** Differs where the answers do. */
  mark: string;
}

/** The answers of a run to a task; null where it has none, throws `input-invalid` where they do not fit the task. */
export function toBesideAnswers(run: BesideRun, answers: ImportedTasks, entry: TaskEntry): BesideAnswers | null {
  const saved = answers.tasks.find(({ fingerprint }) => fingerprint === entry.fingerprint);
  if (saved === undefined) return null;
  checkImportedTask(answers, entry, run.source.fileName ?? '');
  const { planned } = answers;
  const unpacked = new Map<string, ReadonlyMap<string, DocumentScores>>();
  /** Regime by regime: thousands of answers each, and the page stays at hand between them. */
  const scoresOf = (regimeId: string) => {
    const unit = planned.find(({ regime }) => regime.id === regimeId);
    const own = saved.units.find(({ key, fold }) => key === unit?.key && fold === unit.fold);
    const scores = unpacked.get(regimeId) ?? (own === undefined ? new Map() : unpackAnswers(saved, own));
    unpacked.set(regimeId, scores);
    return scores;
  };
  return {
    run,
    entry,
    input: { entry, documents: entry.task.documents, units: planned, scoresOf },
    presetItems: saved.presetItems ?? toPresetItems(entry, DEFAULT_TASK_CHOICE),
    isPresetKept: saved.presetItems !== null,
  };
}

/** What they come to, as what is measured here does; null without any answer. */
export function toBesideResults(
  { run, input, presetItems, isPresetKept }: BesideAnswers,
  choice: TaskChoice,
  statistics: Statistics,
): Promise<TaskResults | null> {
  const { source, recipeLabel } = run;
  const about = { source, recipeLabel, presetItems, isPresetKept, choice };
  return toTaskResults({ ...input, ...about, precision: 'final' }, statistics);
}

/**
 * Each regime of a run against the same one here, on the documents that both answered, by the drawn metric: exploratory. None of another
 * recipe; a text prompt may be another one, so its regime is left out.
 */
export async function compareWithHere(
  { run, entry, input, presetItems }: BesideAnswers,
  here: AnswersHere & { recipe: BesideRun['recipe'] },
  choice: TaskChoice,
  statistics: Statistics,
): Promise<readonly Comparison[]> {
  const metric = toMetric(entry, choice);
  if (metric === null || !isSameRecipe(run.recipe, here.recipe)) return [];
  const { answers: own, subjects } = await toTaskAnswers(input);
  const { answers: ofHere } = await toTaskAnswers({ ...input, units: here.units, scoresOf: here.scoresOf }, 'live');
  const options = { resamples: RESAMPLES.final };
  const compare = createTaskComparer(statistics, {
    metric,
    isDeclared: false,
    units: input.units,
    presetItems,
    options,
  });
  const found: Comparison[] = [];
  for (const key of REGIME_KEYS) {
    if (key === 'text') continue;
    const answers = [...own, ...ofHere].filter((answer) => answer.key === key);
    for (const exposure of ['held-out', 'seen'] as const) {
      const side: Side = { key, exposure };
      found.push(...(await compare({ answers, subjects }, [side, { ...side, run: 'live' }])));
    }
  }
  return found;
}
