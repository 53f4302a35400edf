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
  const distribution = toPositiveSum(sizes);
  const largest = distribution.length - 1;
  // The sum is twice its positive part minus all of it; the small terms come first, so that none is lost.
  let tail = 0;
  for (let sum = largest; 2 * sum - largest >= observed; sum--) tail += distribution[sum] ?? 0;
  return Math.min(1, Math.max(2 * tail, Number.MIN_VALUE));
}

/** P(positive part = s) for s from 0 to the sum of the sizes, each size positive or negative with probability 1/2. */
function toPositiveSum(sizes: readonly number[]): Float64Array {
  const distribution = new Float64Array(sizes.reduce((sum, size) => sum + size, 1));
  distribution[0] = 1;
  let reached = 0;
  for (const size of sizes) {
    reached += size;
    // Halving at every step keeps the middle of the distribution in range; only what is far below 1e-300 fades out.
    for (let sum = reached; sum >= 0; sum--) {
      const shifted = sum >= size ? (distribution[sum - size] ?? 0) : 0;
      distribution[sum] = ((distribution[sum] ?? 0) + shifted) / 2;
    }
  }
  return distribution;
}
