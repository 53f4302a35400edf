import type { Capture, LayerAttention, TokenLabel } from '../../core/inside/capture.ts';
import { meanOverHeads, promptMass, renormalise } from '../../core/inside/similarity.ts';

/** Attention of one layer, by the token that looks and the one that is looked at. */
export interface AttentionMap {
  rows: readonly TokenLabel[]; // [R]
  columns: readonly TokenLabel[]; // [C]
  values: readonly Float32Array[]; // [R], each [C]
}

/** Null for a layer that has no such head, or where a capture is not there. */
export interface AttentionMaps {
  left: AttentionMap | null;
  right: AttentionMap | null;
  difference: AttentionMap | null;
}

/** One head, or the mean over heads where `head` is null; null where the layer has no such head or was not captured. */
export function toAttentionMap(capture: Capture, layer: number, head: number | null): AttentionMap | null {
  const attention = capture.attention?.[layer];
  if (attention === undefined) return null;
  return toMap(capture.rows, capture.columns, attention, head);
}

/** The same over what the question itself has: virtual and text columns dropped, rows renormalised head by head. */
export function toOwnMap(capture: Capture, layer: number, head: number | null): AttentionMap | null {
  const attention = capture.attention?.[layer];
  if (attention === undefined) return null;
  const own = renormalise(attention, capture.columns);
  return toMap(capture.rows, own.columns, own.attention, head);
}

/**
 * Right minus left over the rows and columns that both have, without virtual and text columns; null where either has no such head, and for a
 * single head where the two have not as many.
 */
export function toDifferenceMap(left: Capture, right: Capture, layer: number, head: number | null) {
  if (head !== null && !hasSameHeads(left, right, layer)) return null;
  const [one, other] = [toOwnMap(left, layer, head), toOwnMap(right, layer, head)];
  if (one === null || other === null) return null;
  const rows = pair(one.rows, other.rows);
  const columns = pair(one.columns, other.columns);
  const values = rows.map(({ left: l, right: r }) =>
    Float32Array.from(
      columns,
      (column) => (other.values[r]?.[column.right] ?? Number.NaN) - (one.values[l]?.[column.left] ?? Number.NaN),
    ),
  );
  return { rows: rows.map(({ label }) => label), columns: columns.map(({ label }) => label), values };
}

/** Whether a layer has as many heads in both: where a recipe removed some, those that are left are numbered anew, and no number is the same head. */
export function hasSameHeads(left: Capture, right: Capture, layer: number): boolean {
  return left.attention?.[layer]?.numHeads === right.attention?.[layer]?.numHeads;
}

/** Heads of a layer; 0 where its attention was not captured. */
export function countHeads({ attention }: Capture, layer: number): number {
  return attention?.[layer]?.numHeads ?? 0;
}

/** Share of attention that goes to virtual and text columns, per layer: the mean over heads and the question's tokens, and its last token's. */
export interface PromptMass {
  mean: readonly number[]; // [numLayers]; NaN where a layer has no heads
  last: readonly number[]; // [numLayers]
}

/** Null where the regime has no such columns, or attention was not captured. */
export function toPromptMass({ rows, columns, attention }: Capture): PromptMass | null {
  if (attention === null || !columns.some(({ kind }) => kind === 'virtual' || kind === 'text')) return null;
  const asked = rows.flatMap(({ kind }, i) => (kind === 'token' ? [i] : []));
  const masses = attention.map((layer) => promptMass(meanOverHeads(layer), columns));
  return {
    mean: masses.map((mass) => asked.reduce((sum, row) => sum + (mass[row] ?? Number.NaN), 0) / asked.length),
    last: masses.map((mass) => mass[asked.at(-1) ?? -1] ?? Number.NaN),
  };
}

function toMap(
  rows: readonly TokenLabel[],
  columns: readonly TokenLabel[],
  attention: LayerAttention,
  head: number | null,
): AttentionMap | null {
  const { numHeads, data } = head === null ? meanOverHeads(attention) : attention;
  const at = head ?? 0;
  if (at >= numHeads) return null;
  const width = columns.length;
  const values = rows.map((_, row) => {
    const from = (at * rows.length + row) * width;
    return data.subarray(from, from + width);
  });
  return { rows, columns, values };
}

function pair(left: readonly TokenLabel[], right: readonly TokenLabel[]) {
  const places = new Map(toKeys(right).map((key, i) => [key, i]));
  return toKeys(left).flatMap((key, i) => {
    const [label, place] = [left[i], places.get(key)];
    return label === undefined || place === undefined ? [] : [{ label, left: i, right: place }];
  });
}

/** What a token is known by on every side: its kind, and how many of it stand before. */
export function toKeys(labels: readonly TokenLabel[]): readonly string[] {
  const counts = new Map<string, number>();
  return labels.map(({ kind }) => {
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    return `${kind} ${count}`;
  });
}

/** A cell by what its tokens are known by, so that maps with other columns can show it too. */
export interface TokenPair {
  row: string;
  column: string;
}

/** Where a map has the cell; null where it has not. */
export function findPair({ rows, columns }: AttentionMap, { row, column }: TokenPair) {
  const place = { row: toKeys(rows).indexOf(row), column: toKeys(columns).indexOf(column) };
  return place.row < 0 || place.column < 0 ? null : place;
}

export function toPair({ rows, columns }: AttentionMap, place: { row: number; column: number }): TokenPair | null {
  const [row, column] = [toKeys(rows)[place.row], toKeys(columns)[place.column]];
  return row === undefined || column === undefined ? null : { row, column };
}
