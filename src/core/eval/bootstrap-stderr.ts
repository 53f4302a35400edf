import { seededRandom, toInteger } from '../random.ts';
import { type BootstrapOptions, DEFAULT_RESAMPLES, DEFAULT_SEED } from './statistics.ts';

/**
 * Bootstrap standard error of a statistic that hangs on the mean of independent values alone (Efron and Tibshirani 1993, algorithm 6.1): the
 * sample standard deviation of what it is over draws of as many values with replacement. Null for fewer than two values or two draws, and
 * where it is not finite.
 */
export function bootstrapStderr(
  values: readonly number[],
  ofMean: (mean: number) => number,
  { seed = DEFAULT_SEED, resamples = DEFAULT_RESAMPLES }: BootstrapOptions = {},
): number | null {
  if (values.length < 2 || resamples < 2) return null;
  const random = seededRandom(seed);
  const words = new Uint32Array(values.length);
  const drawn = new Float64Array(resamples);
  for (let sample = 0; sample < resamples; sample++) {
    random.fill(words);
    let sum = 0;
    for (let i = 0; i < words.length; i++) sum += values[toInteger(words[i] ?? 0, values.length)] ?? Number.NaN;
    drawn[sample] = ofMean(sum / values.length);
  }
  const mean = drawn.reduce((sum, value) => sum + value, 0) / resamples;
  const squares = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const stderr = Math.sqrt(squares / (resamples - 1));
  return Number.isFinite(stderr) ? stderr : null;
}
