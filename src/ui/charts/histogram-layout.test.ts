import { describe, expect, it } from 'vitest';
import { toHistogramLayout } from './histogram-layout.ts';

const BOX = { width: 500, height: 300, rem: 16 };

const layOut = (counts: readonly number[], isLog = false) => {
  const edges = [-1, 0, 1];
  const series = [{ name: 'weights', color: 'black', isDashed: false, counts }];
  return toHistogramLayout({ edges, series, isLog, formatEdge: String }, BOX);
};

/** Heights of the bins' tops above the ground, in pixels. */
const heights = ({ area, outlines }: ReturnType<typeof layOut>) => {
  const tops = (outlines[0] ?? '').split(' ').map((corner) => Number(corner.split(',')[1]));
  return [tops[1], tops[3]].map((top) => area.top + area.height - (top ?? 0));
};

describe('the places of a histogram', () => {
  it('have bins side by side over the whole width', () => {
    const { area, bins } = layOut([1, 2]);
    expect(bins).toEqual([
      { left: area.left, width: area.width / 2 },
      { left: area.left + area.width / 2, width: area.width / 2 },
    ]);
  });

  it('have heights in proportion to the counts', () => {
    const [one = 0, two = 0] = heights(layOut([10, 20]));
    expect(two / one).toBeCloseTo(2, 2);
  });

  it('have equal steps for equal ratios on a logarithmic axis, and none for an empty bin', () => {
    const steps = [1, 10, 100].map((count) => heights(layOut([count, 100], true))[0] ?? 0);
    const [one = 0, ten = 0, hundred = 0] = steps;
    expect(hundred - ten).toBeCloseTo(ten - one, 0);
    expect(one).toBeGreaterThan(0);
    expect(heights(layOut([0, 100], true))[0]).toBeCloseTo(0, 6);
  });

  it('are finite without bins and without counts', () => {
    const empty = toHistogramLayout({ edges: [], series: [], isLog: true, formatEdge: String }, BOX);
    expect(empty.bins).toEqual([]);
    expect(heights(layOut([0, 0])).every(Number.isFinite)).toBe(true);
  });
});
