import type { OtherRun } from '../core/eval/comparisons.ts';
import { toSubjectNumbers } from '../core/eval/packed-comparison.ts';
import { type DocumentScores, type ItemValue, METRICS, type MetricName } from '../core/harness/metrics.ts';
import type { TaskDocument } from '../core/harness/task.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import { turnEventLoop } from '../engine/stopping.ts';
import { type Precision, RESAMPLES } from './estimates.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import type { ResultSource } from './results.ts';
import {
  type Answer,
  COMPRESSED,
  type ComparedAnswers,
  createTaskComparer,
  isOneTwin,
  testCells,
  within,
} from './task-comparisons.ts';
import { isCompared, toDeclaredMetric, toExposure, toGroup, toMetric } from './task-plan.ts';
import type { TaskChoice, TaskEntry, TaskExposure, TaskFigure, TaskResults, TaskRow } from './task-state.ts';

/** Answers of regimes to a task, from wherever. */
export interface TaskAnswersInput {
  entry: TaskEntry;
  /** What may have been asked. */
  documents: readonly TaskDocument[];
  units: readonly PlannedUnit[];
  /** A regime's answers by document id. */
  scoresOf: (regimeId: string) => ReadonlyMap<string, DocumentScores>;
}

export interface TaskResultsInput extends TaskAnswersInput {
  source: ResultSource;
  choice: TaskChoice;
  recipeLabel: string;
  /** From how many documents on comparisons may be called decided, and whether that was set before the run. */
  presetItems: number;
  isPresetKept: boolean;
  precision: Precision;
}

/** What answers come to: every metric, the drawn one by group too, and the declared comparisons and the damage by it; null without any answer. */
export async function toTaskResults(input: TaskResultsInput, statistics: Statistics): Promise<TaskResults | null> {
  const { entry, units, source, choice, recipeLabel, presetItems, isPresetKept, precision } = input;
  const { groupBy } = choice;
  const metric = toMetric(entry, choice);
  const all = await toTaskAnswers(input);
  const { answers, subjects } = all;
  const rows = toRows(answers, units);
  if (metric === null || rows.length === 0) return null;
  const options = { resamples: RESAMPLES[precision] };
  const availableItems = entry.task.documents.filter(isCompared).length;

  async function estimate(name: MetricName, toName: (document: TaskDocument) => string | null): Promise<TaskFigure[]> {
    const cells = toCells(answers, name, toName);
    const groups = cells.map(({ places, values }) => ({
      subjects: Int32Array.from(places, (place) => subjects[place] ?? 0),
      values,
    }));
    const estimates = await statistics.compute('estimateMetrics', name, groups, options);
    return cells.flatMap(({ key, exposure, group }, i) => {
      const found = estimates[i] ?? null;
      return found === null ? [] : [{ key, exposure, metric: name, group, estimate: found }];
    });
  }

  const whole = await Promise.all(entry.task.config.metrics.map((name) => estimate(name, () => null)));
  const grouped = await estimate(metric, (document) => toGroup(document, groupBy));
  const isDeclared = metric === toDeclaredMetric(entry);
  const compare = createTaskComparer(statistics, { metric, isDeclared, units, presetItems, options });
  const comparisons = await compare(all);
  const [damage = null] = await compare(all, [COMPRESSED, { key: 'dense', exposure: 'held-out' }]);
  const cells = grouped.filter(({ group }) => group !== null);
  // While a run goes on there are more cells than time.
  const tested = precision === 'live' ? cells : await testCells(compare, cells, (group) => within(all, groupBy, group));
  const figures = [...whole.flat(), ...tested];
  const compared = { comparisons, damage, presetItems, isPresetKept, availableItems };
  return { source, recipeLabel, entry, metric, groupBy, rows, figures, ...compared };
}

/** The answers to documents in an order that does not hang on the run. A person's own task may have 20,000 documents, so the page stays at hand between regimes. */
export async function toTaskAnswers(
  { entry, documents, units, scoresOf }: TaskAnswersInput,
  run?: OtherRun,
): Promise<ComparedAnswers> {
  const { metrics } = entry.task.config;
  const sorted = [...documents].sort((one, other) => (one.id < other.id ? -1 : 1));
  const answers: Answer[] = [];
  for (const unit of units) {
    await turnEventLoop();
    const known = scoresOf(unit.regime.id);
    if (known.size === 0) continue;
    for (const [place, document] of sorted.entries()) {
      const scores = known.get(document.id);
      if (scores === undefined) continue;
      const values = metrics.map((name) => [name, METRICS[name].toItem(document, scores)] as const);
      const exposure = toExposure(document, unit);
      answers.push({ place, document, key: unit.key, exposure, values, ...(run && { run }) });
    }
  }
  return { answers, subjects: toSubjectNumbers(sorted) };
}

interface Cell {
  key: RegimeKey;
  exposure: TaskExposure;
  group: string | null;
  places: number[];
  values: ItemValue[];
}

/** The answers of each regime and exposure that have one name. */
function toCells(
  answers: readonly Answer[],
  metric: MetricName,
  toName: (document: TaskDocument) => string | null,
): readonly Cell[] {
  const cells = new Map<string, Cell>();
  for (const { place, document, key, exposure, values } of answers) {
    const group = toName(document);
    const id = `${key}\n${exposure}\n${group ?? ''}`;
    const cell = cells.get(id) ?? { key, exposure, group, places: [], values: [] };
    cells.set(id, cell);
    for (const [name, value] of values) {
      if (name !== metric) continue;
      cell.places.push(place);
      cell.values.push(value);
    }
  }
  return [...cells.values()];
}

function toRows(answers: readonly Answer[], units: readonly PlannedUnit[]): TaskRow[] {
  const answered = new Set(answers.map(({ key }) => key));
  return REGIME_KEYS.filter((key) => answered.has(key)).map((key) => ({
    key,
    isTransferred: units.some((unit) => unit.key === key && unit.isTransferred),
    isOneTwin: isOneTwin(key, units),
  }));
}
