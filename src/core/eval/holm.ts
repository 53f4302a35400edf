import { AppError } from '../errors.ts';

/**
 * Holm's step-down adjusted p-values (Holm 1979; Wright 1992), in the order given: the i-th smallest of m times `m - i + 1`,
 * no smaller than those before it, at most 1. Throws `input-invalid` for what is no probability.
 */
export function holm(pValues: readonly number[]): number[] {
  for (const p of pValues) {
    if (p >= 0 && p <= 1) continue;
    throw new AppError('input-invalid', `${p} is no p-value.`, { field: 'p', observed: p, allowed: '0 to 1' });
  }
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  const ascending = [...pValues.entries()].sort(([, a], [, b]) => a - b);
  for (const [rank, [place, p]] of ascending.entries()) {
    largest = Math.max(largest, Math.min(1, p * (pValues.length - rank)));
    adjusted[place] = largest;
  }
  return adjusted;
}
