import type { Capture, LensLayer } from '../../core/inside/capture.ts';
import { worstRank } from '../../core/inside/lens.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { LensMeasure } from '../../state/inside-state.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';
import { toColumnAxis, toLinearAxis, toLogAxis, type XyAxis, type XyPlot } from '../../ui/charts/xy-plot.ts';
import { formatCount, formatProbability, formatShare } from '../../ui/format.ts';
import { toLayerPlot } from './layer-plot.ts';

/** A regime's logit lens: embeddings, then every layer. */
export interface LensOf {
  key: RegimeKey;
  lens: readonly LensLayer[]; // [numLayers + 1]
}

/** How the measures of the logit lens are named. */
export const LENS_WORDS: Readonly<Record<LensMeasure, { label: string; title: string }>> = {
  first: { label: 'First token', title: 'Probability of the right answer’s first token' },
  whole: { label: 'Whole answer', title: 'Probability of the whole right answer' },
  rank: { label: 'Rank', title: 'Rank of the right answer’s worst token' },
};

/** The value of one layer; NaN where no answer is known. */
export function readLens(layer: LensLayer, measure: LensMeasure): number {
  if (measure === 'rank') return worstRank(layer) ?? Number.NaN;
  const { logProbabilities } = layer;
  if (logProbabilities.length === 0) return Number.NaN;
  if (measure === 'first') return Math.exp(logProbabilities[0] ?? Number.NaN);
  return Math.exp(logProbabilities.reduce((sum, each) => sum + each, 0));
}

export function toLensOf(key: RegimeKey, capture: Capture): readonly LensOf[] {
  return capture.lens === null ? [] : [{ key, lens: capture.lens }];
}

/** Embeddings, layer 1, layer 2, ... */
export function toLayerName(place: number): string {
  return place === 0 ? 'the embeddings' : `layer ${place}`;
}

export function toLensPlot(regimes: readonly LensOf[], measure: LensMeasure): XyPlot {
  const numPlaces = Math.max(1, ...regimes.map(({ lens }) => lens.length));
  const lines = regimes.map(({ key, lens }) => ({ key, values: lens.map((layer) => readLens(layer, measure)) }));
  return toLayerPlot(lines, {
    x: toColumnAxis('after', ['emb.', ...Array.from({ length: numPlaces - 1 }, (_, layer) => `layer ${layer + 1}`)]),
    y: toMeasureAxis(measure, Math.max(2, ...lines.flatMap(({ values }) => values).filter(Number.isFinite))),
    format: (value) => formatLens(value, measure),
    toName: (place) => `after ${toLayerName(place)}`,
  });
}

export function formatLens(value: number, measure: LensMeasure): string {
  if (measure !== 'rank') return formatProbability(value);
  return Number.isFinite(value) ? `rank ${formatCount(value)}` : formatCount(null);
}

/** Rank 1 stands on top, as the surest probability does. */
function toMeasureAxis(measure: LensMeasure, mostRank: number): XyAxis {
  if (measure !== 'rank') return toLinearAxis('probability', 0, 1, (share) => formatShare(share, 0));
  const axis = toLogAxis('rank among all tokens', 1, mostRank * 1.1, formatCount);
  return { ...axis, toShare: (value) => 1 - axis.toShare(value) };
}

export function toLensExport(pack: string, date: string | null, regimes: readonly LensOf[]): FigureExport {
  return {
    pack,
    measure: 'answer-by-layer',
    date,
    columns: [
      { name: 'regime' },
      { name: 'after layer' },
      { name: 'first token', unit: 'probability' },
      { name: 'whole answer', unit: 'probability' },
      { name: 'rank of the worst token' },
      { name: 'likeliest token' },
      { name: 'likeliest', unit: 'probability' },
    ],
    rows: regimes.flatMap(({ key, lens }) =>
      lens.map((layer, place) => [
        key,
        place,
        readLens(layer, 'first'),
        readLens(layer, 'whole'),
        worstRank(layer),
        layer.top[0]?.text ?? null,
        layer.top[0]?.probability ?? null,
      ]),
    ),
  };
}
