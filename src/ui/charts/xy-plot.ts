import type { RegimeKey } from '../../core/recover/regime.ts';
import type { ChartEstimate } from './estimate.ts';

/** An axis of a plot of points: where a value lies, and what is printed along it. */
export interface XyAxis {
  title: string;
  ticks: readonly { value: number; label: string }[];
  /** Place of a value, from 0 (left, bottom) to 1; not finite where it cannot be drawn. */
  toShare: (value: number) => number;
}

export interface XyPoint {
  /** Unique within its plot. */
  id: string;
  x: number;
  y: ChartEstimate;
  /** Interval along x, where it has one. */
  xInterval?: { low: number; high: number } | null;
  /** Area of the mark, 1 for an ordinary one. */
  area?: number;
  /** What was measured, such as `Magnitude 60 %, per output`. */
  name: string;
  /** What else must be known to read it, such as where it was measured. */
  details: readonly string[];
  isHollow: boolean;
  /** With a rim, such as for what a pack ships. */
  isRimmed: boolean;
  /** Drawn back behind the points that count. */
  isFaint: boolean;
}

/** The points of one regime and the line that belongs to them. */
export interface XyLine {
  key: RegimeKey;
  points: readonly XyPoint[];
  /** Corners of the line in values; it need not touch every point. */
  path: readonly { x: number; y: number }[];
}

export interface XyPlot {
  x: XyAxis;
  y: XyAxis;
  lines: readonly XyLine[];
  /** A level that all points are held against, drawn across the plot. */
  reference: { key: RegimeKey; y: ChartEstimate } | null;
  /** A line ties each name at the right edge to the end of its points; without, only to the edge. True unless told. */
  hasLeads?: boolean;
  /** Points that share a place along x stand side by side. */
  isDodged: boolean;
  format: (value: number) => string;
  /** What was counted; null where a point is one value. `items` unless told. */
  unit?: string | null;
}

const NICE = [1, 2, 5];

/** A linear axis between two values with ticks at round numbers. */
export function toLinearAxis(title: string, from: number, to: number, format: (value: number) => string): XyAxis {
  const span = to > from ? to - from : 1;
  const magnitude = 10 ** Math.floor(Math.log10(span / 2));
  const step = [...NICE, 10].map((factor) => factor * magnitude).find((size) => span / size <= 5) ?? span;
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor((from + span) / step + 1e-9) - first;
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return {
    title,
    ticks: ticks.map((value) => ({ value, label: format(value) })),
    toShare: (value) => (value - from) / span,
  };
}

/** A logarithmic axis that holds all values, both above 0, with ticks at 1, 2 and 5 times powers of ten. */
export function toLogAxis(title: string, from: number, to: number, format: (value: number) => string): XyAxis {
  const least = Math.log10(from);
  const most = Math.max(Math.log10(to), least + Math.log10(2));
  const decades = Array.from({ length: Math.ceil(most) - Math.floor(least) + 1 }, (_, i) => Math.floor(least) + i);
  const factors = most - least > 2.5 ? [1] : NICE;
  const ticks = decades
    .flatMap((decade) => factors.map((factor) => factor * 10 ** decade))
    .filter((value) => Math.log10(value) >= least - 1e-9 && Math.log10(value) <= most + 1e-9);
  return {
    title,
    ticks: ticks.map((value) => ({ value, label: format(value) })),
    toShare: (value) => (Math.log10(value) - least) / (most - least),
  };
}

/** Columns of equal width; a value is the index of its column, and fractions of it lie beside the column's middle. */
export function toColumnAxis(title: string, labels: readonly string[]): XyAxis {
  return {
    title,
    ticks: labels.map((label, value) => ({ value, label })),
    toShare: (value) => (value + 0.5) / labels.length,
  };
}

/**
 * The points that no other one beats in both: least of `x` with most of `y` (Pareto front), from left to right. Of several
 * at one x the best stays.
 */
export function toParetoFront<Point extends { x: number; y: number }>(points: readonly Point[]): readonly Point[] {
  const sorted = [...points].sort((one, other) => one.x - other.x || other.y - one.y);
  let best = Number.NEGATIVE_INFINITY;
  return sorted.filter(({ y }) => {
    const isBetter = y > best;
    if (isBetter) best = y;
    return isBetter;
  });
}

/** Corners of the step line of a front: what can be had with at most so much of `x`, on to `end`. */
export function toSteps(front: readonly { x: number; y: number }[], end: number): readonly { x: number; y: number }[] {
  return front.flatMap(({ x, y }, i) => {
    const next = front[i + 1]?.x ?? Math.max(end, x);
    return [
      { x, y },
      { x: next, y },
    ];
  });
}

/** Labels beside each other's heights are moved apart to `gap`, as little as may be, between 0 and `most`. */
export function spreadLabels(tops: readonly number[], gap: number, most: number): readonly number[] {
  const order = tops.map((_, i) => i).sort((one, other) => (tops[one] ?? 0) - (tops[other] ?? 0));
  const placed = [...tops];
  let floor = Number.NEGATIVE_INFINITY;
  for (const i of order) {
    placed[i] = Math.max(placed[i] ?? 0, floor);
    floor = (placed[i] ?? 0) + gap;
  }
  let ceiling = most;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i] ?? 0, ceiling);
    ceiling = (placed[i] ?? 0) - gap;
  }
  return placed;
}
