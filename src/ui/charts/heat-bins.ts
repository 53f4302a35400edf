import type { HeatLabel } from './heat-layout.ts';

/** Rows or columns that a map has cells for: a canvas of more would be larger than browsers make one. */
export const MOST_BANDS = 256;

interface HeatFigures {
  rows: readonly HeatLabel[]; // [R]
  columns: readonly HeatLabel[]; // [C]
  /** `[R][C]`; null and NaN are not there. */
  values: readonly ArrayLike<number | null>[];
}

/** The map as it is drawn: as it is, or with so many neighbours as one that no side has too many; each cell is then the mean of what is there and finite. */
export function toBinnedHeat(figures: HeatFigures): HeatFigures & { rowsInOne: number; columnsInOne: number } {
  const { rows, columns, values } = figures;
  const rowsInOne = Math.ceil(rows.length / MOST_BANDS);
  const columnsInOne = Math.ceil(columns.length / MOST_BANDS);
  if (rowsInOne <= 1 && columnsInOne <= 1) return { ...figures, rowsInOne: 1, columnsInOne: 1 };
  const binnedRows = mergeLabels(rows, rowsInOne);
  const binnedColumns = mergeLabels(columns, columnsInOne);
  const means = binnedRows.map((_, bin) => {
    const sums = new Float64Array(binnedColumns.length);
    const counts = new Float64Array(binnedColumns.length);
    for (const row of values.slice(bin * rowsInOne, (bin + 1) * rowsInOne)) {
      for (let column = 0; column < columns.length; column += 1) {
        const value = row[column] ?? Number.NaN;
        if (!Number.isFinite(value)) continue;
        const at = Math.floor(column / columnsInOne);
        sums[at] = (sums[at] ?? 0) + value;
        counts[at] = (counts[at] ?? 0) + 1;
      }
    }
    // 0 of 0 is NaN: not there.
    return sums.map((sum, at) => sum / (counts[at] ?? 0));
  });
  return { rows: binnedRows, columns: binnedColumns, values: means, rowsInOne, columnsInOne };
}

/** `3 to 4` of a group where both are of it. */
function mergeLabels(labels: readonly HeatLabel[], inOne: number): readonly HeatLabel[] {
  if (inOne <= 1) return labels;
  return Array.from({ length: Math.ceil(labels.length / inOne) }, (_, bin) => {
    const first = labels[bin * inOne];
    const last = labels[Math.min(labels.length, (bin + 1) * inOne) - 1];
    const group = first?.group !== undefined && first.group === last?.group ? { group: first.group } : {};
    return { text: `${first?.text ?? ''} to ${last?.text ?? ''}`, ...group };
  });
}
