import { AppError } from '../errors.ts';
import type { Algebra } from './algebra.ts';
import type { Float64Matrix } from './float64-matrix.ts';
import { createLazyUpdates } from './lazy-updates.ts';

/** The algebra written out in float64: slow, and what faster ones are compared with. */
export const plainAlgebra: Algebra = {
  // Of H = R R^T with R upper triangular, H^-1 = R^-T R^-1: U is R^-1, and no inverse of H is formed.
  inverseRoot: async (h, n) => invertUpper(factorUpper(h, n), n),
  multiply: async (a, b) => multiply(a, b),
  openUpdates: async (root, shape) => createLazyUpdates(root, shape, plainAlgebra.multiply),
};

function multiply(a: Float64Matrix, b: Float64Matrix): Float64Array {
  const product = new Float64Array(a.rows * b.columns);
  for (let row = 0; row < a.rows; row++) {
    for (let k = 0; k < a.columns; k++) {
      const factor = a.data[row * a.columns + k] ?? 0;
      if (factor === 0) continue; // a weight that stayed as it was has nothing to pass on
      for (let column = 0; column < b.columns; column++) {
        const at = row * b.columns + column;
        product[at] = (product[at] ?? 0) + factor * (b.data[k * b.columns + column] ?? 0);
      }
    }
  }
  return product;
}

/** Upper triangular `R` `[n, n]` with `H = R R^T`: Cholesky's factorization from the last row up. */
function factorUpper(h: Float64Array, n: number): Float64Array {
  const r = new Float64Array(n * n);
  for (let j = n - 1; j >= 0; j--) {
    for (let i = j; i >= 0; i--) {
      let rest = h[i * n + j] ?? 0;
      for (let k = j + 1; k < n; k++) rest -= (r[i * n + k] ?? 0) * (r[j * n + k] ?? 0);
      if (i < j) r[i * n + j] = rest / (r[j * n + j] ?? 0);
      else if (rest > 0 && rest < Number.POSITIVE_INFINITY) r[j * n + j] = Math.sqrt(rest);
      else refusePivot(rest, j);
    }
  }
  return r;
}

/** The inverse of an upper triangular matrix `[n, n]`, which is upper triangular too. */
function invertUpper(r: Float64Array, n: number): Float64Array<ArrayBuffer> {
  const inverse = new Float64Array(n * n);
  for (let i = n - 1; i >= 0; i--) {
    const diagonal = r[i * n + i] ?? 0;
    inverse[i * n + i] = 1 / diagonal;
    // Row i of R R^-1 = 1, solved for row i: the rows below are known.
    for (let k = i + 1; k < n; k++) {
      const factor = (r[i * n + k] ?? 0) / diagonal;
      for (let j = k; j < n; j++) {
        inverse[i * n + j] = (inverse[i * n + j] ?? 0) - factor * (inverse[k * n + j] ?? 0);
      }
    }
  }
  return inverse;
}

function refusePivot(pivot: number, index: number): never {
  throw new AppError(
    'run-failed',
    `The Gram matrix of the calibration sentences has no inverse: at input ${index} the factorization meets ${pivot}, where a number above 0 must stand. Choose more dampening or more sentences.`,
    { field: 'dampening', observed: String(pivot), allowed: 'above 0', input: index },
  );
}
