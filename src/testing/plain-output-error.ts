import type { Gram } from '../core/compress/calibration.ts';

/** `||D X^T||^2 = trace(D G D^T)` of a difference of weights `D` `[out, in]`: how far the outputs of all calibration tokens move, by plain loops. */
export function plainOutputError(difference: Float32Array, { size, data }: Gram): number {
  let sum = 0;
  for (let start = 0; start < difference.length; start += size) {
    for (let i = 0; i < size; i++) {
      const own = difference[start + i] ?? 0;
      if (own === 0) continue;
      // G is symmetric: what lies beside the diagonal counts twice.
      let beside = 0;
      for (let j = i + 1; j < size; j++) beside += (difference[start + j] ?? 0) * (data[i * size + j] ?? 0);
      sum += own * (own * (data[i * size + i] ?? 0) + 2 * beside);
    }
  }
  return sum;
}
