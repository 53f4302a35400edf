import type { Comparison, OtherRun, Side } from '../core/eval/comparisons.ts';
import { PACKED } from '../core/eval/packed-comparison.ts';
import type { BootstrapOptions } from '../core/eval/statistics.ts';
import { type ItemValue, METRICS, type MetricName } from '../core/harness/metrics.ts';
import type { TaskDocument } from '../core/harness/task.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import { toGroup } from './task-plan.ts';
import type { TaskExposure, TaskFigure, TaskGroup } from './task-state.ts';

/** A document's answer by one regime, as every metric counts it. */
export interface Answer {
  /** Index among the documents by id: subjects are drawn by their place, which must not hang on the order of a run. */
  place: number;
  document: TaskDocument;
  key: RegimeKey;
  exposure: TaskExposure;
  /** Where it is of another run than the one at hand. */
  run?: OtherRun;
  values: readonly (readonly [MetricName, ItemValue])[];
}

/** Answers to some documents. */
export interface ComparedAnswers {
  answers: readonly Answer[];
  /** The subject of each document, at the places that the answers name. */
  subjects: Int32Array; // [documents]
}

/** The model without recovery. */
export const COMPRESSED: Side = { key: 'compressed', exposure: 'held-out' };

interface ComparerOptions {
  metric: MetricName;
  /** The metric is the one that was declared for the task. */
  isDeclared: boolean;
  units: readonly PlannedUnit[];
  presetItems: number;
  options: BootstrapOptions;
}

/** The declared comparisons of some answers, or one pair, which is exploratory; none without common documents. */
export type TaskComparer = (of: ComparedAnswers, pair?: readonly [Side, Side]) => Promise<readonly Comparison[]>;

/** Compares regimes by one metric: shares by McNemar's exact test, perplexities by the sign-flip test. */
export function createTaskComparer(
  statistics: Statistics,
  { metric, isDeclared, units, presetItems, options }: ComparerOptions,
): TaskComparer {
  return async ({ answers, subjects }, pair) => {
    const common = { subjects, presetItems, isExploratory: pair !== undefined || !isDeclared };
    const compared = { answers, metric, units };
    if (METRICS[metric].aggregation === 'mean') {
      const toMark = (value: ItemValue) => (value === 1 ? PACKED.right : PACKED.wrong);
      const regimes = toSides(compared, () => new Uint8Array(subjects.length).fill(PACKED.notAnswered), toMark);
      if (pair === undefined) return statistics.compute('comparePacked', { ...common, regimes }, options);
      const found = await statistics.compute('comparePackedExploratory', { ...common, regimes }, ...pair, options);
      return found === null ? [] : [found];
    }
    const make = () => new Float64Array(subjects.length).fill(Number.NaN);
    const regimes = toSides(compared, make, (value) => (typeof value === 'number' ? value : value[0]));
    const input = { ...common, weights: toWeights(compared, make()), regimes, ...(pair && { pair }) };
    return statistics.compute('compareMetric', metric, input, options);
  };
}

/** Cells of a table by group, each with its comparison to the model without recovery on the group's documents. */
export async function testCells(
  compare: TaskComparer,
  cells: readonly TaskFigure[],
  toAnswers: (group: string | null) => ComparedAnswers,
): Promise<TaskFigure[]> {
  const byGroup = new Map<string | null, ComparedAnswers>();
  const tested: TaskFigure[] = [];
  for (const cell of cells) {
    const { key, exposure, group } = cell;
    const own = byGroup.get(group) ?? toAnswers(group);
    byGroup.set(group, own);
    const isCompared = key !== COMPRESSED.key && exposure !== 'control';
    const side: Side = { key, exposure: exposure === 'seen' ? 'seen' : 'held-out' };
    // One regime beside the other: the rest would only be handed over.
    const answers = own.answers.filter((answer) => answer.key === key || answer.key === COMPRESSED.key);
    const [againstNone] = isCompared ? await compare({ ...own, answers }, [side, COMPRESSED]) : [];
    tested.push(againstNone === undefined ? cell : { ...cell, againstNone });
  }
  return tested;
}

/** The answers to a group's documents, placed among these alone, in the order of all. */
export function within(
  { answers, subjects }: ComparedAnswers,
  groupBy: TaskGroup,
  group: string | null,
): ComparedAnswers {
  const own = answers.filter(({ document }) => toGroup(document, groupBy) === group);
  const places = [...new Set(own.map(({ place }) => place))].sort((one, other) => one - other);
  const placeOf = new Map(places.map((place, i) => [place, i]));
  return {
    answers: own.map((answer) => ({ ...answer, place: placeOf.get(answer.place) ?? 0 })),
    subjects: Int32Array.from(places, (place) => subjects[place] ?? 0),
  };
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
  run?: OtherRun;
}

/** What every regime makes of every document; control subjects belong to no comparison, as nobody learned them. */
function toSides<Values extends Uint8Array | Float64Array>(
  { answers, metric, units }: ComparedInput,
  make: () => Values,
  toNumber: (value: ItemValue) => number,
): Sides<Values>[] {
  const found = new Map<string, Sides<Values>>();
  // Only documents of facts are halved between twins.
  const halved = new Set(
    answers.flatMap(({ key, exposure }) => (exposure === 'seen' || exposure === 'held-out' ? [key] : [])),
  );
  for (const { place, key, exposure, run, values } of answers) {
    const value = values.find(([name]) => name === metric)?.[1];
    if (exposure === 'control' || value === undefined) continue;
    const halves = isOneTwin(key, units) && halved.has(key);
    const id = `${key} ${run ?? ''}`;
    const regime = found.get(id) ?? { key, heldOut: make(), seen: make(), isOneTwin: halves, ...(run && { run }) };
    found.set(id, regime);
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

/** Whether a repair has one of its two twins only. */
export function isOneTwin(key: RegimeKey, units: readonly PlannedUnit[]): boolean {
  const own = units.filter((unit) => unit.key === key);
  return own.length === 1 && own[0]?.fold !== null;
}
