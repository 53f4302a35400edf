import { AppError } from '../errors.ts';
import type { LoraModule } from '../recover/repair.ts';

/** Rotations stop once what is off the diagonal is this share of the whole; far below what float64 leaves of a sum. */
const SETTLED = 1e-15;
/** Cyclic Jacobi converges quadratically: 6 to 10 sweeps are usual at any size (Golub and Van Loan 2013, section 8.5.3). */
const MAX_SWEEPS = 60;

/**
 * Singular values of a LoRA's change `scale * B A`, largest first, `[r]`; right to 1e-6 of the largest.
 *
 * The change is `[out, in]` but of rank r, so its singular values are the square roots of the eigenvalues of
 * `scale^2 (B^T B)^(1/2) (A A^T) (B^T B)^(1/2)`, an `[r, r]` matrix. Eigenvalues by cyclic Jacobi rotations (Jacobi 1846; Golub and Van Loan
 * 2013, section 8.5), all in float64. Throws `run-failed` for an adapter that holds no numbers.
 */
export function singularValues({ a, b, r, scale, shape: [out, inputs] }: LoraModule): Float32Array {
  const root = squareRoot(gram(b, r, { along: out, step: r, next: 1 }), r);
  const middle = gram(a, r, { along: inputs, step: 1, next: inputs });
  const { values } = eigen(product(product(root, middle, r), root, r), r);
  // Rounding leaves eigenvalues of rank-deficient matrices a little below 0.
  const singular = values.map((value) => Math.abs(scale) * Math.sqrt(Math.max(0, value)));
  return Float32Array.from(singular.sort().reverse());
}

/** Inner products `[r, r]` of r vectors; `step` leads along a vector, `next` to the one beside it. */
function gram(
  data: Float32Array,
  r: number,
  { along, step, next }: { along: number; step: number; next: number },
): Float64Array {
  const result = new Float64Array(r * r);
  for (let i = 0; i < r; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < along; k++) sum += (data[k * step + i * next] ?? 0) * (data[k * step + j * next] ?? 0);
      result[i * r + j] = sum;
      result[j * r + i] = sum;
    }
  }
  return result;
}

/** `V sqrt(D) V^T` of a positive semidefinite matrix `V D V^T`. */
function squareRoot(matrix: Float64Array, n: number): Float64Array {
  const { values, vectors } = eigen(matrix, n);
  const scaled = vectors.map((value, at) => value * Math.sqrt(Math.max(0, values[at % n] ?? 0)));
  const transposed = vectors.map((_, at) => vectors[(at % n) * n + Math.floor(at / n)] ?? 0);
  return product(scaled, transposed, n);
}

function product(x: Float64Array, y: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += (x[row * n + k] ?? 0) * (y[k * n + column] ?? 0);
    return sum;
  });
}

/** Eigenvalues `[n]`, and eigenvectors as columns `[n, n]`, of a symmetric matrix. */
function eigen(symmetric: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const matrix = symmetric.slice();
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const size = Math.sqrt(matrix.reduce((sum, value) => sum + value ** 2, 0));
  if (!Number.isFinite(size)) {
    throw new AppError('run-failed', 'The adapter holds values that are no numbers. Load another repair.', {
      field: 'lora',
      observed: size,
      allowed: 'finite numbers',
    });
  }
  for (let sweep = 0; sweep < MAX_SWEEPS && offDiagonal(matrix, n) > SETTLED * size; sweep++) {
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotateAway(matrix, vectors, { n, p, q });
  }
  return { values: Float64Array.from({ length: n }, (_, i) => matrix[i * n + i] ?? 0), vectors };
}

function offDiagonal(matrix: Float64Array, n: number): number {
  return Math.sqrt(matrix.reduce((sum, value, at) => (at % (n + 1) === 0 ? sum : sum + value ** 2), 0));
}

/** One Jacobi rotation in the plane of p and q, by the smaller of the two angles that make `matrix[p, q]` zero. */
function rotateAway(
  matrix: Float64Array,
  vectors: Float64Array,
  { n, p, q }: { n: number; p: number; q: number },
): void {
  const apart = matrix[p * n + q] ?? 0;
  if (apart === 0) return;
  const tau = ((matrix[q * n + q] ?? 0) - (matrix[p * n + p] ?? 0)) / (2 * apart);
  const tangent = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.hypot(1, tau));
  const cosine = 1 / Math.hypot(1, tangent);
  const turn = { cosine, sine: tangent * cosine };
  for (let k = 0; k < n; k++) turnPair(matrix, k * n + p, k * n + q, turn);
  for (let k = 0; k < n; k++) turnPair(matrix, p * n + k, q * n + k, turn);
  for (let k = 0; k < n; k++) turnPair(vectors, k * n + p, k * n + q, turn);
}

function turnPair(
  data: Float64Array,
  at: number,
  to: number,
  { cosine, sine }: { cosine: number; sine: number },
): void {
  const [first, second] = [data[at] ?? 0, data[to] ?? 0];
  data[at] = cosine * first - sine * second;
  data[to] = sine * first + cosine * second;
}
