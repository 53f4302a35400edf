import type { PatchMap, PatchTarget, TokenLabel } from '../../core/inside/capture.ts';
import { restoredShare, toPatchEffect } from '../../core/inside/patch-effect.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { PatchMeasure } from '../../state/inside-state.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';
import { type HeatScale, toMost } from '../../ui/charts/heat-colors.ts';
import type { HeatLabel } from '../../ui/charts/heat-layout.ts';
import { formatProbability, formatShare } from '../../ui/format.ts';
import { toHeatLabel, toTokenText } from './token-words.ts';

/** How the measures of a patch are named. */
export const PATCH_MEASURE_WORDS: Readonly<Record<PatchMeasure, string>> = {
  probability: 'Probability',
  share: 'Share of the gap restored',
};

/** How patched parts are named: the picker's segment, a column, and all columns of a layer at once. */
export const PATCH_WORDS: Readonly<Record<PatchTarget, { label: string; column: string; all: string; part: string }>> =
  {
    residual: {
      label: 'Residual stream, by token',
      column: 'token',
      all: 'all tokens',
      part: 'the residual stream after one layer at one token',
    },
    heads: { label: 'Head outputs', column: 'head', all: 'all heads', part: 'one head’s output at all tokens' },
  };

export interface DrawnPatch {
  rows: readonly HeatLabel[];
  columns: readonly HeatLabel[];
  values: readonly (readonly (number | null)[])[]; // [numLayers], each [C + 1]
  scale: HeatScale;
  format: (value: number) => string;
}

/** Layers down, what is patched across, and all of a layer at once behind them. */
export function toDrawnPatch(map: PatchMap, measure: PatchMeasure): DrawnPatch {
  const { of, columns, numLayers, values, whole } = map;
  const read = (value: number | undefined): number | null => {
    if (value === undefined || Number.isNaN(value)) return null;
    return measure === 'share' ? restoredShare(value, map) : value;
  };
  const cells = Array.from({ length: numLayers }, (_, layer) => {
    const from = layer * columns.length;
    return [...columns.map((_, column) => read(values[from + column])), read(whole[layer])];
  });
  const { all } = PATCH_WORDS[of];
  const most = toMost([...cells, measure === 'share' ? [1] : [map.donorProbability, map.receiverProbability]]);
  return {
    rows: Array.from({ length: numLayers }, (_, layer) => ({ text: `layer ${layer + 1}` })),
    columns: [
      ...columns.map((column) => (of === 'heads' ? { text: column.text, group: 'heads' } : toHeatLabel(column))),
      { text: all, group: 'together' },
    ],
    values: cells,
    scale: { kind: measure === 'share' ? 'diverging' : 'sequential', most },
    format: measure === 'share' ? (share) => formatShare(share, 0) : formatProbability,
  };
}

/** A smaller share of the gap is none: rounding alone moves a probability. */
const LEAST_SHARE = 0.01;

/**
 * Which single place restores most; a sentence that follows from the numbers. The residual stream after the last layer is left out: put into
 * its place, the donor's prediction at that token is merely handed over.
 */
export function toPatchSentence(map: PatchMap): string {
  const { most } = toPatchEffect(map.of === 'residual' ? dropLastLayer(map) : map);
  if (most === null)
    return 'The two are too close for a share of the gap, or there is no place to patch below the last layer.';
  if (most.share < LEAST_SHARE) return `No single place restores ${formatShare(LEAST_SHARE, 0)} of the gap.`;
  const column = map.columns[most.column];
  const name = column === undefined ? '' : toTokenText(column);
  const token = `${column?.kind === 'answer' ? 'the answer’s ' : ''}“${name}”`;
  const place = map.of === 'heads' ? `head ${name} of layer ${most.layer + 1}` : `layer ${most.layer + 1} at ${token}`;
  const below = map.of === 'heads' ? '' : ' below the last layer';
  return `Of single places${below}, ${place} restores most: ${formatShare(most.share, 0)} of the gap.`;
}

function dropLastLayer(map: PatchMap): PatchMap {
  const numLayers = Math.max(0, map.numLayers - 1);
  const values = map.values.subarray(0, numLayers * map.columns.length);
  return { ...map, numLayers, values, whole: map.whole.subarray(0, numLayers) };
}

/** Every cell with its probability and share, unrounded. */
export function toPatchExport(
  pack: string,
  date: string | null,
  map: PatchMap | null,
  { donor, receiver }: { donor: RegimeKey; receiver: RegimeKey },
): FigureExport {
  const toRow = (
    layer: number,
    place: number | null,
    { text, kind }: { text: string; kind: string },
    value: number,
  ) => {
    const ends = [map?.donorProbability ?? null, map?.receiverProbability ?? null];
    return [
      ...[donor, receiver, layer + 1, place, text, kind, value],
      map === null ? null : restoredShare(value, map),
      ...ends,
    ];
  };
  return {
    pack,
    measure: `patching-${map?.of ?? 'residual'}`,
    date,
    columns: [
      { name: 'donor' },
      { name: 'receiver' },
      { name: 'layer' },
      { name: 'place' },
      { name: 'patched' },
      { name: 'kind' },
      { name: 'answer', unit: 'probability' },
      { name: 'restored', unit: 'share of the gap' },
      { name: 'answer in the donor', unit: 'probability' },
      { name: 'answer in the receiver', unit: 'probability' },
    ],
    rows:
      map === null
        ? []
        : Array.from({ length: map.numLayers }, (_, layer) => [
            ...map.columns.map((label, column) =>
              toRow(
                layer,
                column + 1,
                toKind(map, label),
                map.values[layer * map.columns.length + column] ?? Number.NaN,
              ),
            ),
            toRow(layer, null, { text: PATCH_WORDS[map.of].all, kind: 'all' }, map.whole[layer] ?? Number.NaN),
          ]).flat(),
  };
}

function toKind({ of }: PatchMap, { text, kind }: TokenLabel): { text: string; kind: string } {
  return { text, kind: of === 'heads' ? 'head' : kind };
}
