import type { RegimeKey } from '../../core/recover/regime.ts';
import { toRegimeLook } from '../regime-look.ts';
import { toDrawable } from './estimate.ts';
import type { MarkPlace } from './find-neighbour.ts';
import { thinPath, thinPoints } from './thin-plot.ts';
import type { Box } from './use-box.ts';
import { spreadLabels, type XyPlot, type XyPoint } from './xy-plot.ts';

/** A point with its place in pixels of the whole chart. */
export interface PlacedMark {
  key: RegimeKey;
  point: XyPoint;
  x: number;
  y: number;
  /** Ends of its interval; null without one. */
  whisker: { top: number; bottom: number } | null;
  /** The same along x. */
  xWhisker: { left: number; right: number } | null;
}

export interface PlacedLabel {
  key: RegimeKey;
  text: string;
  /** Where the line ends. */
  x: number;
  y: number;
  /** Where its label stands, so that no two overlap. */
  top: number;
}

/** A line's corners in pixels, as an SVG polyline takes them. */
export interface PlacedLine {
  key: RegimeKey;
  corners: string;
}

export interface XyLayout {
  rem: number;
  /** Where points are drawn. */
  area: { left: number; top: number; width: number; height: number };
  /** From values to pixels. */
  toX: (value: number) => number;
  toY: (value: number) => number;
  lines: readonly PlacedLine[];
  marks: readonly PlacedMark[];
  /** Places of the marks for the arrow keys: undodged, so that a level is one column. */
  places: readonly MarkPlace[];
  labels: readonly PlacedLabel[];
  /** Those ticks along x whose labels have room beside each other. */
  xTicks: XyPlot['x']['ticks'];
}

/** In rem: room for ticks, titles, and per letter of a label. */
const LEFT = 3.25;
const TOP = 1.75;
const BOTTOM = 2.75;
const LETTER = 0.43;
const MARK = 1.75;
const TICK_GAP = 0.5;
const LABEL_GAP = 1.05;

/** Pixels between points that share a place along x. */
const DODGE = 4;

/** Where everything of a plot lies in a box of pixels; what is not finite is left out. */
export function toXyLayout(plot: XyPlot, box: Box): XyLayout {
  const { rem } = box;
  const named = [...(plot.reference === null ? [] : [plot.reference.key]), ...plot.lines.map(({ key }) => key)];
  const longest = Math.max(0, ...named.map((key) => toRegimeLook(key).label.length));
  const left = LEFT * rem;
  const top = TOP * rem;
  const width = Math.max(1, box.width - left - (longest * LETTER + MARK) * rem);
  const height = box.height - top - BOTTOM * rem;
  const toX = (value: number) => left + plot.x.toShare(value) * width;
  const toY = (value: number) => top + (1 - cut(plot.y.toShare(value))) * height;

  const toShift = (i: number) => (plot.isDodged ? (i - (plot.lines.length - 1) / 2) * DODGE : 0);

  const lines = plot.lines.map(({ key, path }, i) => {
    const drawn = thinPath(path, (x) => toX(x) + toShift(i), toY);
    return { key, corners: drawn.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ') };
  });
  const thinned = thinPoints(plot, width / Math.max(1, height));
  const marks = plot.lines.flatMap(({ key }, i) => {
    const shift = toShift(i);
    return (thinned[i] ?? []).flatMap((point): readonly PlacedMark[] => {
      const estimate = toDrawable(point.y);
      if (estimate === null || !Number.isFinite(toX(point.x))) return [];
      const { value, low, high } = estimate;
      const whisker = low === null || high === null ? null : { top: toY(high), bottom: toY(low) };
      const xWhisker = toXWhisker(point, shift);
      return [{ key, point, x: toX(point.x) + shift, y: toY(value), whisker, xWhisker }];
    });
  });
  const places = marks.map(({ key, point, y }) => ({ x: toX(point.x), y, group: key }));
  return {
    rem,
    area: { left, top, width, height },
    toX,
    toY,
    lines,
    marks,
    places,
    labels: placeLabels(),
    xTicks: thinTicks(),
  };

  function toXWhisker({ xInterval = null }: XyPoint, shift: number): PlacedMark['xWhisker'] {
    if (xInterval === null || !Number.isFinite(xInterval.low) || !Number.isFinite(xInterval.high)) return null;
    const toEnd = (value: number) => left + cut(plot.x.toShare(value)) * width + shift;
    return { left: toEnd(xInterval.low), right: toEnd(xInterval.high) };
  }

  function placeLabels(): readonly PlacedLabel[] {
    const ends = plot.lines.flatMap(({ key, path, points }) => {
      // Points that no line joins are named at the last one.
      const { x, y } = path.at(-1) ?? toLast(points);
      return Number.isFinite(y) ? [{ key, x: toX(x), y: toY(y) }] : [];
    });
    const reference = toDrawable(plot.reference?.y ?? null);
    if (plot.reference !== null && reference !== null)
      ends.unshift({ key: plot.reference.key, x: left + width, y: toY(reference.value) });
    const tops = spreadLabels(
      ends.map(({ y }) => y),
      LABEL_GAP * rem,
      top + height,
    );
    const toStart = (x: number) => (plot.hasLeads === false ? left + width : x);
    return ends.map(({ key, x, y }, i) => ({
      key,
      text: toRegimeLook(key).label,
      x: toStart(x),
      y,
      top: tops[i] ?? y,
    }));
  }

  function thinTicks(): XyLayout['xTicks'] {
    const { ticks } = plot.x;
    const widest = Math.max(1, ...ticks.map(({ label }) => label.length));
    const room = Math.abs(toX(ticks[1]?.value ?? 0) - toX(ticks[0]?.value ?? 0));
    const every = Math.max(1, Math.ceil(((widest * LETTER + TICK_GAP) * rem) / (room || width)));
    return ticks.filter((_, i) => i % every === 0);
  }
}

function toLast(points: readonly XyPoint[]): { x: number; y: number } {
  const last = points.at(-1);
  return { x: last?.x ?? Number.NaN, y: last?.y.value ?? Number.NaN };
}

function cut(share: number): number {
  return Math.min(1, Math.max(0, share));
}
