import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InteractivePlot } from './InteractivePlot.tsx';
import type { Plot, PlotRow } from './plot.ts';

const WIDTH = 400;
const ROW_HEIGHT = 48;

/** happy-dom lays nothing out: every element is said to have the plot's size. */
function giveSize(height: number): void {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, WIDTH, height));
}

beforeEach(() => giveSize(2 * ROW_HEIGHT));
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const COMPRESSED: PlotRow = {
  key: 'compressed',
  marks: [{ name: 'all facts', estimate: { value: 0.5, low: 0.45, high: 0.6, n: 200 }, top: 0.5, look: 'filled' }],
};
const IDP: PlotRow = {
  key: 'idp',
  marks: [
    { name: 'held-out', estimate: { value: 0.75, low: 0.7, high: 0.8, n: 150 }, top: 0.25, look: 'filled' },
    { name: 'seen', estimate: { value: 0.8, low: 0.75, high: 0.85, n: 140 }, top: 0.75, look: 'hollow' },
  ],
};

function makePlot(overrides: Partial<Plot> = {}): Plot {
  return {
    rows: [COMPRESSED, IDP],
    scale: { max: 1, ticks: [0, 0.5, 1] },
    band: null,
    hasStem: false,
    format: (value) => `${Math.round(value * 100)} %`,
    unit: 'items',
    ...overrides,
  };
}

/** The marks come in a turn of their own. */
async function renderPlot(plot: Plot): Promise<HTMLElement> {
  const { container } = render(<InteractivePlot plot={plot} label="Accuracy by regime." onDrawn={() => undefined} />);
  await takeTurn();
  return container;
}

const takeTurn = () => act(() => new Promise((resolve) => setTimeout(resolve, 10)));

/** Where the rows and the marks in them are drawn: y and height of a row in pixels, x and y of a mark as shares of its row. */
function toMarkPlaces(container: HTMLElement): string[] {
  const rows = [...container.querySelectorAll('svg[data-row]')];
  return rows.flatMap((row) =>
    [...row.querySelectorAll('path')].map((path) => {
      const [point, mark] = [path.closest('svg'), path.closest('svg')?.parentElement];
      const place = [
        row.getAttribute('y'),
        row.getAttribute('height'),
        point?.getAttribute('x'),
        mark?.getAttribute('y'),
      ];
      return place.join(' ');
    }),
  );
}

describe('the interactive plot', () => {
  it('draws every mark where the plain plot has it: value along the axis, place within its row', async () => {
    expect(toMarkPlaces(await renderPlot(makePlot()))).toEqual(['0 48 50% 50%', '48 48 75% 25%', '48 48 80% 75%']);
  });

  it('draws no whisker where there is no interval', async () => {
    const estimate = { value: 0.5, low: null, high: null, n: 4 };
    const rows = [{ ...COMPRESSED, marks: [{ name: 'median', estimate, top: 0.5, look: 'filled' as const }] }];
    const container = await renderPlot(makePlot({ rows }));
    expect(toMarkPlaces(container)).toHaveLength(1);
    expect(container.querySelectorAll('[data-row] line')).toHaveLength(0);
  });

  it('draws the interval from low to high', async () => {
    const container = await renderPlot(makePlot({ rows: [COMPRESSED] }));
    const ends = [...container.querySelectorAll('[data-row] line')].map((line) => line.getAttribute('x1'));
    expect(new Set(ends)).toEqual(new Set(['45%', '60%']));
  });

  it('draws what a row has where its first mark has no figure', async () => {
    const [first, second] = IDP.marks;
    const rows = [{ ...IDP, marks: [{ ...first, estimate: null }, second] }] as PlotRow[];
    expect(toMarkPlaces(await renderPlot(makePlot({ rows })))).toEqual(['0 96 80% 75%']);
  });

  it('reads the exact figures of one regime after the other with the arrow keys', async () => {
    await renderPlot(makePlot());
    const chart = screen.getByRole('application', { name: 'Accuracy by regime.' });
    act(() => chart.focus());
    expect(screen.getByRole('status').textContent).toContain('Compressed');
    expect(screen.getByRole('status').textContent?.replaceAll('\u00a0', ' ')).toContain(
      '50 %95 % interval 45 % to 60 %, 200 items',
    );
    fireEvent.keyDown(chart, { key: 'ArrowDown' });
    const toText = () => screen.getByRole('status').textContent?.replaceAll('\u00a0', ' ');
    await waitFor(() => expect(toText()).toContain('held-out75 %95 % interval 70 % to 80 %, 150 items'));
    expect(toText()).toContain('seen80 %95 % interval 75 % to 85 %, 140 items');
    fireEvent.keyDown(chart, { key: 'ArrowUp' });
    await waitFor(() => expect(toText()).toContain('Compressed'));
    act(() => chart.blur());
    expect(screen.getByRole('status').textContent).toBe('');
  });

  it('survives what is not finite, one point, no extent and an axis without length', async () => {
    const broken = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) => ({
      value,
      low: value,
      high: value,
      n: value,
    }));
    const half = { value: 0.5, low: Number.NaN, high: Number.POSITIVE_INFINITY, n: 1 };
    const zero = { value: 0, low: 0, high: 0, n: 1 };
    for (const estimate of [...broken, half, zero, null]) {
      const mark = { name: 'first token', estimate, top: 0.5, look: 'filled' as const };
      const container = await renderPlot(
        makePlot({ rows: [{ key: 'dense', marks: [mark] }], hasStem: true, scale: { max: 1, ticks: [0] } }),
      );
      const chart = container.querySelector('svg');
      if (chart !== null) act(() => chart.focus());
      expect(container.innerHTML).not.toMatch(/NaN|Infinity/);
      expect(container.querySelectorAll('[data-row] path')).toHaveLength(
        estimate !== null && Number.isFinite(estimate.value) ? 1 : 0,
      );
      cleanup();
    }
  });

  it('follows live figures without being made anew', async () => {
    const { container, rerender } = render(
      <InteractivePlot plot={makePlot({ rows: [COMPRESSED] })} label="x" onDrawn={() => undefined} />,
    );
    await takeTurn();
    const chart = container.querySelector('.recharts-surface');
    const moved = { value: 0.25, low: 0.2, high: 0.3, n: 240 };
    const rows = [
      {
        ...COMPRESSED,
        marks: [{ ...IDP.marks[0], name: 'all facts', estimate: moved, top: 0.5, look: 'filled' as const }],
      },
    ];
    rerender(<InteractivePlot plot={makePlot({ rows })} label="x" onDrawn={() => undefined} />);
    expect(toMarkPlaces(container)).toEqual(['0 96 25% 50%']);
    expect(container.querySelector('.recharts-surface')).toBe(chart);
  });

  it('puts no style element on the page, which the content security policy would block', async () => {
    const before = document.querySelectorAll('style').length;
    await renderPlot(makePlot());
    expect(document.querySelectorAll('style')).toHaveLength(before);
  });
});
