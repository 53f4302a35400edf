import type { Float64Matrix } from './float64-matrix.ts';

/** The three things that the calibrated methods spend their time in; row-major. Whoever computes them fastest does. */
export interface Algebra {
  /** Upper triangular `U` `[n, n]` with `H^-1 = U^T U`, of a symmetric positive definite `H` `[n, n]`; throws `run-failed` for any other. */
  inverseRoot(h: Float64Array, n: number): Promise<Float64Array<ArrayBuffer>>;
  /** `a b` `[a.rows, b.columns]` in float64. */
  multiply(a: Float64Matrix, b: Float64Matrix): Promise<Float64Array>;
  /** Begins a walk through the columns of a matrix; `root` is `[columns, columns]` and must stay as it is until the walk is disposed of. */
  openUpdates(root: Float64Array, shape: UpdateShape): Promise<LazyUpdates>;
}

/** The matrix that is walked, and the most columns that are settled at once. */
export interface UpdateShape {
  rows: number;
  columns: number;
  blockSize: number;
}

/** What settled columns take from those behind them, brought up only when a block is reached: GPTQ's lazy batch updates (arXiv 2210.17323). */
export interface LazyUpdates {
  /**
   * Takes the errors `[rows, k]` of the next k columns, at most a block. Gives what the errors of all columns settled so far take from the
   * `width` columns behind these, `errors root[: settled, settled : settled + width]`, `[rows, width]`; `width` is at most a block.
   */
  next(errors: Float64Array, width: number): Promise<Float32Array | Float64Array>;
  dispose(): void;
}
