import { cut } from '../linear-algebra/float64-matrix.ts';
import type { Gram } from './calibration.ts';
import type { LayerOptions } from './method.ts';

/** Inputs whose part of the sum is one product: many enough for it to be fast, and few enough to profit from G's symmetry. */
const BLOCK_SIZE = 256;

/**
 * `||D X^T||^2 = trace(D G D^T)` of a difference of weights `D` `[out, in]`: how far the outputs of all calibration tokens move. G is symmetric, so
 * that of every block of inputs J only the products with itself and with those behind it are computed, and these count twice:
 * `sum over J of <D_J G_JJ, D_J> + 2 <D_J G_J>, D_>>`. Pauses after each of them.
 */
export async function outputError(
  difference: Float32Array,
  { size, data }: Gram,
  { algebra, pause }: Pick<LayerOptions, 'algebra' | 'pause'>,
): Promise<number> {
  const rows = difference.length / size;
  const whole = Float64Array.from(difference);
  let sum = 0;
  for (let start = 0; start < size; start += BLOCK_SIZE) {
    const block = Math.min(BLOCK_SIZE, size - start);
    const own = cut(whole, size, { top: 0, left: start, rows, columns: block });
    const behind = cut(data, size, { top: start, left: start, rows: block, columns: size - start });
    const product = await algebra.multiply(own, behind); // [rows, size - start]
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < size - start; j++) {
        const part = (whole[row * size + start + j] ?? 0) * (product[row * (size - start) + j] ?? 0);
        sum += j < block ? part : 2 * part;
      }
    }
    await pause();
  }
  return sum;
}
