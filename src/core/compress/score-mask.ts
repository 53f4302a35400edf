import { PATTERNS } from './pruning-amount.ts';
import type { Pattern } from './variant.ts';

/**
 * Mask `[rows, columns]` that a share or a pattern leaves of scores `[rows, columns]`: the smallest of every row,
 * or of every M neighbours, go; null where none goes.
 */
export function maskRows(
  scores: Float64Array,
  columns: number,
  amount: number | Pattern,
): Uint8Array<ArrayBuffer> | null {
  const run = typeof amount === 'number' ? columns : PATTERNS[amount].of;
  const count = typeof amount === 'number' ? Math.floor(amount * columns) : run - PATTERNS[amount].kept;
  return count === 0 ? null : maskRuns(scores, run, count);
}

/** 0 for the `count` smallest of every `run` scores, 1 for the rest; of equal ones the lower index goes first. */
export function maskRuns(scores: Float64Array, run: number, count: number): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(scores.length).fill(1);
  if (count === 0) return mask;
  for (let start = 0; start < scores.length; start += run)
    clearLowest(scores, { start, end: start + run }, count, mask);
  return mask;
}

function clearLowest(
  scores: Float64Array,
  { start, end }: { start: number; end: number },
  count: number,
  mask: Uint8Array,
): void {
  const threshold = scores.slice(start, end).sort()[count - 1] ?? 0;
  let ties = count;
  for (let i = start; i < end; i++) if ((scores[i] ?? 0) < threshold) ties -= 1;
  for (let i = start; i < end; i++) {
    const score = scores[i] ?? 0;
    if (score < threshold) {
      mask[i] = 0;
    } else if (score === threshold && ties > 0) {
      mask[i] = 0;
      ties -= 1;
    }
  }
}

/** Whether a mask keeps exactly N of every M neighbours. */
export function fitsPattern(mask: Uint8Array, pattern: Pattern): boolean {
  const { kept, of } = PATTERNS[pattern];
  if (mask.length % of !== 0) return false;
  for (let start = 0; start < mask.length; start += of) {
    let sum = 0;
    for (let i = start; i < start + of; i++) sum += mask[i] ?? 0;
    if (sum !== kept) return false;
  }
  return true;
}
