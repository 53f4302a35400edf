import { formatCount } from '../format.ts';
import type { MarkPlace } from './find-neighbour.ts';
import { toScale } from './scale.ts';
import type { Box } from './use-box.ts';
import { toLinearAxis } from './xy-plot.ts';

export interface HistogramSeries {
  name: string;
  color: string;
  /** Told apart from another series without its colour. */
  isDashed: boolean;
  counts: ArrayLike<number>; // [bins]
}

interface Tick {
  /** In pixels of the whole chart. */
  place: number;
  label: string;
}

/** Where everything of a histogram lies, in pixels of the whole chart. */
export interface HistogramLayout {
  rem: number;
  area: { left: number; top: number; width: number; height: number };
  /** Columns that can be pointed at. */
  bins: readonly { left: number; width: number }[];
  places: readonly MarkPlace[];
  /** A step line per series, as an SVG polyline takes it. */
  outlines: readonly string[];
  xTicks: readonly Tick[];
  yTicks: readonly Tick[];
}

interface HistogramFigures {
  edges: ArrayLike<number>;
  series: readonly HistogramSeries[];
  /** Heights by the logarithm of the count; a bin without any stays on the ground, one below 1. */
  isLog: boolean;
  formatEdge: (edge: number) => string;
}

/** Every bin is a button of the page, a few pixels wide at least. */
const MOST_BINS = 256;

/** A histogram as it is drawn: as it is, or of too many bins with so many neighbours as one. Counts that are not finite are none. */
export function toMergedBins<Series extends { counts: ArrayLike<number> }>(
  edges: ArrayLike<number>,
  series: readonly Series[],
): { edges: ArrayLike<number>; series: readonly Series[] } {
  const numBins = Math.max(0, edges.length - 1);
  const inOne = Math.ceil(numBins / MOST_BINS);
  if (inOne <= 1) return { edges, series };
  const merged = Math.ceil(numBins / inOne);
  const toCounts = ({ counts }: Series) => {
    const sums = new Float64Array(merged);
    for (let bin = 0; bin < numBins; bin += 1) {
      const at = Math.floor(bin / inOne);
      const count = counts[bin] ?? 0;
      sums[at] = (sums[at] ?? 0) + (Number.isFinite(count) ? count : 0);
    }
    return sums;
  };
  return {
    edges: Float64Array.from({ length: merged + 1 }, (_, i) => edges[Math.min(numBins, i * inOne)] ?? 0),
    series: series.map((each) => ({ ...each, counts: toCounts(each) })),
  };
}

/** In rem. */
const LEFT = 3.5;
const TOP = 1.75;
const BOTTOM = 2.75;
const RIGHT = 1;

/** The ground of a logarithmic axis: a count of 1 must stand above it. */
const LOG_GROUND = 0.5;

/** Places of bins, outlines and ticks in a box of pixels. */
export function toHistogramLayout({ edges, series, isLog, formatEdge }: HistogramFigures, box: Box): HistogramLayout {
  const { rem } = box;
  const area = {
    left: LEFT * rem,
    top: TOP * rem,
    width: Math.max(1, box.width - (LEFT + RIGHT) * rem),
    height: Math.max(1, box.height - (TOP + BOTTOM) * rem),
  };
  const numBins = Math.max(0, edges.length - 1);
  const [first, last] = [edges[0] ?? 0, edges[numBins] ?? 1];
  const x = toLinearAxis('', first, last, formatEdge);
  const toX = (value: number) => area.left + x.toShare(value) * area.width;
  const { toShare, ticks } = toHeights(series, isLog);
  const toY = (count: number) => {
    const share = Number.isFinite(count) ? Math.min(1, Math.max(0, toShare(count))) : 0;
    return area.top + (1 - share) * area.height;
  };
  const bins = Array.from({ length: numBins }, (_, bin) => {
    const left = toX(edges[bin] ?? 0);
    return { left, width: toX(edges[bin + 1] ?? 0) - left };
  });
  const toOutline = ({ counts }: HistogramSeries) => {
    const ground = area.top + area.height;
    const steps = bins.flatMap(({ left, width }, bin) => {
      const top = toY(counts[bin] ?? 0).toFixed(1);
      return [`${left.toFixed(1)},${top}`, `${(left + width).toFixed(1)},${top}`];
    });
    return [`${area.left},${ground}`, ...steps, `${area.left + area.width},${ground}`].join(' ');
  };
  return {
    rem,
    area,
    bins,
    places: bins.map(({ left, width }) => ({ x: left + width / 2, y: 0, group: '' })),
    outlines: series.map(toOutline),
    xTicks: x.ticks.map(({ value, label }) => ({ place: toX(value), label })),
    yTicks: ticks.map((count) => ({ place: toY(count), label: formatCount(count) })),
  };
}

function toHeights(series: readonly HistogramSeries[], isLog: boolean) {
  let most = 0;
  for (const { counts } of series) {
    for (let bin = 0; bin < counts.length; bin += 1) {
      const count = counts[bin] ?? 0;
      if (Number.isFinite(count)) most = Math.max(most, count);
    }
  }
  if (!isLog) {
    const scale = toScale([most]);
    return { toShare: (count: number) => count / scale.max, ticks: scale.ticks };
  }
  const decades = Math.max(1, Math.ceil(Math.log10(Math.max(1, most))));
  const [from, to] = [Math.log10(LOG_GROUND), decades];
  return {
    toShare: (count: number) => (count > 0 ? (Math.log10(count) - from) / (to - from) : 0),
    ticks: Array.from({ length: decades + 1 }, (_, power) => 10 ** power),
  };
}
