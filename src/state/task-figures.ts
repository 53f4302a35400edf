import type { Comparison, Side } from '../core/eval/comparisons.ts';
import { PACKED, toSubjectNumbers } from '../core/eval/packed-comparison.ts';
import { type ItemValue, METRICS, type MetricName } from '../core/harness/metrics.ts';
import type { TaskDocument } from '../core/harness/task.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import { turnEventLoop } from '../engine/stopping.ts';
import { type Precision, RESAMPLES } from './estimates.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import { type ResultBook, type ResultLibrary, toDeviceId, toResultSource } from './result-book.ts';
import { isCompared, toDeclaredMetric, toExposure, toGroup, toMetric } from './task-plan.ts';
import type { TaskPlan } from './task-run.ts';
import type { TaskChoice, TaskEntry, TaskExposure, TaskFigure, TaskResults, TaskRow } from './task-state.ts';

export interface TaskResultsInput {
  plan: TaskPlan;
  entry: TaskEntry;
  choice: TaskChoice;
  recipeLabel: string;
  library: ResultLibrary;
  book: ResultBook;
  precision: Precision;
}

/** A document's answer by one regime, as every metric counts it. */
interface Answer {
  /** Index among the documents by id: subjects are drawn by their place, which must not hang on the order of a run. */
  place: number;
  document: TaskDocument;
  key: RegimeKey;
  exposure: TaskExposure;
  values: readonly (readonly [MetricName, ItemValue])[];
}

/** What compression took, which is no declared comparison. */
const DAMAGE: readonly [Side, Side] = [
  { key: 'compressed', exposure: 'held-out' },
  { key: 'dense', exposure: 'held-out' },
];

/** What a plan's answers come to: every metric, the drawn one by group too, and the declared comparisons and the damage by it; null without any answer. */
export async function toTaskResults(input: TaskResultsInput, statistics: Statistics): Promise<TaskResults | null> {
  const { plan, entry, choice, recipeLabel, book, precision } = input;
  const { groupBy } = choice;
  const metric = toMetric(entry, choice);
  const documents = plan.documents.map(({ document }) => document).sort((one, other) => (one.id < other.id ? -1 : 1));
  const answers = await toAnswers(input, documents);
  const rows = toRows(answers, plan.units);
  if (metric === null || rows.length === 0) return null;
  const subjects = toSubjectNumbers(documents);
  const options = { resamples: RESAMPLES[precision] };
  const presetItems = Math.max(plan.preset.items, book.presets.get(plan.preset.key) ?? 0);
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

  /** The declared comparisons by a metric, or one pair. */
  async function compare(of: MetricName, pair?: readonly [Side, Side]): Promise<readonly Comparison[]> {
    const isExploratory = pair !== undefined || of !== toDeclaredMetric(entry);
    const common = { subjects, presetItems, isExploratory };
    const compared = { answers, metric: of, units: plan.units };
    if (METRICS[of].aggregation === 'mean') {
      const toMark = (value: ItemValue) => (value === 1 ? PACKED.right : PACKED.wrong);
      const regimes = toSides(compared, () => new Uint8Array(documents.length).fill(PACKED.notAnswered), toMark);
      if (pair === undefined) return statistics.compute('comparePacked', { ...common, regimes }, options);
      const found = await statistics.compute('comparePackedExploratory', { ...common, regimes }, ...pair, options);
      return found === null ? [] : [found];
    }
    const make = () => new Float64Array(documents.length).fill(Number.NaN);
    const regimes = toSides(compared, make, (value) => (typeof value === 'number' ? value : value[0]));
    return statistics.compute(
      'compareMetric',
      of,
      { ...common, weights: toWeights(compared, make()), regimes, ...(pair && { pair }) },
      options,
    );
  }

  const whole = await Promise.all(entry.task.config.metrics.map((name) => estimate(name, () => null)));
  const grouped = await estimate(metric, (document) => toGroup(document, groupBy));
  const figures = [...whole.flat(), ...grouped.filter(({ group }) => group !== null)];
  const comparisons = await compare(metric);
  const [damage = null] = await compare(metric, DAMAGE);
  const source = toResultSource(book);
  const compared = { comparisons, damage, presetItems, availableItems };
  return { source, recipeLabel, entry, metric, groupBy, rows, figures, ...compared };
}

/** A person's own task may have 20,000 documents, so the page stays at hand between regimes. */
async function toAnswers(
  { plan, entry, library, book }: TaskResultsInput,
  documents: readonly TaskDocument[],
): Promise<Answer[]> {
  const deviceId = toDeviceId(book.device);
  const { metrics } = entry.task.config;
  const answers: Answer[] = [];
  for (const unit of plan.units) {
    await turnEventLoop();
    const known = library.documents.at({ deviceId, regimeId: unit.regime.id, task: plan.task });
    for (const [place, document] of documents.entries()) {
      const scores = known.get(document.id);
      if (scores === undefined) continue;
      const values = metrics.map((name) => [name, METRICS[name].toItem(document, scores)] as const);
      answers.push({ place, document, key: unit.key, exposure: toExposure(document, unit), values });
    }
  }
  return answers;
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

interface ComparedInput {
  answers: readonly Answer[];
  metric: MetricName;
  units: readonly PlannedUnit[];
}

/** A regime's values, held-out and seen, each at its document's place. */
interface Sides<Values> {
  key: RegimeKey;
  heldOut: Values;
  seen: Values;
  isOneTwin: boolean;
}

/** What every regime makes of every document; control subjects belong to no comparison, as nobody learned them. */
function toSides<Values extends Uint8Array | Float64Array>(
  { answers, metric, units }: ComparedInput,
  make: () => Values,
  toNumber: (value: ItemValue) => number,
): Sides<Values>[] {
  const found = new Map<RegimeKey, Sides<Values>>();
  // Only documents of facts are halved between twins.
  const halved = new Set(
    answers.flatMap(({ key, exposure }) => (exposure === 'seen' || exposure === 'held-out' ? [key] : [])),
  );
  for (const { place, key, exposure, values } of answers) {
    const value = values.find(([name]) => name === metric)?.[1];
    if (exposure === 'control' || value === undefined) continue;
    const halves = isOneTwin(key, units) && halved.has(key);
    const regime = found.get(key) ?? { key, heldOut: make(), seen: make(), isOneTwin: halves };
    found.set(key, regime);
    regime[exposure === 'seen' ? 'seen' : 'heldOut'][place] = toNumber(value);
  }
  return [...found.values()];
}

/** What the metric divides each document's log-likelihood by, the same under every regime. */
function toWeights({ answers, metric }: ComparedInput, weights: Float64Array): Float64Array {
  for (const { place, values } of answers) {
    const value = values.find(([name]) => name === metric)?.[1];
    if (value !== undefined) weights[place] = typeof value === 'number' ? 1 : value[1];
  }
  return weights;
}

function toRows(answers: readonly Answer[], units: readonly PlannedUnit[]): TaskRow[] {
  const answered = new Set(answers.map(({ key }) => key));
  return REGIME_KEYS.filter((key) => answered.has(key)).map((key) => ({
    key,
    isTransferred: units.some((unit) => unit.key === key && unit.isTransferred),
    isOneTwin: isOneTwin(key, units),
  }));
}

function isOneTwin(key: RegimeKey, units: readonly PlannedUnit[]): boolean {
  const own = units.filter((unit) => unit.key === key);
  return own.length === 1 && own[0]?.fold !== null;
}
