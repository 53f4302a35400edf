/** The two things that the calibrated methods spend their time in; float64, row-major. Whoever computes them fastest does. */
export interface Algebra {
  /** Upper triangular `U` `[n, n]` with `H^-1 = U^T U`, of a symmetric positive definite `H` `[n, n]`; throws `run-failed` for any other. */
  inverseRoot(h: Float64Array, n: number): Promise<Float64Array<ArrayBuffer>>;
  /** In `target` `[rows, columns]`: `target[:, from:] -= errors * root[from - k : from, from:]`, with `errors` `[rows, k]` and `root` `[columns, columns]`. */
  subtractProduct(
    target: Float64Array<ArrayBuffer>,
    shape: { rows: number; columns: number; from: number; k: number },
    errors: Float64Array,
    root: Float64Array,
  ): Promise<void>;
}
