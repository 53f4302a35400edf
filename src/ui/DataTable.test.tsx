import { cleanup, render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { DataTable } from './DataTable.tsx';

const ROWS = Array.from({ length: 60 }, (_, i) => ({ key: `${i}`, cells: [`Row ${i}`, `${i} %`] }));
const rowNames = () => screen.getAllByRole('rowheader').map(({ textContent }) => textContent);
const table = (caption: string, rows = ROWS) => (
  <DataTable caption={caption} columns={['Name', 'Share']} rows={rows} isLong />
);

afterEach(cleanup);

it('a table of many rows begins with some, and has all of them in their order soon after', async () => {
  render(table('Shares'));
  const first = rowNames().length;
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(ROWS.length);
  await waitFor(() => expect(rowNames()).toEqual(ROWS.map(({ cells }) => cells[0])));
});

it('a table that is whole stays so when its figures change, and begins anew as another table', async () => {
  const { rerender } = render(table('Shares'));
  await waitFor(() => expect(rowNames()).toHaveLength(ROWS.length));
  rerender(table('Shares', [...ROWS].reverse()));
  expect(rowNames()[0]).toBe('Row 59');
  expect(rowNames()).toHaveLength(ROWS.length);
  rerender(table('Times'));
  expect(rowNames().length).toBeLessThan(ROWS.length);
  await waitFor(() => expect(rowNames()).toHaveLength(ROWS.length));
});
