import type { Capture } from '../../core/inside/capture.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { ExportCell, ExportColumn, FigureExport } from '../../ui/charts/figure-export.ts';
import {
  type AttentionMap,
  type AttentionMaps,
  countHeads,
  type PromptMass,
  toAttentionMap,
  toDifferenceMap,
} from './attention-maps.ts';

interface Shown {
  left: RegimeKey;
  right: RegimeKey;
  layer: number;
  head: number | null;
}

/** Every cell of the three maps, unrounded. */
export function toAttentionExport(
  pack: string,
  date: string | null,
  { left, right, layer, head }: Shown,
  maps: AttentionMaps,
): FigureExport {
  const at = { layer, head };
  return {
    pack,
    measure: toMeasure(layer),
    date,
    columns: COLUMNS,
    rows: [
      ...toRows(left, at, maps.left),
      ...toRows(right, at, maps.right),
      ...toRows(toDifferenceName(left, right), at, maps.difference),
    ],
  };
}

/** A regime's capture with its attention. */
export interface AttentionOf {
  key: RegimeKey;
  capture: Capture;
}

/** Every cell of one layer in every head and as their mean: of each capture, then right minus left. */
export function toLayerExport(
  pack: string,
  layer: number,
  captures: readonly AttentionOf[],
  { left, right }: Pick<Shown, 'left' | 'right'>,
): FigureExport {
  const [one, other] = [left, right].map((wanted) => captures.find(({ key }) => key === wanted)?.capture);
  const toHeads = (capture: Capture) => [
    null,
    ...Array.from({ length: countHeads(capture, layer) }, (_, head) => head),
  ];
  return {
    pack,
    measure: toMeasure(layer),
    date: null,
    columns: COLUMNS,
    rows: [
      ...captures.flatMap(({ key, capture }) =>
        toHeads(capture).flatMap((head) => toRows(key, { layer, head }, toAttentionMap(capture, layer, head))),
      ),
      ...(one === undefined || other === undefined || one === other
        ? []
        : toHeads(one).flatMap((head) =>
            toRows(toDifferenceName(left, right), { layer, head }, toDifferenceMap(one, other, layer, head)),
          )),
    ],
  };
}

function toMeasure(layer: number): string {
  return `attention-layer-${layer + 1}`;
}

function toDifferenceName(left: RegimeKey, right: RegimeKey): string {
  return `${right} minus ${left}, prompt left out`;
}

const COLUMNS: readonly ExportColumn[] = [
  { name: 'regime' },
  { name: 'layer' },
  { name: 'head' },
  { name: 'from' },
  { name: 'from token' },
  { name: 'to' },
  { name: 'to token' },
  { name: 'to kind' },
  { name: 'attention', unit: 'share' },
];

function toRows(
  of: string,
  { layer, head }: Pick<Shown, 'layer' | 'head'>,
  map: AttentionMap | null,
): readonly (readonly ExportCell[])[] {
  if (map === null) return [];
  return map.rows.flatMap((row, r) =>
    map.columns.map((column, c) => [
      of,
      layer + 1,
      head === null ? 'mean' : head + 1,
      r + 1,
      row.text,
      c + 1,
      column.text,
      column.kind,
      map.values[r]?.[c] ?? null,
    ]),
  );
}

/** A regime's attention to its prompt. */
export interface MassOf {
  key: RegimeKey;
  mass: PromptMass;
}

/** How much attention goes to each prompt: a row per regime and layer. */
export function toMassExport(pack: string, date: string | null, masses: readonly MassOf[]): FigureExport {
  return {
    pack,
    measure: 'attention-to-prompt',
    date,
    columns: [
      { name: 'regime' },
      { name: 'layer' },
      { name: 'mean over question', unit: 'share' },
      { name: 'last token', unit: 'share' },
    ],
    rows: masses.flatMap(({ key, mass: { mean, last } }) =>
      mean.map((share, layer) => [key, layer + 1, share, last[layer] ?? Number.NaN]),
    ),
  };
}
