import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { formatProbability } from '../format.ts';
import { CanvasHeatMap } from './CanvasHeatMap.tsx';
import type { HeatLabel } from './heat-layout.ts';

/** happy-dom lays nothing out: every element is said to have a map's size. */
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 400, 256));
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const ROWS = [{ text: 'of' }, { text: 'France' }];
const COLUMNS = [
  { text: '1', group: 'virtual' },
  { text: 'of', group: 'question' },
];

interface MapOptions {
  rows?: readonly HeatLabel[];
  columns?: readonly HeatLabel[];
  values?: readonly (readonly (number | null)[])[];
}

function renderMap({
  rows = ROWS,
  columns = COLUMNS,
  values = [
    [0.25, 0.75],
    [Number.NaN, 1],
  ],
}: MapOptions = {}) {
  return render(
    <CanvasHeatMap
      title="Attention"
      rowTitle="from"
      columnTitle="to"
      rows={rows}
      columns={columns}
      values={values}
      scale={{ kind: 'sequential', most: 1 }}
      format={formatProbability}
      legend="attention"
    />,
  );
}

const spoken = () => (screen.getByRole('status').textContent ?? '').replaceAll('\u00a0', ' ');

test('a map is one stop of the Tab key, and says what it is', async () => {
  renderMap();
  const map = await screen.findByRole('button', { name: /^Attention: 2 rows, 2 columns\. Arrow keys/ });
  expect(screen.getAllByRole('button')).toEqual([map]);
});

test('arrow keys go from cell to cell, each told with its row, column and group', async () => {
  renderMap();
  const map = await screen.findByRole('button');
  fireEvent.focus(map);
  expect(spoken()).toBe('from of, to 1 (virtual): 25.0 %');
  fireEvent.keyDown(map, { key: 'ArrowRight' });
  expect(spoken()).toBe('from of, to of (question): 75.0 %');
  fireEvent.keyDown(map, { key: 'ArrowDown' });
  expect(spoken()).toBe('from France, to of (question): 100.0 %');
  fireEvent.keyDown(map, { key: 'Home' });
  expect(spoken()).toBe('from France, to 1 (virtual): not there');
});

test('a pointer reads a cell out without a word to screen readers', async () => {
  const { container } = renderMap();
  const map = await screen.findByRole('button');
  fireEvent.pointerMove(map, { clientX: 1, clientY: 1 });
  expect(container.textContent).toContain('from of, to 1 (virtual): 25.0');
  expect(spoken()).toBe('');
});

test('what is not there is explained beside the scale, and only where something is not', async () => {
  renderMap();
  await screen.findByRole('button');
  expect(screen.getByText('not there').hidden).toBe(false);
  cleanup();
  renderMap({
    values: [
      [0, 0.5],
      [0.5, 1],
    ],
  });
  await screen.findByRole('button');
  expect(screen.queryByText('not there')).toBeNull();
});

test('one value, and none at all, are drawn without a fault', async () => {
  renderMap({ rows: [{ text: 'a' }], columns: [{ text: 'b' }], values: [[0]] });
  fireEvent.focus(await screen.findByRole('button'));
  expect(spoken()).toBe('from a, to b: 0.0 %');
  cleanup();
  renderMap({ columns: [], values: [[], []] });
  expect(screen.getByText('Nothing to draw.')).toBeDefined();
});

test('a cell that another map no longer has is let go', async () => {
  const { rerender } = renderMap();
  const map = await screen.findByRole('button');
  fireEvent.focus(map);
  fireEvent.keyDown(map, { key: 'PageDown' });
  rerender(
    <CanvasHeatMap
      title="Attention"
      rowTitle="from"
      columnTitle="to"
      rows={[{ text: 'of' }]}
      columns={COLUMNS}
      values={[[0.5, 0.5]]}
      scale={{ kind: 'sequential', most: 1 }}
      format={formatProbability}
      legend="attention"
    />,
  );
  expect(screen.getByText(/^Point at a cell/)).toBeDefined();
});
