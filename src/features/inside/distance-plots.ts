import type { Estimate } from '../../core/eval/statistics.ts';
import type { DistanceQuantity } from '../../core/inside/capture.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import {
  DISTANCE_MEASURES,
  type DistanceEstimates,
  type DistanceMeasure,
  type DistanceResults,
} from '../../state/inside-state.ts';
import { type FigureExport, toEstimateCells, toEstimateColumns } from '../../ui/charts/figure-export.ts';
import { toColumnAxis, toLinearAxis, type XyAxis, type XyLine, type XyPlot } from '../../ui/charts/xy-plot.ts';
import { formatCount, formatInterval, formatNumber, UNKNOWN } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { formatDifference, MEASURE_WORDS } from './distance-words.ts';

/** What regimes are held against. */
export const REFERENCES = ['toDense', 'toCompressed'] as const;
export type Reference = (typeof REFERENCES)[number];

export const REFERENCE_WORDS: Readonly<Record<Reference, string>> = {
  toDense: 'To the dense model',
  toCompressed: 'To the compressed model, without recovery',
};

type Layers = readonly DistanceEstimates[];

interface Line {
  key: RegimeKey;
  n: number;
  layers: readonly (Estimate | null)[];
}

/** The lines of one plot: a model is not held against itself. */
function toLines(results: DistanceResults, reference: Reference, quantity: DistanceQuantity, measure: DistanceMeasure) {
  const own: RegimeKey = reference === 'toDense' ? 'dense' : 'compressed';
  const read = (layers: Layers) => layers.map((layer) => layer[quantity]?.[measure] ?? null);
  return results.regimes
    .filter(({ key }) => key !== own)
    .map((regime): Line => ({ key: regime.key, n: regime.n, layers: read(regime[reference]) }));
}

/** Distances by layer to dense and to compressed, on the same axes; null where nothing could be compared. */
export function toDistancePlots(
  results: DistanceResults,
  quantity: DistanceQuantity,
  measure: DistanceMeasure,
): Readonly<Record<Reference, XyPlot>> | null {
  const [toDense, toCompressed] = REFERENCES.map((each) => toLines(results, each, quantity, measure));
  const all = [...(toDense ?? []), ...(toCompressed ?? [])];
  const finite = all.flatMap(({ layers }) => layers).filter((each) => each !== null && Number.isFinite(each.value));
  if (finite.length === 0) return null;
  const y = toAxis(finite, measure);
  const numLayers = Math.max(...all.map(({ layers }) => layers.length));
  const x = toColumnAxis(
    'layer',
    Array.from({ length: numLayers }, (_, layer) => String(layer + 1)),
  );
  const toPlot = (lines: readonly Line[]): XyPlot => ({
    x,
    y,
    lines: lines.flatMap(toXyLine),
    reference: null,
    isDodged: true,
    format: formatDistance,
  });
  return { toDense: toPlot(toDense ?? []), toCompressed: toPlot(toCompressed ?? []) };
}

function toXyLine({ key, n, layers }: Line): readonly XyLine[] {
  const points = layers.flatMap((estimate, layer) => {
    if (estimate === null || !Number.isFinite(estimate.value)) return [];
    const look = { details: [], isHollow: false, isRimmed: false, isFaint: false };
    return [{ id: `${key} ${layer}`, x: layer, y: { ...estimate, n }, name: `Layer ${layer + 1}`, ...look }];
  });
  if (points.length === 0) return [];
  return [{ key, points, path: points.map(({ x, y }) => ({ x, y: y.value })) }];
}

/** A cosine axis begins at a twentieth below the least value; an error counts from 0. */
const COSINE_STEP = 20;

function toAxis(estimates: readonly (Estimate | null)[], measure: DistanceMeasure): XyAxis {
  const { axis } = MEASURE_WORDS[measure];
  const bounds = estimates
    .flatMap((each) => (each === null ? [] : [each.value, each.low, each.high]))
    .filter(Number.isFinite);
  if (measure === 'relativeError') return toLinearAxis(axis, 0, Math.max(0.01, ...bounds) * 1.05, formatTick);
  const least = Math.floor(Math.min(0.9, ...bounds) * COSINE_STEP) / COSINE_STEP;
  return toLinearAxis(`${axis}, 1 is the same`, least, 1, formatTick);
}

function formatTick(value: number): string {
  return String(Number(value.toFixed(3))).replace('-', '−');
}

/** Three decimals: both measures are pure numbers around 1 and below. */
export function formatDistance(value: number): string {
  return formatNumber(value);
}

/** Headings of the table twin. */
export function toDistanceColumns(measure: DistanceMeasure): readonly string[] {
  const { label } = MEASURE_WORDS[measure];
  return [
    'Regime',
    'Layer',
    `${label} to dense`,
    '95 % interval',
    `${label} to compressed`,
    '95 % interval of it',
    `${label} to dense minus the compressed one’s`,
    '95 % interval of the difference',
    'Questions',
    'Questions of the difference',
  ];
}

/** A row per regime and layer. */
export function toDistanceRows(results: DistanceResults, quantity: DistanceQuantity, measure: DistanceMeasure) {
  return results.regimes.flatMap(({ key, n, toDense, toCompressed, minusCompressed }) =>
    toDense.map((layer, i) => {
      const difference = minusCompressed?.layers[i]?.[quantity]?.[measure] ?? null;
      const dense = layer[quantity]?.[measure] ?? null;
      const compressed = key === 'compressed' ? null : (toCompressed[i]?.[quantity]?.[measure] ?? null);
      const toText = (estimate: Estimate | null) => (estimate === null ? UNKNOWN : formatDistance(estimate.value));
      return {
        key: `${key} ${i}`,
        cells: [
          toRegimeLook(key).label,
          String(i + 1),
          toText(dense),
          formatInterval(dense, formatDistance),
          toText(compressed),
          formatInterval(compressed, formatDistance),
          difference === null ? UNKNOWN : formatDifference(difference.value),
          formatInterval(difference, formatDifference),
          formatCount(n),
          formatCount(minusCompressed?.n ?? null),
        ],
      };
    }),
  );
}

/** All quantities and measures, as files carry them. */
export function toDistanceExport(pack: string, results: DistanceResults | null): FigureExport {
  const words = DISTANCE_MEASURES.flatMap((measure) =>
    ['dense', 'compressed', 'dense minus without recovery'].map(
      (other) => `${MEASURE_WORDS[measure].axis} to ${other}`,
    ),
  );
  const columns = words.flatMap((word) => toEstimateColumns(word, 'ratio', `${word} questions`));
  const quantities: readonly DistanceQuantity[] = ['attention', 'residual', 'activations'];
  const rows = (results?.regimes ?? []).flatMap(({ key, n, toDense, toCompressed, minusCompressed }) =>
    toDense.flatMap((layer, i) =>
      quantities.map((quantity) => {
        const cells = DISTANCE_MEASURES.flatMap((measure) =>
          [
            { of: layer, n },
            { of: toCompressed[i], n },
            { of: minusCompressed?.layers[i], n: minusCompressed?.n ?? 0 },
          ].flatMap((each) => {
            const estimate = each.of?.[quantity]?.[measure] ?? null;
            return toEstimateCells(estimate === null ? null : { ...estimate, n: each.n });
          }),
        );
        return [key, i + 1, quantity, ...cells, minusCompressed?.subjects ?? null, minusCompressed?.isEarly ?? null];
      }),
    ),
  );
  return {
    pack,
    measure: 'distance-by-layer',
    date: results?.source.date ?? null,
    columns: [
      ...['regime', 'layer', 'quantity'].map((name) => ({ name })),
      ...columns,
      ...['subjects of the difference', 'too early to decide'].map((name) => ({ name })),
    ],
    rows,
  };
}
