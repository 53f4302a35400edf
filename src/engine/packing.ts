import { HIDDEN_SCORE } from '../core/onnx/decoder-spec.ts';

/** Several items in one row: a tree of tokens whose common beginnings stand there once; pure. */

/** An item's tokens in a row: `path[i]` is the index of its token i. */
export interface Placement {
  item: number;
  path: readonly number[];
}

/** A row of tokens; each comes after the one before it in its items. */
export interface PackedRow {
  placements: readonly Placement[];
  /** Token ids, padded with 0. */
  ids: readonly number[]; // [length]
  /** How many tokens of its items come before; 0 for padding. */
  depths: readonly number[]; // [length]
  /** Index of the token before, or -1. */
  parents: readonly number[]; // [length]
}

/** Shortest padded row; below it a run costs the same. */
const SHORTEST_ROW = 16;

/** The length that is run for `used` values: what lies behind them is padding. */
export type ToLength = (used: number) => number;

/**
 * Few lengths for a runtime that compiles kernels by shape, never beyond `capacity`. Where nothing is compiled the length
 * stays as it is: padding to powers of two took a sixth of the time on wasm (1.47 against 1.25 ms an item, 1.30.0).
 */
export function toLengthRule(compilesByShape: boolean, capacity = Number.POSITIVE_INFINITY): ToLength {
  return (used) => (compilesByShape ? Math.max(used, Math.min(bucketLength(used), capacity)) : used);
}

/**
 * Puts items, sorted by length, into rows of at most `rowLength` tokens; a longer item gets a row alone. Of those that are as long, items
 * that begin alike stand beside each other and share those tokens: what comes after a token changes nothing before it, so the answers are
 * the same. `lengths` are what they are sorted by where that is not their own number of tokens.
 */
export function packItems(
  items: readonly (readonly number[])[],
  { lengths = items.map(({ length }) => length), ...rule }: SortedRule,
): PackedRow[] {
  const compare = (a: number, b: number) =>
    (lengths[a] ?? 0) - (lengths[b] ?? 0) || compareIds(items[a] ?? [], items[b] ?? []) || a - b;
  const order = items.map((_, item) => item).sort(compare);
  return packInOrder(items, order, { ...rule, toShared: commonLength });
}

/** Puts items into such rows in their own order and beside each other in full, where every token of every item counts. */
export function packWhole(items: readonly (readonly number[])[], rule: RowRule): PackedRow[] {
  const order = items.map((_, item) => item);
  return packInOrder(items, order, { ...rule, toShared: () => 0 });
}

/** What a row may hold. */
export interface RowRule {
  /** Tokens of a row. */
  rowLength: number;
  toLength: ToLength;
}

interface SortedRule extends RowRule {
  lengths?: readonly number[] | undefined; // [items]
}

interface PackRule extends RowRule {
  /** How many tokens of the item before serve an item too. */
  toShared(last: readonly number[], ids: readonly number[]): number;
}

function packInOrder(items: readonly (readonly number[])[], order: readonly number[], rule: PackRule): PackedRow[] {
  const rows: PackedRow[] = [];
  let row = new RowBuilder(rule);
  for (const item of order) {
    const ids = items[item] ?? [];
    if (!row.isEmpty && row.lengthWith(ids) > rule.rowLength) {
      rows.push(row.build());
      row = new RowBuilder(rule);
    }
    row.add(item, ids);
  }
  if (!row.isEmpty) rows.push(row.build());
  return rows;
}

class RowBuilder {
  private readonly placements: Placement[] = [];
  private readonly ids: number[] = [];
  private readonly depths: number[] = [];
  private readonly parents: number[] = [];
  private last: readonly number[] = [];
  private readonly rule: PackRule;

  constructor(rule: PackRule) {
    this.rule = rule;
  }

  get isEmpty(): boolean {
    return this.placements.length === 0;
  }

  lengthWith(ids: readonly number[]): number {
    return this.ids.length + ids.length - this.rule.toShared(this.last, ids);
  }

  /** Of items that are as long, none shares more with an earlier one than with the last: they come in order of their tokens. */
  add(item: number, ids: readonly number[]): void {
    const shared = this.rule.toShared(this.last, ids);
    const path = (this.placements.at(-1)?.path ?? []).slice(0, shared);
    for (let depth = shared; depth < ids.length; depth++) {
      this.parents.push(path.at(-1) ?? -1);
      path.push(this.ids.length);
      this.ids.push(ids[depth] ?? 0);
      this.depths.push(depth);
    }
    this.placements.push({ item, path });
    this.last = ids;
  }

  build(): PackedRow {
    const padding = this.rule.toLength(this.ids.length) - this.ids.length;
    const pad = (values: readonly number[], value: number) => [...values, ...new Array<number>(padding).fill(value)];
    return {
      placements: this.placements,
      ids: pad(this.ids, 0),
      depths: pad(this.depths, 0),
      parents: pad(this.parents, -1),
    };
  }
}

/** The next power of two, 16 at least. */
function bucketLength(length: number): number {
  let bucket = SHORTEST_ROW;
  while (bucket < length) bucket *= 2;
  return bucket;
}

/** `[length, base + length]`: every token sees the first `base` keys, what its parent sees, and itself. */
export function toAttentionBias(parents: readonly number[], base: number): Float32Array<ArrayBuffer> {
  const keys = base + parents.length;
  const bias = new Float32Array(parents.length * keys).fill(HIDDEN_SCORE);
  for (const [i, parent] of parents.entries()) {
    if (parent < 0) bias.fill(0, i * keys, i * keys + base);
    else bias.copyWithin(i * keys, parent * keys, (parent + 1) * keys);
    bias[i * keys + base + i] = 0;
  }
  return bias;
}

/** `[count, base + count]`: one item alone. */
export function toCausalBias(count: number, base: number): Float32Array<ArrayBuffer> {
  return toAttentionBias(
    Array.from({ length: count }, (_, i) => i - 1),
    base,
  );
}

function compareIds(a: readonly number[], b: readonly number[]): number {
  const shared = commonLength(a, b);
  return (a[shared] ?? -1) - (b[shared] ?? -1);
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
