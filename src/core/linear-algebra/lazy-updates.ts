import type { LazyUpdates, UpdateShape } from './algebra.ts';
import { cut, type Float64Matrix } from './float64-matrix.ts';

/** Lazy updates in float64 by one product a block, of the errors of all settled columns with what the root has above the next ones. */
export function createLazyUpdates(
  root: Float64Array,
  { rows, columns }: Omit<UpdateShape, 'blockSize'>,
  multiply: (a: Float64Matrix, b: Float64Matrix) => Promise<Float64Array>,
): LazyUpdates {
  const kept = new Float64Array(rows * columns);
  let settled = 0;
  return {
    async next(errors, width) {
      const k = errors.length / rows;
      for (let row = 0; row < rows; row++) {
        kept.set(errors.subarray(row * k, (row + 1) * k), row * columns + settled);
      }
      settled += k;
      const all = cut(kept, columns, { top: 0, left: 0, rows, columns: settled });
      return multiply(all, cut(root, columns, { top: 0, left: settled, rows: settled, columns: width }));
    },
    dispose: () => undefined,
  };
}
