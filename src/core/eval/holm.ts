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
  for (const { place, factor } of toSteps(pValues)) {
    largest = Math.max(largest, Math.min(1, (pValues[place] ?? 1) * factor));
    adjusted[place] = largest;
  }
  return adjusted;
}

/** What Holm's procedure multiplies each p-value by, in the order given: the i-th smallest of m by `m - i + 1`. */
export function holmFactors(pValues: readonly number[]): number[] {
  const factors = new Array<number>(pValues.length);
  for (const { place, factor } of toSteps(pValues)) factors[place] = factor;
  return factors;
}

/** The places of the p-values, smallest first, each with its factor. */
function toSteps(pValues: readonly number[]): { place: number; factor: number }[] {
  const ascending = [...pValues.entries()].sort(([, a], [, b]) => a - b);
  return ascending.map(([place], rank) => ({ place, factor: pValues.length - rank }));
}
