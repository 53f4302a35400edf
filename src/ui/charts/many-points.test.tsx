import { cleanup, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toCountText } from '../captions.ts';
import { CanvasHeatMap } from './CanvasHeatMap.tsx';
import { HeatMap } from './HeatMap.tsx';
import { Histogram } from './Histogram.tsx';
import { toBinnedHeat } from './heat-bins.ts';
import { toLeastWidth } from './heat-layout.ts';
import { toMergedBins } from './histogram-layout.ts';
import { toExtent, toScale, toSpan } from './scale.ts';
import { MOST_MARKS, thinPath } from './thin-plot.ts';
import { ValueRows } from './ValueRows.tsx';
import { XyChart } from './XyChart.tsx';
import { toLinearAxis, type XyPlot, type XyPoint } from './xy-plot.ts';

const MILLION = 1_000_000;
const BROKEN = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

/** A million values, one in a hundred of them broken. */
const toValue = (i: number) => (i % 100 === 0 ? (BROKEN[(i / 100) % 3] ?? 0) : (i % 1000) / 1000);
const values = Array.from({ length: MILLION }, (_, i) => toValue(i));
const format = (value: number) => value.toFixed(2);

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 800, 300));
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

/** Every point at its own share of the width. */
function makePlot(count: number): XyPlot {
  const points = Array.from({ length: count }, (_, i): XyPoint => {
    const look = { details: [], isHollow: false, isFaint: i % 2 === 0, isRimmed: i === 500_123 };
    return {
      id: String(i),
      x: i / count,
      y: { value: toValue(i), low: null, high: null, n: 1 },
      name: `${i}`,
      ...look,
    };
  });
  const path = points.map(({ x, y }) => ({ x, y: y.value }));
  return {
    x: toLinearAxis('x', 0, 1, format),
    y: toLinearAxis('y', 0, 1, format),
    lines: [{ key: 'idp', points, path }],
    reference: null,
    isDodged: false,
    format,
  };
}

describe('a million points', () => {
  it('have scales that none of them breaks', () => {
    expect(toExtent(values)).toEqual({ least: 0.001, most: 0.999 });
    expect(toExtent(BROKEN)).toBeNull();
    expect(toScale(values).max).toBe(1);
    expect(toSpan(values.map((value) => -value))).toMatchObject({ from: -1, to: 0 });
    expect(toCountText(Array(MILLION).fill({ n: 7 }), 'items')).toContain('7 items');
  });

  it('are drawn as one point for each field of a plot, those that are rimmed before all others, and as a line of few corners', async () => {
    render(<XyChart plot={makePlot(MILLION)} title="Many" highlighted="idp" />);
    await screen.findByText(/of 1,000,000 points are drawn/);
    const chart = screen.getByRole('figure', { name: 'Many' });
    // By selectors: a query by role takes seconds for thousands.
    const marks = [...chart.querySelectorAll('button')];
    expect(marks.length).toBeGreaterThan(500);
    expect(marks.length).toBeLessThanOrEqual(MOST_MARKS);
    expect(marks.filter((mark) => mark.getAttribute('aria-label')?.includes(', 500123:'))).toHaveLength(1);
    expect(chart.innerHTML).not.toMatch(/NaN|Infinity/);
    const corners = chart.querySelector('polyline')?.getAttribute('points')?.split(' ') ?? [];
    expect(corners.length).toBeGreaterThan(500);
    expect(corners.length).toBeLessThan(8000);
  });

  it('make a line that keeps the first, the lowest, the highest and the last corner of a column of pixels', () => {
    const corners = Array.from({ length: 10_000 }, (_, i) => ({
      x: i / 10_000,
      y: i === 40 ? -5 : i === 9000 ? 5 : 0,
    }));
    const same = (value: number) => value;
    expect(thinPath(corners, same, same)).toEqual([corners[0], corners[40], corners[9000], corners[9999]]);
    expect(thinPath(corners.slice(0, 100), same, same)).toHaveLength(100);
  });

  it('are rows of which the first are drawn, and counted', () => {
    const rows = values.map((value, i) => ({
      id: String(i),
      label: `row ${i}`,
      estimate: { value, low: value, high: value, n: value },
      color: 'black',
      look: 'solid' as const,
      values: '',
    }));
    const { container } = render(<ValueRows rows={rows} label="Many" axisTitle="x" formatTick={format} />);
    expect(screen.getByText('row 199')).toBeDefined();
    expect(screen.queryByText('row 200')).toBeNull();
    expect(screen.getByText(/^200 of 1,000,000 rows are drawn/)).toBeDefined();
    expect(container.innerHTML).not.toMatch(/NaN|Infinity/);
  });

  it('are bins of which neighbours are added up', async () => {
    const edges = Float64Array.from({ length: MILLION + 1 }, (_, i) => i);
    const counts = Float64Array.from(values, (value) => (Number.isFinite(value) ? 1 : value));
    const series = [{ name: 'weights', color: 'black', isDashed: false, counts }];
    const merged = toMergedBins(edges, series);
    const sum = Array.from(merged.series[0]?.counts ?? []).reduce((total, count) => total + count, 0);
    expect(sum).toBe(0.99 * MILLION);
    expect(merged.edges[merged.edges.length - 1]).toBe(MILLION);
    const { container } = render(
      <Histogram edges={edges} series={series} isLog={false} label="Many" xTitle="x" yTitle="y" formatEdge={String} />,
    );
    await waitFor(() => expect(container.querySelector('button')).not.toBeNull());
    expect(container.querySelectorAll('button').length).toBeLessThanOrEqual(256);
    expect(container.innerHTML).not.toMatch(/NaN|Infinity/);
  });

  it('are cells of a map that stand for the mean of their neighbours', async () => {
    const labels = Array.from({ length: 1000 }, (_, i) => ({ text: String(i) }));
    const cells = labels.map((_, row) => Float64Array.from(values.slice(row * 1000, (row + 1) * 1000)));
    const binned = toBinnedHeat({ rows: labels, columns: labels, values: cells });
    expect(binned.rows).toHaveLength(250);
    expect(binned.rows[1]?.text).toBe('4 to 7');
    // Columns 4 to 7 of rows 0 to 3; 0 is among the first four columns, and broken.
    expect(binned.values[0]?.[1]).toBeCloseTo(0.0055);
    expect(binned.values[0]?.[0]).toBeCloseTo(0.002);
    const scale = { kind: 'sequential', most: 1 } as const;
    const names = { title: 'Many', rowTitle: 'from', columnTitle: 'to', legend: 'share' };
    render(<CanvasHeatMap {...names} rows={labels} columns={labels} values={cells} scale={scale} format={format} />);
    expect(await screen.findByRole('button', { name: /^Many: 250 rows, 250 columns/ })).toBeDefined();
    expect(screen.getByText(/a cell is the mean of 4 × 4 values/)).toBeDefined();
  });

  it('are labels whose width is found, and cells of a small map of which the first rows are drawn', () => {
    const labels = Array.from({ length: MILLION }, () => ({ text: 'word' }));
    expect(toLeastWidth(labels, labels.slice(0, 3))).toBeGreaterThan(0);
    const cell = { share: 0.5, text: '50', description: 'half' };
    const rows = labels.map((_, i) => ({ name: `group ${i}`, cells: [cell, cell] }));
    const { container } = render(
      <HeatMap caption="Many" columns={['a', 'b']} rows={rows} legend={{ title: 'share', least: '0', most: '1' }} />,
    );
    expect(container.querySelectorAll('button')).toHaveLength(3000);
    expect(screen.getByText(/^1,500 of 1,000,000 rows are drawn/)).toBeDefined();
  });
});

describe('as many points as a page can show', () => {
  it('are all drawn, and nothing is said of others', async () => {
    render(<XyChart plot={makePlot(50)} title="Few" highlighted="idp" />);
    expect(await screen.findAllByRole('button')).toHaveLength(49);
    expect(screen.queryByText(/are drawn/)).toBeNull();
    const few = { rows: [{ text: 'a' }], columns: [{ text: 'b' }], values: [[1]] };
    expect(toBinnedHeat(few)).toMatchObject({ ...few, rowsInOne: 1, columnsInOne: 1 });
  });
});
