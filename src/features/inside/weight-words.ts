import type { MatrixReport } from '../../core/inside/capture.ts';
import { formatCount, UNKNOWN } from '../../ui/format.ts';

type Matrix = MatrixReport['before'];

/** A weight as it is printed: four significant digits, exact zero as such. */
export function formatWeight(weight: number): string {
  if (!Number.isFinite(weight)) return UNKNOWN;
  if (weight === 0) return '0';
  const size = Math.abs(weight);
  const text = size < 0.0001 ? weight.toExponential(2) : weight.toPrecision(4);
  return text.replaceAll('-', '−');
}

/** A border of a histogram's bin, short. */
export function formatEdge(edge: number): string {
  return String(Number(edge.toPrecision(2))).replace('-', '−');
}

/** `output 3, input 17: 0.01234`; outputs and inputs are counted from 1. */
export function toWeightText({ shape: [, inputs], weight }: Matrix, row: number, column: number): string {
  const value = weight[row * inputs + column];
  return `output ${formatCount(row + 1)}, input ${formatCount(column + 1)}: ${value === undefined ? UNKNOWN : formatWeight(value)}`;
}

/** The module as people name it: `Layer 1, up_proj`. */
export function toModuleName(module: string): string {
  const { layer, name } = splitModule(module);
  return `Layer ${layer + 1}, ${name.slice(name.lastIndexOf('.') + 1)}`;
}

/** `model.layers.0.mlp.up_proj` as layer 0 and `mlp.up_proj`. */
export function splitModule(module: string): { layer: number; name: string } {
  const [, layer = '0', name = module] = /^model\.layers\.(\d+)\.(.+)$/.exec(module) ?? [];
  return { layer: Number(layer), name };
}

/** The module of a name in a layer counted from 0. */
export function joinModule(layer: number, name: string): string {
  return `model.layers.${layer}.${name}`;
}

/**
 * Frobenius norm of what a merge adds and of the matrix it is added to (the recipe's), and their ratio; null where the shapes differ or a
 * weight is no number.
 */
export function toChange({
  after,
  lora,
}: MatrixReport): { change: number; matrix: number; ratio: number | null } | null {
  if (lora === null || lora.merged.length !== after.weight.length) return null;
  let change = 0;
  let matrix = 0;
  for (let i = 0; i < after.weight.length; i += 1) {
    const weight = after.weight[i] ?? Number.NaN;
    change += ((lora.merged[i] ?? Number.NaN) - weight) ** 2;
    matrix += weight ** 2;
  }
  if (!Number.isFinite(change) || !Number.isFinite(matrix)) return null;
  return {
    change: Math.sqrt(change),
    matrix: Math.sqrt(matrix),
    ratio: matrix > 0 ? Math.sqrt(change / matrix) : null,
  };
}
