/** Several items in one row, kept apart by positions and an attention bias; pure. */

/** A place in a row for one item. */
export interface Placement {
  item: number;
  /** Index of its first token in the row. */
  from: number;
  length: number;
}

export interface PackedRow {
  placements: readonly Placement[];
  /** Tokens of the row, padding included: one of few lengths, since every new length is compiled anew on WebGPU. */
  length: number;
}

// Added to a score, this leaves exp() exactly 0 in float32, and unlike -Infinity no row can become NaN.
const HIDDEN = -1e9;
/** Shortest row; below it a run costs the same. */
const SHORTEST_ROW = 16;

/**
 * Puts items of the given lengths into as few rows of `rowLength` tokens as first-fit decreasing finds.
 * A longer item gets a row alone. A row is cut to the next power of two that holds it, `capacity` at most.
 */
export function packItems(
  lengths: readonly number[],
  rowLength: number,
  capacity = Number.POSITIVE_INFINITY,
): PackedRow[] {
  const order = lengths.map((_, item) => item).sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b);
  const rows: { placements: Placement[]; used: number }[] = [];
  for (const item of order) {
    const length = lengths[item] ?? 0;
    let row = rows.find(({ used }) => used + length <= rowLength);
    if (row === undefined) {
      row = { placements: [], used: 0 };
      rows.push(row);
    }
    row.placements.push({ item, from: row.used, length });
    row.used += length;
  }
  return rows.map(({ placements, used }) => ({
    placements,
    length: Math.max(used, Math.min(bucketLength(used), capacity)),
  }));
}

/** The next power of two, 16 at least. */
export function bucketLength(length: number): number {
  let bucket = SHORTEST_ROW;
  while (bucket < length) bucket *= 2;
  return bucket;
}

/** `[length, base + length]`: every item sees the first `base` keys and its own, up to itself; padding sees itself alone. */
export function toAttentionBias({ placements, length }: PackedRow, base: number): Float32Array<ArrayBuffer> {
  const keys = base + length;
  const bias = new Float32Array(length * keys).fill(HIDDEN);
  for (let i = 0; i < length; i++) bias[i * keys + base + i] = 0;
  for (const placement of placements) {
    for (let i = placement.from; i < placement.from + placement.length; i++) {
      bias.fill(0, i * keys, i * keys + base);
      bias.fill(0, i * keys + base + placement.from, i * keys + base + i + 1);
    }
  }
  return bias;
}

/** Positions of a row's tokens: each item starts at `start`; padding stays there. */
export function toPositions({ placements, length }: PackedRow, start: number): number[] {
  const positions = new Array<number>(length).fill(start);
  for (const { from, length: count } of placements) {
    for (let i = 0; i < count; i++) positions[from + i] = start + i;
  }
  return positions;
}

/** Token ids of a row; padding is token 0, which nothing sees. */
export function toRowIds({ placements, length }: PackedRow, items: readonly (readonly number[])[]): number[] {
  const ids = new Array<number>(length).fill(0);
  for (const { item, from } of placements) for (const [i, id] of (items[item] ?? []).entries()) ids[from + i] = id;
  return ids;
}
