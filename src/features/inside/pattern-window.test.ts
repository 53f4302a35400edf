import { describe, expect, it } from 'vitest';
import { countZooms, toNextMiddle, toWindow } from './pattern-window.ts';

describe('the window on a matrix', () => {
  it('shows all of it first, and at most 32 weights across and down at last', () => {
    expect(toWindow([384, 128], 0, { row: 9, column: 9 })).toEqual({ row: 0, column: 0, rows: 384, columns: 128 });
    expect(countZooms([384, 128])).toBe(5);
    expect(toWindow([384, 128], 4, { row: 0, column: 0 })).toEqual({ row: 0, column: 0, rows: 24, columns: 24 });
  });

  it('has one zoom where the matrix is small already, and none of nothing breaks it', () => {
    expect(countZooms([32, 8])).toBe(1);
    expect(countZooms([0, 0])).toBe(1);
    expect(toWindow([0, 0], 0, { row: 5, column: 5 })).toEqual({ row: 0, column: 0, rows: 0, columns: 0 });
  });

  it('stays within the matrix, wherever its middle is wanted', () => {
    const shape = [64, 64] as const;
    expect(toWindow(shape, 1, { row: -50, column: 500 })).toEqual({ row: 0, column: 32, rows: 32, columns: 32 });
  });

  it('moves by half of itself', () => {
    const window = toWindow([128, 128], 2, { row: 64, column: 64 });
    expect(toWindow([128, 128], 2, toNextMiddle(window, 'right'))).toEqual({ ...window, column: window.column + 16 });
    expect(toWindow([128, 128], 2, toNextMiddle(window, 'up'))).toEqual({ ...window, row: window.row - 16 });
  });
});
