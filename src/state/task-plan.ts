import type { Recipe } from '../core/compress/recipe.ts';
import { toRecipeKey } from '../core/compress/recipe-key.ts';
import { METRICS, type MetricName } from '../core/harness/metrics.ts';
import type { Prompt, TaskDocument } from '../core/harness/task.ts';
import { toPrompt } from '../core/harness/task.ts';
import { seededRandom, shuffled } from '../core/random.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import type { TaskChoice, TaskEntry, TaskExposure, TaskGroup } from './task-state.ts';

/** Documents before which no comparison is called decided; all of a task that has fewer. */
const PRESET_DOCUMENTS = 200;

/** Far above what anybody waits for: stands for all of them. */
export const MAX_TASK_LIMIT = 20_000;

/** As many orders of documents as a field of three digits can name. */
export const MAX_TASK_SEED = 999;

export const DEFAULT_TASK_CHOICE: TaskChoice = { id: null, seed: 1, limit: 200, metric: null, groupBy: 'relation' };

/** A document as it is asked. */
export interface PlannedDocument {
  document: TaskDocument;
  prompt: Prompt;
}

const kept = new WeakMap<TaskEntry, { seed: number; limit: number; planned: readonly PlannedDocument[] }>();

/**
 * The documents of a run in seeded random order; the first n are the same whatever the limit is. The last plan of a task is kept: it is
 * asked for at every drawing, and of 20,000 documents it takes a while to make.
 */
export function planDocuments(entry: TaskEntry, { seed, limit }: TaskChoice): readonly PlannedDocument[] {
  const known = kept.get(entry);
  if (known?.seed === seed && known.limit === limit) return known.planned;
  const { task } = entry;
  const planned = orderDocuments(entry, seed)
    .slice(0, limit)
    .map((document) => ({ document, prompt: toPrompt(task, document) }));
  kept.set(entry, { seed, limit, planned });
  return planned;
}

const keptOrders = new WeakMap<TaskEntry, { seed: number; documents: readonly TaskDocument[] }>();

/** All documents of a task in seeded random order; the last order of a task is kept. */
export function orderDocuments(entry: TaskEntry, seed: number): readonly TaskDocument[] {
  const known = keptOrders.get(entry);
  if (known?.seed === seed) return known.documents;
  const documents = shuffled(entry.task.documents, seededRandom(seed));
  keptOrders.set(entry, { seed, documents });
  return documents;
}

/** The documents in blocks of `size`; the engine sorts a block by length, in tokens. */
export function toDocumentBlocks(documents: readonly PlannedDocument[], size: number): PlannedDocument[][] {
  const blocks: PlannedDocument[][] = [];
  for (let start = 0; start < documents.length; start += size) blocks.push(documents.slice(start, start + size));
  return blocks;
}

/**
 * Whether a regime is asked a document. Documents of the folds A and B go to both twins of a repair, which makes them seen and held-out;
 * others to one twin alone, as on the board.
 */
export function isAsked(document: TaskDocument, unit: PlannedUnit, units: readonly PlannedUnit[]): boolean {
  return toAsks(unit, units)(document);
}

/** The same for many documents. */
export function toAsks(unit: PlannedUnit, units: readonly PlannedUnit[]): (document: TaskDocument) => boolean {
  const isAskedAll = unit.fold === null || units.find(({ key }) => key === unit.key) === unit;
  return ({ fold }) => isAskedAll || isOfFold(fold);
}

/** What a document's answer by a regime counts to. */
export function toExposure({ fold }: TaskDocument, unit: PlannedUnit): TaskExposure {
  if (fold === 'control') return 'control';
  if (unit.fold === null || !isOfFold(fold)) return 'all';
  return fold === unit.fold ? 'seen' : 'held-out';
}

function isOfFold(fold: string | null): boolean {
  return fold === 'A' || fold === 'B';
}

/** Documents that a comparison must have of a run with this choice before it may be called decided; set before the run. */
export function toPresetItems(entry: TaskEntry, choice: TaskChoice): number {
  const limit = Math.max(choice.limit, PRESET_DOCUMENTS);
  return orderDocuments(entry, choice.seed).slice(0, limit).filter(isCompared).length;
}

/** What the number of documents is kept under that comparisons of a task and recipe wait for (`ResultBook.presets`). */
export function toPresetKey({ fingerprint }: TaskEntry, recipe: Recipe): string {
  return `${fingerprint} | ${toRecipeKey(recipe)}`;
}

/** Whether a document takes part in comparisons: what guessing gives on control subjects is no gain of a repair. */
export function isCompared({ fold }: TaskDocument): boolean {
  return fold !== 'control';
}

/** The metric that is drawn: the chosen one where the task has it, else the declared one. */
export function toMetric(entry: TaskEntry, { metric }: TaskChoice): MetricName | null {
  const { metrics } = entry.task.config;
  return metrics.find((name) => name === metric) ?? toDeclaredMetric(entry);
}

/** The metric that the declared comparisons are by: the first share of the task, of one without any its first metric. */
export function toDeclaredMetric({ task: { config } }: TaskEntry): MetricName | null {
  const { metrics } = config;
  return metrics.find((name) => METRICS[name].aggregation === 'mean') ?? metrics[0] ?? null;
}

/** What a document is listed under; null where it does not say. */
export function toGroup({ domain, relation, fold, taught }: TaskDocument, groupBy: TaskGroup): string | null {
  switch (groupBy) {
    case 'domain':
      return domain;
    case 'relation':
      return relation;
    case 'fold':
      return fold;
    case 'taught':
      return taught === null ? null : taught ? 'taught form' : 'untaught form';
    default:
      return groupBy satisfies never;
  }
}
