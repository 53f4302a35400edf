import type { Algebra, LazyUpdates, UpdateShape } from '../core/linear-algebra/algebra.ts';
import { cut, type Float64Matrix } from '../core/linear-algebra/float64-matrix.ts';
import { createLazyUpdates } from '../core/linear-algebra/lazy-updates.ts';
import { plainAlgebra } from '../core/linear-algebra/plain-algebra.ts';
import { buildProductGraph } from '../core/onnx/product-graph.ts';
import type { Runtime, RunValue, Session } from './session.ts';

// Up to here plain loops take no longer than a round of small products would.
const BLOCK_SIZE = 128;

/**
 * The algebra by float64 products of ONNX Runtime, on the CPU whatever the models run on: no GPU computes in float64.
 * `dispose` frees its session.
 */
export class OrtAlgebra implements Algebra {
  private readonly runtime: Runtime;
  private session: Session | null = null;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  /**
   * By halves: of `H = [[A, B], [B^T, C]]` with V the root of C, `U = [[W, -W P V], [0, V]]`, where `P = B V^T` and W is the
   * root of `A - P P^T`, what is left of A. Small ones go to the plain loops.
   */
  async inverseRoot(h: Float64Array, n: number): Promise<Float64Array<ArrayBuffer>> {
    if (n <= BLOCK_SIZE) return plainAlgebra.inverseRoot(h, n);
    const half = BLOCK_SIZE * Math.floor((n / BLOCK_SIZE + 1) / 2);
    const rest = n - half;
    const v = await this.rootOf(cut(h, n, { top: half, left: half, rows: rest, columns: rest }));
    const p = await this.productOf(cut(h, n, { top: 0, left: half, rows: half, columns: rest }), transposed(v));
    const left = cut(h, n, { top: 0, left: 0, rows: half, columns: half });
    subtract(left, await this.productOf(p, transposed(p)));
    const w = await this.rootOf(left);
    const corner = await this.productOf(w, await this.productOf(p, v));
    const u = new Float64Array(n * n);
    for (let row = 0; row < half; row++) {
      u.set(w.data.subarray(row * half, (row + 1) * half), row * n);
      for (let column = 0; column < rest; column++) {
        u[row * n + half + column] = -(corner.data[row * rest + column] ?? 0);
      }
    }
    for (let row = 0; row < rest; row++) u.set(v.data.subarray(row * rest, (row + 1) * rest), (half + row) * n + half);
    return u;
  }

  async multiply(a: Float64Matrix, b: Float64Matrix): Promise<Float64Array> {
    this.session ??= await this.runtime.createSession(buildProductGraph(), { onCpu: true });
    const outputs = await this.session.run({ a: toValue(a), b: toValue(b) }, { product: null });
    return outputs.get('product')?.data as Float64Array;
  }

  async openUpdates(root: Float64Array, shape: UpdateShape): Promise<LazyUpdates> {
    return createLazyUpdates(root, shape, (a, b) => this.multiply(a, b));
  }

  async dispose(): Promise<void> {
    const { session } = this;
    this.session = null;
    await session?.dispose();
  }

  private async rootOf({ data, rows }: Float64Matrix): Promise<Float64Matrix> {
    return { rows, columns: rows, data: await this.inverseRoot(data, rows) };
  }

  private async productOf(a: Float64Matrix, b: Float64Matrix): Promise<Float64Matrix> {
    return { rows: a.rows, columns: b.columns, data: await this.multiply(a, b) };
  }
}

function toValue({ rows, columns, data }: Float64Matrix): RunValue {
  return { type: 'float64', shape: [rows, columns], data };
}

function transposed({ rows, columns, data }: Float64Matrix): Float64Matrix {
  const result = new Float64Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = data[row * columns + column] ?? 0;
  }
  return { rows: columns, columns: rows, data: result };
}

/** Takes `other` away from `matrix`, in place. */
function subtract(matrix: Float64Matrix, other: Float64Matrix): void {
  for (let i = 0; i < matrix.data.length; i++) matrix.data[i] = (matrix.data[i] ?? 0) - (other.data[i] ?? 0);
}
