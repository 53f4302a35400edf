import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { findNeighbour } from './find-neighbour.ts';
import { toXyLayout } from './xy-layout.ts';
import {
  spreadLabels,
  toColumnAxis,
  toLinearAxis,
  toLogAxis,
  toParetoFront,
  toSteps,
  type XyPlot,
  type XyPoint,
} from './xy-plot.ts';

describe('axes', () => {
  it('have ticks at round numbers between their ends', () => {
    expect(toLinearAxis('x', 0, 1, String).ticks.map(({ label }) => label)).toEqual([
      '0',
      '0.2',
      '0.4',
      '0.6',
      '0.8',
      '1',
    ]);
    expect(toLinearAxis('x', 0.27, 0.73, String).ticks.map(({ label }) => label)).toEqual([
      '0.3',
      '0.4',
      '0.5',
      '0.6',
      '0.7',
    ]);
    expect(toLogAxis('x', 1, 40, String).ticks.map(({ label }) => label)).toEqual(['1', '2', '5', '10', '20']);
    expect(toLogAxis('x', 1, 100_000, String).ticks.map(({ label }) => label)).toEqual([
      '1',
      '10',
      '100',
      '1000',
      '10000',
      '100000',
    ]);
  });

  it('put their ends at 0 and 1, and survive two ends that are one', () => {
    expect(toLinearAxis('x', 2, 4, String).toShare(3)).toBeCloseTo(0.5);
    expect(toLogAxis('x', 1, 100, String).toShare(10)).toBeCloseTo(0.5);
    expect(toLinearAxis('x', 3, 3, String).toShare(3)).toBe(0);
    expect(toLogAxis('x', 1, 1, String).toShare(1)).toBe(0);
  });
});

const points = fc.array(fc.record({ x: fc.integer({ min: 0, max: 20 }), y: fc.integer({ min: 0, max: 20 }) }));

describe('a Pareto front', () => {
  it('holds a point exactly where no other is smaller or equal and better', () => {
    checkProperty(
      fc.property(points, (all) => {
        const front = toParetoFront(all);
        for (const point of all) {
          const isBeaten = all.some(({ x, y }) => x <= point.x && y >= point.y && (x < point.x || y > point.y));
          expect(front.some(({ x, y }) => x === point.x && y === point.y)).toBe(!isBeaten);
        }
      }),
    );
  });

  it('is drawn in steps that hold each value until the next point, and the last one to the end', () => {
    expect(
      toSteps(
        [
          { x: 1, y: 0.5 },
          { x: 3, y: 0.9 },
        ],
        4,
      ),
    ).toEqual([
      { x: 1, y: 0.5 },
      { x: 3, y: 0.5 },
      { x: 3, y: 0.9 },
      { x: 4, y: 0.9 },
    ]);
  });
});

describe('labels at the ends of lines', () => {
  it('stay where they are if there is room, and never overlap', () => {
    expect(spreadLabels([10, 50], 12, 200)).toEqual([10, 50]);
    checkProperty(
      fc.property(fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { maxLength: 8 }), (tops) => {
        const placed = [...spreadLabels(tops, 12, 200)].sort((one, other) => one - other);
        placed.forEach((top, i) => {
          if (i > 0) expect(top - (placed[i - 1] ?? 0)).toBeGreaterThanOrEqual(12 - 1e-9);
          expect(top).toBeLessThanOrEqual(200);
        });
      }),
    );
  });
});

describe('a plot of columns', () => {
  const point: XyPoint = {
    id: 'a',
    x: 1,
    y: { value: 0.5, low: null, high: null, n: 10 },
    name: 'RTN 4/2',
    details: [],
    isHollow: false,
    isRimmed: true,
    isFaint: false,
  };

  it('stands a whole number in the middle of its column, and fractions beside it', () => {
    const { ticks, toShare } = toColumnAxis('bits', ['8', '4/2']);
    expect(ticks).toEqual([
      { value: 0, label: '8' },
      { value: 1, label: '4/2' },
    ]);
    expect([toShare(0), toShare(0.75), toShare(1)]).toEqual([0.25, 0.625, 0.75]);
  });

  it('names points that no line joins at the last one', () => {
    const plot: XyPlot = {
      x: toColumnAxis('bits', ['8', '4/2']),
      y: toLinearAxis('y', 0, 1, String),
      lines: [{ key: 'idp', points: [{ ...point, id: 'b', x: 0 }, point], path: [] }],
      reference: null,
      isDodged: false,
      format: String,
    };
    const { labels, marks } = toXyLayout(plot, { width: 400, height: 200, rem: 16 });
    expect(labels.map(({ text, x, y }) => [text, x, y])).toEqual([['IDP', marks[1]?.x, marks[1]?.y]]);
  });
});

describe('a plot with intervals along both axes', () => {
  const point: XyPoint = {
    id: 'a',
    x: 5,
    xInterval: { low: 4, high: 20 },
    y: { value: 0.5, low: 0.4, high: 0.6, n: 10 },
    name: 'IDP',
    details: [],
    isHollow: false,
    isRimmed: false,
    isFaint: false,
  };
  const lay = (points: readonly XyPoint[], hasLeads: boolean) =>
    toXyLayout(
      {
        x: toLinearAxis('ms', 0, 10, String),
        y: toLinearAxis('y', 0, 1, String),
        lines: [{ key: 'idp', points, path: [] }],
        reference: null,
        hasLeads,
        isDodged: false,
        format: String,
      },
      { width: 400, height: 200, rem: 16 },
    );

  it('draws both, cut at the edge of the plot, and none that is not finite', () => {
    const { marks, area, toX } = lay([point, { ...point, id: 'b', xInterval: { low: Number.NaN, high: 9 } }], true);
    expect(marks[0]?.xWhisker).toEqual({ left: toX(4), right: area.left + area.width });
    expect(marks[0]?.whisker).not.toBeNull();
    expect(marks[1]?.xWhisker).toBeNull();
  });

  it('ties names to the edge alone where lines to the points would read as whiskers', () => {
    const { labels, area } = lay([point], false);
    expect(labels[0]?.x).toBe(area.left + area.width);
    expect(lay([point], true).labels[0]?.x).toBeLessThan(area.left + area.width);
  });
});

describe('arrow keys among marks', () => {
  const places = [
    { x: 0, y: 10, group: 'a' },
    { x: 100, y: 60, group: 'a' },
    { x: 100, y: 12, group: 'b' },
    { x: 100, y: 12, group: 'c' },
  ];

  it('follow a line sideways, and change lines up and down', () => {
    expect(findNeighbour(places, 0, 'ArrowRight')).toBe(1);
    expect(findNeighbour(places, 1, 'ArrowLeft')).toBe(0);
    expect(findNeighbour(places, 1, 'ArrowUp')).toBe(3);
  });

  it('tell apart marks in one place, and end where there is none', () => {
    expect(findNeighbour(places, 3, 'ArrowUp')).toBe(2);
    expect(findNeighbour(places, 0, 'ArrowLeft')).toBe(-1);
    expect(findNeighbour(places, 0, 'Enter')).toBe(-1);
  });
});
