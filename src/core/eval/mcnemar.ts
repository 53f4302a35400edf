import { AppError } from '../errors.ts';

/**
 * Exact two-sided p-value of McNemar's test with subjects as units: under the null each subject's difference (right items
 * under one regime minus right items under the other) is as likely to have the other sign, so p = P(|sum of +-d| >= |sum of d|).
 * With one item a subject it is McNemar's exact binomial test (McNemar 1947); with several, the same sign-flip test over
 * clusters (Fisher 1935). Never 0: where p is below the smallest number there is, it is that one. Throws `input-invalid`.
 */
export function mcnemar(differences: readonly number[]): number {
  const sizes = differences.filter((difference) => difference !== 0).map(Math.abs);
  if (!sizes.every(Number.isSafeInteger)) {
    throw new AppError('input-invalid', 'A difference of right items must be a whole number.', {
      field: 'differences',
      observed: sizes.find((size) => !Number.isSafeInteger(size)) ?? null,
      allowed: 'whole numbers',
    });
  }
  const observed = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
  if (observed === 0) return 1;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  // By symmetry the tail is that of a small positive part: sum = 2 * positive part - total <= -observed.
  const tail = toPositiveSum(sizes, (total - observed) / 2).reduce((sum, probability) => sum + probability, 0);
  return Math.min(1, Math.max(2 * tail, Number.MIN_VALUE));
}

/** P(positive part = s) for s from 0 to `largest`, each size positive or negative with probability 1/2. */
function toPositiveSum(sizes: readonly number[], largest: number): Float64Array {
  const distribution = new Float64Array(largest + 1);
  distribution[0] = 1;
  let reached = 0;
  // Small sizes first: the sums that can be reached, and with them the work, grow late.
  for (const size of [...sizes].sort((a, b) => a - b)) {
    reached = Math.min(reached + size, largest);
    // Halving at every step keeps the middle of the distribution in range; only what is far below 1e-300 fades out.
    for (let sum = reached; sum >= size; sum--) {
      distribution[sum] = ((distribution[sum] ?? 0) + (distribution[sum - size] ?? 0)) / 2;
    }
    for (let sum = Math.min(size - 1, reached); sum >= 0; sum--) distribution[sum] = (distribution[sum] ?? 0) / 2;
  }
  return distribution;
}
