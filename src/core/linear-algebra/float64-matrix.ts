/** A float64 matrix, row-major. */
export interface Float64Matrix {
  rows: number;
  columns: number;
  data: Float64Array; // [rows, columns]
}

/** A copy of a part of a matrix that is `width` wide. */
export function cut(
  matrix: Float64Array,
  width: number,
  { top, left, rows, columns }: { top: number; left: number; rows: number; columns: number },
): Float64Matrix {
  const data = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const from = (top + row) * width + left;
    data.set(matrix.subarray(from, from + columns), row * columns);
  }
  return { rows, columns, data };
}
