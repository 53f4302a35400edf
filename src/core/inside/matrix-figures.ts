import type { MatrixReport } from './capture.ts';

/** Weights of a matrix by value, zeros counted apart. */
export interface WeightCounts {
  counts: Int32Array; // [bins], of the weights that are not 0
  zeros: number;
  total: number;
}

/** Histograms of one matrix over the same edges. */
export interface WeightHistograms {
  /** Ascending and symmetric around 0; bin i holds values from edge i on, below edge i + 1, the last one with its upper edge. */
  edges: Float64Array; // [bins + 1]
  before: WeightCounts;
  after: WeightCounts;
  /** Null without a LoRA. */
  merged: WeightCounts | null;
}

const NUM_BINS = 60;

/**
 * Histograms of a matrix before and after a recipe and with a LoRA merged into it, over edges that reach to the largest absolute weight of the
 * three. Zeros are counted apart: half of all weights in one bin would leave the others too low to read. Values that are not finite are in no bin.
 */
export function toHistograms({ before, after, lora }: MatrixReport, bins: number = NUM_BINS): WeightHistograms {
  const matrices = [before.weight, after.weight, ...(lora === null ? [] : [lora.merged])];
  const largest = Math.max(...matrices.map(largestOf)) || 1; // any width shows that all are 0
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => ((2 * i) / bins - 1) * largest);
  const count = (weights: Float32Array) => countByBin(weights, largest, bins);
  return {
    edges,
    before: count(before.weight),
    after: count(after.weight),
    merged: lora === null ? null : count(lora.merged),
  };
}

/** Zeros that a merge leaves, and those of `after` that it fills; null without a LoRA. */
export function countFilledZeros({ after, lora }: MatrixReport): { left: number; filled: number } | null {
  if (lora === null) return null;
  let filled = 0;
  for (let i = 0; i < lora.merged.length; i++) if (after.weight[i] === 0 && lora.merged[i] !== 0) filled++;
  return { left: countZeros(lora.merged), filled };
}

/** A part of a matrix. */
export interface MatrixWindow {
  row: number;
  column: number;
  rows: number;
  columns: number;
}

/** Shares of zeros, block by block. */
export interface ZeroMap {
  rows: number;
  columns: number;
  shares: Float32Array; // [rows, columns], each in [0, 1]
}

/**
 * The sparsity pattern of a window of a matrix `[out, in]` as a map of so many blocks at most: the share of zeros in each. Blocks are alike to
 * within one row and one column; where the window has fewer weights than blocks, every weight is a block. The window is cut to the matrix; an
 * empty one gives an empty map.
 */
export function toZeroMap(
  { shape: [out, inputs], weight }: MatrixReport['before'],
  window: MatrixWindow,
  most: { rows: number; columns: number },
): ZeroMap {
  const [top, left] = [clamp(window.row, out), clamp(window.column, inputs)];
  const height = clamp(window.row + window.rows, out) - top;
  const width = clamp(window.column + window.columns, inputs) - left;
  const [rows, columns] = [Math.min(most.rows, height), Math.min(most.columns, width)];
  const [zeros, sizes] = [new Float32Array(rows * columns), new Float32Array(rows * columns)];
  for (let i = 0; i < height; i++) {
    const row = Math.floor((i * rows) / height);
    for (let j = 0; j < width; j++) {
      const block = row * columns + Math.floor((j * columns) / width);
      sizes[block] = (sizes[block] ?? 0) + 1;
      if (weight[(top + i) * inputs + left + j] === 0) zeros[block] = (zeros[block] ?? 0) + 1;
    }
  }
  return { rows, columns, shares: zeros.map((count, block) => count / (sizes[block] ?? 1)) };
}

/** Bins of one width from `-largest` to `largest`. */
function countByBin(weights: Float32Array, largest: number, bins: number): WeightCounts {
  const counts = new Int32Array(bins);
  const perValue = bins / (2 * largest);
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] ?? 0;
    if (weight === 0 || !Number.isFinite(weight)) continue;
    const bin = Math.min(bins - 1, Math.floor((weight + largest) * perValue));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { counts, zeros: countZeros(weights), total: weights.length };
}

function countZeros(weights: Float32Array): number {
  let zeros = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i] === 0) zeros++;
  return zeros;
}

function largestOf(weights: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < weights.length; i++) {
    const size = Math.abs(weights[i] ?? 0);
    if (size > largest && size < Number.POSITIVE_INFINITY) largest = size;
  }
  return largest;
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}
