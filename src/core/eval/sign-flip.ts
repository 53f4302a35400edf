import { seededRandom } from '../random.ts';
import { type BootstrapOptions, DEFAULT_SEED } from './statistics.ts';

/** Enough that a p-value of 1 % is known to 0.2 points. */
const DEFAULT_FLIPS = 10_000;

/** A sum that equals the observed one but for rounding counts as equal. */
const ROUNDING = 1e-12;

/**
 * Two-sided p-value of the sign-flip test of differences of any size (Fisher 1935, The Design of Experiments, section 21): under the null
 * each difference may as well have the other sign, so p = P(|sum of +-d| >= |sum of d|). The signs are drawn; the observed sum counts as a
 * draw, so p is never 0 (Phipson and Smyth 2010). Whole numbers have the exact test of `mcnemar`. NaN where a difference is not finite.
 */
export function signFlip(
  differences: readonly number[],
  { seed = DEFAULT_SEED, resamples = DEFAULT_FLIPS }: BootstrapOptions = {},
): number {
  const sizes = Float64Array.from(differences.filter((difference) => difference !== 0));
  const sum = sizes.reduce((total, size) => total + size, 0);
  if (!Number.isFinite(sum)) return Number.NaN;
  const observed = Math.abs(sum) - ROUNDING * sizes.reduce((total, size) => total + Math.abs(size), 0);
  const random = seededRandom(seed);
  const words = new Uint32Array(Math.ceil(sizes.length / 32));
  let extreme = 1;
  for (let sample = 0; sample < resamples; sample++) {
    random.fill(words);
    let flipped = 0;
    for (const [i, size] of sizes.entries()) flipped += ((words[i >> 5] ?? 0) >>> (i & 31)) & 1 ? size : -size;
    if (Math.abs(flipped) >= observed) extreme++;
  }
  return extreme / (resamples + 1);
}
