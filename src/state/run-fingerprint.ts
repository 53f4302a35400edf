import * as z from 'zod/mini';
import type { Recipe } from '../core/compress/recipe.ts';
import { toRecipeKey } from '../core/compress/recipe-key.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import {
  type AnswersComparison,
  compareAnswers,
  holdMarks,
  linkedHash,
  MAX_LINKED_REGIMES,
  regimeMarks,
  toRegimeMarks,
} from './answer-marks.ts';
import type { PlannedItem, PlannedUnit } from './evaluation-plan.ts';
import { toFingerprint } from './fingerprint.ts';
import { ENGINE_VERSION, type ResultBook, toPackFingerprint } from './result-book.ts';
import { compareTask, type TaskSource, taskFingerprint, toTaskFingerprint } from './task-fingerprint.ts';

/** What a link tells of a run: right and wrong by regime and item, of questions about facts and of a task, and where that was; no times. */
export const runFingerprint = z
  .object({
    pack: z.string().check(z.maxLength(200)),
    /** Of the items and their order. */
    order: linkedHash,
    engineVersion: z.int().check(z.minimum(0)),
    device: z.string().check(z.maxLength(500)),
    recipe: linkedHash,
    recipeLabel: z.string().check(z.maxLength(500)),
    regimes: z.array(regimeMarks).check(z.maxLength(MAX_LINKED_REGIMES)),
    /** Of the text before each question; null without such a regime. Links of earlier versions say nothing of it, nor of tasks. */
    textPrompt: z._default(z.nullable(linkedHash), null),
    task: z._default(z.nullable(taskFingerprint), null),
  })
  .check(z.refine(({ regimes, task }) => regimes.length > 0 || task !== null));

export type RunFingerprint = z.infer<typeof runFingerprint>;

/** What a fingerprint is made of, and what one is held against. */
export interface FingerprintSource {
  /** Null where nothing was measured. */
  book: ResultBook | null;
  manifest: PackManifest;
  recipe: Recipe;
  recipeLabel: string;
  textPrompt: string;
  units: readonly PlannedUnit[];
  /** Planned once they are asked for: there are thousands. */
  items(): readonly PlannedItem[];
}

/** The fingerprint of the answers at hand, to a task too where there is one; null without any. */
export function toRunFingerprint(source: FingerprintSource, ofTask: TaskSource | null): RunFingerprint | null {
  const { book, manifest, recipe, recipeLabel, units } = source;
  if (book === null) return null;
  const regimes = toRegimeMarks(
    units.map((unit) => ({ key: unit.key, fold: unit.fold, marks: toMarks(source, unit) })),
  );
  const task = ofTask && toTaskFingerprint(ofTask);
  if (regimes.length === 0 && task === null) return null;
  const hasText = [...regimes, ...(task?.regimes ?? [])].some(({ key }) => key === 'text');
  return {
    pack: toPackFingerprint(manifest),
    order: toOrder(source.items()),
    engineVersion: ENGINE_VERSION,
    device: book.device.device,
    recipe: toFingerprint(toRecipeKey(recipe)),
    recipeLabel,
    regimes,
    textPrompt: hasText ? toTextHash(source) : null,
    task,
  };
}

/** Eight digits that differ where a right or wrong answer does. */
export function toShortFingerprint({ regimes, task }: RunFingerprint): string {
  const toLine = (each: { key: RegimeKey; fold: string | null; items: number; hash?: string }) =>
    `${each.key} ${each.fold} ${each.hash ?? each.items}`;
  const ofTask = task === null ? [] : [`${task.task} ${task.seed}`, ...task.regimes.map(toLine)];
  return toFingerprint([...regimes.map(toLine), ...ofTask].join('\n')).slice(0, 8);
}

/** A part of a linked run, held against the answers at hand. */
export interface ComparedPart {
  /** Name of the task; null for the questions about facts. */
  task: string | null;
  /** Items, or documents, of each regime that the link tells of. */
  items: number;
  /** A task may be not read yet, or a person's own one that is not in this browser. */
  comparison: AnswersComparison | { status: 'unread' } | { status: 'missing' };
}

/** How the answers at hand stand to those of a link. */
export type RunComparison =
  | { status: 'other-pack' }
  | { status: 'other-recipe'; linkedLabel: string }
  | {
      status: 'compared';
      parts: readonly ComparedPart[];
      /** Another text than that of the link stands before each question, so its regime is not compared. */
      isOtherText: boolean;
    };

/** Where the answers to the task of a link are. */
export type LinkedTaskSource = TaskSource | 'unread' | 'missing';

/** Holds the answers at hand against the linked ones, regime by regime on the same items. */
export function compareRuns(
  linked: RunFingerprint,
  source: FingerprintSource,
  ofTask: LinkedTaskSource,
): RunComparison {
  if (linked.pack !== toPackFingerprint(source.manifest) || linked.order !== toOrder(source.items())) {
    return { status: 'other-pack' };
  }
  if (linked.recipe !== toFingerprint(toRecipeKey(source.recipe))) {
    return { status: 'other-recipe', linkedLabel: linked.recipeLabel };
  }
  const isOtherText = linked.textPrompt !== null && linked.textPrompt !== toTextHash(source);
  const isCompared = ({ key }: { key: RegimeKey }) => key !== 'text' || !isOtherText;
  const regimes = linked.regimes.filter(isCompared);
  const ofFacts = compareAnswers(regimes, (each) => {
    const unit = source.units.find(({ key, fold }) => key === each.key && fold === each.fold);
    return holdMarks(each, unit === undefined ? '' : toMarks(source, unit));
  });
  const parts: ComparedPart[] = [];
  if (regimes.length > 0) parts.push({ task: null, items: toMostItems(regimes), comparison: ofFacts });
  if (linked.task !== null) {
    const asked = linked.task.regimes.filter(isCompared);
    const comparison = typeof ofTask === 'string' ? { status: ofTask } : compareTask(asked, ofTask);
    parts.push({ task: linked.task.name, items: toMostItems(linked.task.regimes), comparison });
  }
  return { status: 'compared', parts, isOtherText };
}

/** How many items the regime with the most has. */
export function toMostItems(regimes: readonly { items: number }[]): number {
  return Math.max(0, ...regimes.map(({ items }) => items));
}

/** As a regime takes it: spaces at its ends do not count. */
function toTextHash({ textPrompt }: FingerprintSource): string {
  return toFingerprint(textPrompt.trim());
}

const keptMarks = new WeakMap<object, { items: readonly PlannedItem[]; size: number; marks: string }>();

/**
 * Right as 1 and wrong as 0, from the first planned item to the first that was not answered. Made anew only where there are more answers
 * than before, since they are only ever added: this is asked after every block of a run, of every regime.
 */
function toMarks({ book, items: plan }: FingerprintSource, { regime: { id } }: PlannedUnit): string {
  const outcomes = book?.outcomes.get(id);
  if (outcomes === undefined || outcomes.size === 0) return '';
  const items = plan();
  const kept = keptMarks.get(outcomes);
  if (kept?.items === items && kept.size === outcomes.size) return kept.marks;
  const found: string[] = [];
  for (const item of items) {
    const outcome = outcomes.get(item.id);
    if (outcome === undefined) break;
    found.push(outcome.isRight ? '1' : '0');
  }
  const marks = found.join('');
  keptMarks.set(outcomes, { items, size: outcomes.size, marks });
  return marks;
}

const keptOrders = new WeakMap<readonly PlannedItem[], string>();

function toOrder(items: readonly PlannedItem[]): string {
  const order = keptOrders.get(items) ?? toFingerprint(items.map(({ id }) => id).join('\n'));
  keptOrders.set(items, order);
  return order;
}
