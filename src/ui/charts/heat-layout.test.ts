import { expect, test } from 'vitest';
import { type HeatLabel, heatCellAfterKey, heatCellAt, toHeatLayout, toLeastWidth } from './heat-layout.ts';

const REM = 16;

const labels = (count: number, group?: string): readonly HeatLabel[] =>
  Array.from({ length: count }, (_, i) => ({ text: `word${i}`, ...(group === undefined ? {} : { group }) }));

const COLUMNS = [...labels(3, 'virtual'), ...labels(5, 'question'), ...labels(1, 'answer')];

test('columns of another group stand apart, each group under its heading', () => {
  const { columns, groups } = toHeatLayout(labels(4), COLUMNS, 900, REM);
  const end = (i: number) => (columns[i]?.start ?? 0) + (columns[i]?.size ?? 0);
  expect(columns[1]?.start).toBeCloseTo(end(0));
  expect(columns[3]?.start).toBeGreaterThan(end(2) + 4);
  expect(groups.map(({ text, start }) => [text, start])).toEqual([
    ['virtual', columns[0]?.start],
    ['question', columns[3]?.start],
    ['answer', columns[8]?.start],
  ]);
});

test('the whole map fits the width that it says it needs, headings wider than their group included', () => {
  for (const columns of [COLUMNS, labels(60, 'question'), [...labels(59, 'question'), ...labels(1, 'answer')]]) {
    const width = toLeastWidth(labels(60), columns) * REM;
    const layout = toHeatLayout(labels(60), columns, width, REM);
    expect(layout.rowLabels + layout.width).toBeLessThanOrEqual(Math.ceil(width));
  }
});

test('cells never become narrower than a line of their labels: where there is no room, the map is wider than it', () => {
  const { columns, width } = toHeatLayout(labels(60), labels(60), 300, REM);
  expect(columns[0]?.size).toBeGreaterThanOrEqual(11);
  expect(width).toBeGreaterThan(300);
});

test('labels stand upright where they would not fit side by side, and long ones are cut', () => {
  expect(toHeatLayout(labels(2), labels(3), 600, REM).isUpright).toBe(false);
  expect(toHeatLayout(labels(2), labels(40), 600, REM).isUpright).toBe(true);
  const { columns } = toHeatLayout(labels(1), [{ text: 'unbelievablylong😀token' }], 600, REM);
  expect(columns[0]?.label).toBe('unbelievablyl…');
});

test('the cell under a point is the one that is drawn there', () => {
  const layout = toHeatLayout(labels(4), COLUMNS, 900, REM);
  for (const [row, { start: y }] of layout.rows.entries()) {
    for (const [column, { start: x }] of layout.columns.entries()) {
      expect(heatCellAt(layout, x + 1, y + 1)).toEqual({ row, column });
    }
  }
  expect(heatCellAt(layout, -1, 5)).toBeNull();
});

test('keys lead to neighbours and ends, and never out of the map', () => {
  const layout = toHeatLayout(labels(4), COLUMNS, 900, REM);
  const from = { row: 3, column: 8 };
  expect(heatCellAfterKey(layout, from, 'ArrowRight')).toEqual(from);
  expect(heatCellAfterKey(layout, from, 'ArrowDown')).toEqual(from);
  expect(heatCellAfterKey(layout, from, 'ArrowUp')).toEqual({ row: 2, column: 8 });
  expect(heatCellAfterKey(layout, from, 'Home')).toEqual({ row: 3, column: 0 });
  expect(heatCellAfterKey(layout, from, 'PageUp')).toEqual({ row: 0, column: 8 });
  expect(heatCellAfterKey(layout, from, 'a')).toBeNull();
});

test('a map without columns has no width and no place to go to', () => {
  const layout = toHeatLayout(labels(1), [], 400, REM);
  expect(layout.width).toBe(0);
  expect(heatCellAt(layout, 0, 0)).toBeNull();
});
