import type { RegimeKey } from '../../core/recover/regime.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';
import type { AttentionMap, AttentionMaps } from './attention-maps.ts';

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
  const toRows = (of: string, map: AttentionMap | null) =>
    (map?.rows ?? []).flatMap((row, r) =>
      (map?.columns ?? []).map((column, c) => [
        of,
        layer + 1,
        head === null ? 'mean' : head + 1,
        r + 1,
        row.text,
        c + 1,
        column.text,
        column.kind,
        map?.values[r]?.[c] ?? null,
      ]),
    );
  return {
    pack,
    measure: `attention-layer-${layer + 1}`,
    date,
    columns: [
      { name: 'regime' },
      { name: 'layer' },
      { name: 'head' },
      { name: 'from' },
      { name: 'from token' },
      { name: 'to' },
      { name: 'to token' },
      { name: 'to kind' },
      { name: 'attention', unit: 'share' },
    ],
    rows: [
      ...toRows(left, maps.left),
      ...toRows(right, maps.right),
      ...toRows(`${right} minus ${left}, prompt left out`, maps.difference),
    ],
  };
}
