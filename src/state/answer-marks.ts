import * as z from 'zod/mini';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import { toFingerprint } from './fingerprint.ts';
import type { TwinFold } from './regimes.ts';

/** Up to so many answers a link tells each of them, so that it says how many differ; more would make it too long to send. */
const MAX_TOLD_ANSWERS = 8_192;

/** Most items of a regime that are believed of a link. */
const MAX_ITEMS = 100_000;

/** Most regimes that are: every place of the board with two twins. */
export const MAX_LINKED_REGIMES = 2 * REGIME_KEYS.length;

export const linkedHash = z.string().check(z.regex(/^[0-9a-f]{16}$/));

/** Whose answers, and to how many items: those from the first of the plan on that were answered without a gap. */
export const linkedRegime = {
  key: z.enum(REGIME_KEYS),
  fold: z.nullable(z.enum(['A', 'B'])),
  items: z.int().check(z.minimum(1), z.maximum(MAX_ITEMS)),
};

/** What a link tells of a regime's answers, right or wrong each. */
export interface RegimeMarks {
  key: RegimeKey;
  fold: TwinFold | null;
  items: number;
  /** How many of them were right. */
  right: number;
  /** Of right and wrong, item by item. */
  hash: string;
  /** Right and wrong, item by item, in hexadecimal digits of four; null where there are too many. */
  answers: string | null;
}

export const regimeMarks = z
  .object({
    ...linkedRegime,
    right: z.int().check(z.minimum(0)),
    hash: linkedHash,
    answers: z.nullable(z.string().check(z.regex(/^[0-9a-f]*$/), z.maxLength(MAX_TOLD_ANSWERS / 4))),
  })
  .check(z.refine(isConsistent));

/** The answers of a regime, 1 for right and 0 for wrong; empty without any. */
export interface MarkedRegime {
  key: RegimeKey;
  fold: TwinFold | null;
  marks: string;
}

/** What a link tells of some regimes; those without answers are left out. */
export function toRegimeMarks(regimes: readonly MarkedRegime[]): RegimeMarks[] {
  const answered = regimes.filter(({ marks }) => marks !== '');
  const isTold = answered.reduce((sum, { marks }) => sum + marks.length, 0) <= MAX_TOLD_ANSWERS;
  return answered.map(({ key, fold, marks }) => ({
    key,
    fold,
    items: marks.length,
    right: countRight(marks),
    hash: toFingerprint(marks),
    answers: isTold ? toDigits(marks) : null,
  }));
}

/** How the answers to the same items differ. */
export interface Difference {
  /** Answers that differ; with `isAtLeast` no fewer than this. */
  items: number;
  isAtLeast: boolean;
}

/** How as many answers differ from those of a link; null where they are the same. */
export function toDifference(linked: RegimeMarks, marks: string): Difference | null {
  if (linked.hash === toFingerprint(marks)) return null;
  const { answers } = linked;
  if (answers === null) return { items: Math.max(1, Math.abs(linked.right - countRight(marks))), isAtLeast: true };
  const told = toMarksOf(answers, linked.items);
  return { items: [...marks].filter((mark, i) => mark !== told[i]).length, isAtLeast: false };
}

/** A regime whose answers differ from the linked ones. */
export interface DifferingRegime extends Difference {
  key: RegimeKey;
  fold: TwinFold | null;
}

/** How the answers at hand stand to those of a link. */
export type AnswersComparison =
  | { status: 'unmeasured'; total: number }
  | { status: 'partial'; done: number; total: number }
  | { status: 'same' }
  | { status: 'differs'; regimes: readonly DifferingRegime[] };

/** Holds the answers at hand against linked ones, regime by regime; `hold` is asked how many of its items a regime has answered here, and how all of them differ. */
export function compareAnswers<T extends Pick<RegimeMarks, 'key' | 'fold' | 'items'>>(
  linked: readonly T[],
  hold: (each: T) => { answered: number; difference: Difference | null },
): AnswersComparison {
  const total = linked.reduce((sum, { items }) => sum + items, 0);
  let done = 0;
  const regimes: DifferingRegime[] = [];
  for (const each of linked) {
    const { answered, difference } = hold(each);
    done += answered;
    if (difference !== null) regimes.push({ key: each.key, fold: each.fold, ...difference });
  }
  if (done === 0) return { status: 'unmeasured', total };
  if (done < total) return { status: 'partial', done, total };
  return regimes.length === 0 ? { status: 'same' } : { status: 'differs', regimes };
}

/** The same of right and wrong; `toMarks` gives all marks that are here. */
export function holdMarks(linked: RegimeMarks, all: string): { answered: number; difference: Difference | null } {
  const marks = all.slice(0, linked.items);
  return { answered: marks.length, difference: marks.length < linked.items ? null : toDifference(linked, marks) };
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
function isConsistent({ items, right, hash: claimed, answers }: RegimeMarks): boolean {
  if (right > items) return false;
  if (answers === null) return true;
  const marks = toMarksOf(answers, items);
  return marks.length === items && countRight(marks) === right && toFingerprint(marks) === claimed;
}
