import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ChartFigure } from './ChartFigure.tsx';
import type { FigureExport } from './figure-export.ts';

const FIGURE: FigureExport = {
  pack: 'atlas',
  measure: 'latency',
  date: '2026-11-21',
  columns: [{ name: 'first token', unit: 'ms' }],
  rows: [[12.5]],
};

/** Files that were handed to the browser: happy-dom downloads nothing. */
const saved: { name: string; blob: Blob }[] = [];

beforeEach(() => {
  saved.length = 0;
  let last = new Blob();
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    if (blob instanceof Blob) last = blob;
    return 'blob:test';
  });
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push({ name: this.download, blob: last });
  });
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function renderFigure(exported: FigureExport) {
  const chart = (
    <svg width="10" height="10" aria-hidden="true">
      <circle r="3" className="mark" tabIndex={-1} />
    </svg>
  );
  render(<ChartFigure title="Latency" badge={null} chart={chart} table="twin" caption="30 runs" exported={exported} />);
}

async function takeAway(item: RegExp): Promise<{ name: string; text: string }> {
  fireEvent.click(await screen.findByRole('button', { name: 'Export Latency' }));
  fireEvent.click(await screen.findByRole('menuitem', { name: item }));
  await waitFor(() => expect(saved).toHaveLength(1));
  const file = saved[0];
  return { name: file?.name ?? '', text: (await file?.blob.text()) ?? '' };
}

it('a figure leaves the page as figures with units', async () => {
  renderFigure(FIGURE);
  expect(await takeAway(/CSV$/)).toEqual({
    name: 'atlas_latency_2026-11-21.csv',
    text: 'first token (ms)\r\n12.5\r\n',
  });
});

it('the caption goes with the figures, so that they can be read alone', async () => {
  renderFigure(FIGURE);
  expect(JSON.parse((await takeAway(/JSON$/)).text)).toMatchObject({ title: 'Latency', caption: '30 runs' });
});

it('the picture shows the chart though the table is on the page, and the table stays there', async () => {
  renderFigure(FIGURE);
  fireEvent.click(screen.getByRole('radio', { name: 'Table' }));
  const { name, text } = await takeAway(/SVG$/);
  expect(name).toBe('atlas_latency_2026-11-21.svg');
  expect(text).toContain('<circle');
  expect(text).not.toMatch(/class=|tabindex=|var\(--/);
  expect(screen.getByText('twin')).toBeDefined();
});

it('nothing is offered where nothing was measured', async () => {
  renderFigure({ ...FIGURE, rows: [] });
  expect((await screen.findByRole('button', { name: 'Export Latency' })).hasAttribute('disabled')).toBe(true);
});
