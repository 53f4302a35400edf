/** The part of a matrix that is in sight: `rows` outputs from `row` on, `columns` inputs from `column` on. */
export interface PatternWindow {
  row: number;
  column: number;
  rows: number;
  columns: number;
}

/** At this many weights across or fewer each one is drawn large enough to be read by itself. */
const CLOSEST = 32;

/** Share of the window that a step moves it by: what was at the edge stays in sight. */
const STEP = 0.5;

/** Zooms from the whole matrix on: each shows half as many weights across and down as the one before, the last at most 32 of each. */
export function countZooms([out, inputs]: readonly [out: number, inputs: number]): number {
  return Math.max(0, Math.ceil(Math.log2(Math.max(out, inputs, 1) / CLOSEST))) + 1;
}

/** The window at a zoom, 0 for the whole matrix, around a weight as far as the matrix's edges allow. */
export function toWindow(
  [out, inputs]: readonly [out: number, inputs: number],
  zoom: number,
  middle: { row: number; column: number },
): PatternWindow {
  const across = Math.ceil(Math.max(out, inputs) / 2 ** zoom);
  const [rows, columns] = [Math.min(out, across), Math.min(inputs, across)];
  const clamp = (from: number, most: number) => Math.max(0, Math.min(most, Math.round(from)));
  return {
    row: clamp(middle.row - rows / 2, out - rows),
    column: clamp(middle.column - columns / 2, inputs - columns),
    rows,
    columns,
  };
}

/** The window that a view shows of a matrix, at which of the zooms that there are; at the last one single weights can be read. */
export function toShownWindow(
  shape: readonly [out: number, inputs: number],
  view: { zoom: number; middle: { row: number; column: number } },
): { window: PatternWindow; zoom: number; last: number } {
  const last = countZooms(shape) - 1;
  const zoom = Math.min(view.zoom, last);
  return { window: toWindow(shape, zoom, view.middle), zoom, last };
}

/** The weight in the middle of a window. */
export function toMiddle({ row, column, rows, columns }: PatternWindow): { row: number; column: number } {
  return { row: row + rows / 2, column: column + columns / 2 };
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The middle of the window that a step in a direction leads to; `toWindow` keeps it within the matrix. */
export function toNextMiddle(window: PatternWindow, direction: Direction): { row: number; column: number } {
  const { row, column } = toMiddle(window);
  const [down, right] = [window.rows * STEP, window.columns * STEP];
  switch (direction) {
    case 'left':
      return { row, column: column - right };
    case 'right':
      return { row, column: column + right };
    case 'up':
      return { row: row - down, column };
    case 'down':
      return { row: row + down, column };
    default:
      return direction satisfies never;
  }
}
