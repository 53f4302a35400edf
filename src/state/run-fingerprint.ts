import * as z from 'zod/mini';
import type { Recipe } from '../core/compress/recipe.ts';
import { toRecipeKey } from '../core/compress/recipe-key.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import type { PlannedItem, PlannedUnit } from './evaluation-plan.ts';
import { toFingerprint } from './fingerprint.ts';
import type { TwinFold } from './regimes.ts';
import { ENGINE_VERSION, type ResultBook, toPackFingerprint } from './result-book.ts';

/** Up to so many answers a link tells each of them, so that it says how many differ; more would make it too long to send. */
const MAX_TOLD_ANSWERS = 8_192;

/** Most items of a regime that are believed of a link. */
const MAX_ITEMS = 100_000;

const hash = z.string().check(z.regex(/^[0-9a-f]{16}$/));
const regime = z
  .object({
    key: z.enum(REGIME_KEYS),
    fold: z.nullable(z.enum(['A', 'B'])),
    /** Items from the first of the plan on that were answered without a gap. */
    items: z.int().check(z.minimum(1), z.maximum(MAX_ITEMS)),
    /** How many of them were right. */
    right: z.int().check(z.minimum(0)),
    /** Of right and wrong, item by item. */
    hash,
    /** Right and wrong, item by item, in hexadecimal digits of four; null where there are too many. */
    answers: z.nullable(z.string().check(z.regex(/^[0-9a-f]*$/), z.maxLength(MAX_TOLD_ANSWERS / 4))),
  })
  .check(z.refine(isConsistent));

/** What a link tells of a run: right and wrong by regime and item, and where that was; no times. */
export const runFingerprint = z.object({
  pack: z.string().check(z.maxLength(200)),
  /** Of the items and their order. */
  order: hash,
  engineVersion: z.int().check(z.minimum(0)),
  device: z.string().check(z.maxLength(500)),
  recipe: hash,
  recipeLabel: z.string().check(z.maxLength(500)),
  regimes: z.array(regime).check(z.minLength(1), z.maxLength(2 * REGIME_KEYS.length)),
});

export type RunFingerprint = z.infer<typeof runFingerprint>;
type RegimeFingerprint = RunFingerprint['regimes'][number];

/** What a fingerprint is made of, and what one is held against. */
export interface FingerprintSource {
  /** Null where nothing was measured. */
  book: ResultBook | null;
  manifest: PackManifest;
  recipe: Recipe;
  recipeLabel: string;
  units: readonly PlannedUnit[];
  items: readonly PlannedItem[];
}

/** The fingerprint of the answers at hand; null without any. */
export function toRunFingerprint(source: FingerprintSource): RunFingerprint | null {
  const answered = source.units
    .map((unit) => ({ unit, marks: toMarks(source, unit) }))
    .filter(({ marks }) => marks !== '');
  if (source.book === null || answered.length === 0) return null;
  const isTold = answered.reduce((sum, { marks }) => sum + marks.length, 0) <= MAX_TOLD_ANSWERS;
  return {
    pack: toPackFingerprint(source.manifest),
    order: toOrder(source.items),
    engineVersion: ENGINE_VERSION,
    device: source.book.device.device,
    recipe: toFingerprint(toRecipeKey(source.recipe)),
    recipeLabel: source.recipeLabel,
    regimes: answered.map(({ unit: { key, fold }, marks }) => ({
      key,
      fold,
      items: marks.length,
      right: countRight(marks),
      hash: toFingerprint(marks),
      answers: isTold ? toDigits(marks) : null,
    })),
  };
}

/** Eight digits that differ where a right or wrong answer does. */
export function toShortFingerprint({ regimes }: RunFingerprint): string {
  return toFingerprint(regimes.map(({ key, fold, hash }) => `${key} ${fold} ${hash}`).join('\n')).slice(0, 8);
}

/** A regime whose answers differ from the linked ones. */
export interface DifferingRegime {
  key: RegimeKey;
  fold: TwinFold | null;
  /** Answers that differ; with `isAtLeast` no fewer than this. */
  items: number;
  isAtLeast: boolean;
}

/** How the answers at hand stand to those of a link. */
export type RunComparison =
  | { status: 'other-pack' }
  | { status: 'other-recipe'; linkedLabel: string }
  | { status: 'unmeasured'; total: number }
  | { status: 'partial'; done: number; total: number }
  | { status: 'same' }
  | { status: 'differs'; regimes: readonly DifferingRegime[] };

/** Holds the answers at hand against the linked ones, regime by regime on the same items. */
export function compareRuns(linked: RunFingerprint, source: FingerprintSource): RunComparison {
  if (linked.pack !== toPackFingerprint(source.manifest) || linked.order !== toOrder(source.items)) {
    return { status: 'other-pack' };
  }
  if (linked.recipe !== toFingerprint(toRecipeKey(source.recipe))) {
    return { status: 'other-recipe', linkedLabel: linked.recipeLabel };
  }
  const total = linked.regimes.reduce((sum, { items }) => sum + items, 0);
  let done = 0;
  const differing: DifferingRegime[] = [];
  for (const each of linked.regimes) {
    const unit = source.units.find(({ key, fold }) => key === each.key && fold === each.fold);
    const marks = unit === undefined ? '' : toMarks(source, unit).slice(0, each.items);
    done += marks.length;
    const difference = marks.length < each.items ? null : toDifference(each, marks);
    if (difference !== null) differing.push({ key: each.key, fold: each.fold, ...difference });
  }
  if (done === 0) return { status: 'unmeasured', total };
  if (done < total) return { status: 'partial', done, total };
  return differing.length === 0 ? { status: 'same' } : { status: 'differs', regimes: differing };
}

function toDifference(linked: RegimeFingerprint, marks: string) {
  if (linked.hash === toFingerprint(marks)) return null;
  const { answers } = linked;
  if (answers === null) return { items: Math.max(1, Math.abs(linked.right - countRight(marks))), isAtLeast: true };
  const told = toMarksOf(answers, linked.items);
  return { items: [...marks].filter((mark, i) => mark !== told[i]).length, isAtLeast: false };
}

const keptMarks = new WeakMap<object, { items: readonly PlannedItem[]; size: number; marks: string }>();

/**
 * Right as 1 and wrong as 0, from the first planned item to the first that was not answered. Made anew only where there are more answers
 * than before, since they are only ever added: this is asked after every block of a run, of every regime.
 */
function toMarks({ book, items }: FingerprintSource, { regime: { id } }: PlannedUnit): string {
  const outcomes = book?.outcomes.get(id);
  if (outcomes === undefined) return '';
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

function countRight(marks: string): number {
  return marks.replaceAll('0', '').length;
}

function toDigits(marks: string): string {
  return marks.replaceAll(/.{1,4}/g, (four) => Number.parseInt(four.padEnd(4, '0'), 2).toString(16));
}

function toMarksOf(digits: string, items: number): string {
  return [...digits]
    .map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0'))
    .join('')
    .slice(0, items);
}

/** Whether the parts of a regime agree with each other. */
function isConsistent({ items, right, hash: claimed, answers }: RegimeFingerprint): boolean {
  if (right > items) return false;
  if (answers === null) return true;
  const marks = toMarksOf(answers, items);
  return marks.length === items && countRight(marks) === right && toFingerprint(marks) === claimed;
}
