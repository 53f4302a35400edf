import { linearModules } from '../checkpoint/checkpoint.ts';
import type { LayerSizes } from '../checkpoint/layer-shape.ts';
import { checkGroups } from '../compress/grid.ts';
import { packBits } from '../compress/pack-bits.ts';
import { runtimeBits } from '../compress/size.ts';
import type { QuantizedMatrix, Variant, VariantMatrix } from '../compress/variant.ts';
import { AppError } from '../errors.ts';

/** How one linear matrix is held at run time: float32 `[in, out]`, or packed codes for MatMulNBits. */
export type MatrixFormat = { kind: 'dense' } | { kind: 'nbits'; bits: RuntimeBits; groupSize: number };

/** Widths that MatMulNBits runs; 3-bit codes go into a 4-bit container. */
export type RuntimeBits = 2 | 4 | 8;

/** Sizes and format of all linear matrices. A session belongs to one of these. */
export interface WeightFormat {
  layers: readonly LayerSizes[];
  /** By module name; what is not there is dense. */
  matrices: ReadonlyMap<string, MatrixFormat>;
}

/** All matrices of layers of these sizes in float32. */
export function denseFormat(layers: readonly LayerSizes[]): WeightFormat {
  return { layers, matrices: new Map(linearModules(layers.length).map((module) => [module, { kind: 'dense' }])) };
}

/** The format that the matrices of a variant run in, its input scales folded. */
export function toWeightFormat(variant: Variant): WeightFormat {
  const matrices = new Map([...variant.matrices].map(([module, matrix]) => [module, toMatrixFormat(matrix)]));
  return { layers: variant.layers, matrices };
}

/** Equal for equal formats of one model; names a session. */
export function toFormatKey({ layers, matrices }: WeightFormat): string {
  const sizes = layers.map(({ numKvHeads, intermediateSize }) => `${numKvHeads}x${intermediateSize}`);
  const formats = [...matrices.values()].map((f) => (f.kind === 'dense' ? 'd' : `${f.bits}g${f.groupSize}`));
  return `${joinUnlessEqual(sizes)} ${joinUnlessEqual(formats)}`;
}

function joinUnlessEqual(parts: readonly string[]): string {
  return parts.every((part) => part === parts[0]) ? (parts[0] ?? '') : parts.join(',');
}

function toMatrixFormat(matrix: VariantMatrix): MatrixFormat {
  if (matrix.kind === 'dense') return { kind: 'dense' };
  return { kind: 'nbits', bits: runtimeBits(matrix.bits), groupSize: matrix.groupSize };
}

/** A quantized matrix in the layout of `com.microsoft.MatMulNBits`; codes and zero points with the low bits first. */
export interface PackedMatrix {
  codes: Uint8Array<ArrayBuffer>; // [out, groups, groupSize * bits / 8]
  scales: Float32Array<ArrayBuffer>; // [out, groups]
  zeroPoints: Uint8Array<ArrayBuffer>; // [out, ceil(groups * bits / 8)]
}

/** Packs codes and zero points row by row; 3 bits take 4. Input scales have no place in it: `foldInputScales` comes first. */
export function packMatrix(matrix: QuantizedMatrix): PackedMatrix {
  if (matrix.inputScales !== null) throw new AppError('internal', 'A matrix with input scales cannot be packed.');
  const [out, inputs] = matrix.shape;
  checkGroups(inputs, matrix.groupSize);
  const bits = runtimeBits(matrix.bits);
  const groups = inputs / matrix.groupSize;
  return {
    codes: packRows(matrix.codes, out, inputs, bits),
    scales: matrix.scales,
    zeroPoints: packRows(matrix.zeroPoints, out, groups, bits),
  };
}

/** Packs each row of `values` `[rows, columns]` into `ceil(columns * bits / 8)` bytes, low bits first. */
function packRows(values: Uint8Array, rows: number, columns: number, bits: RuntimeBits): Uint8Array<ArrayBuffer> {
  const rowBytes = Math.ceil((columns * bits) / 8);
  const packed = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row++) {
    packed.set(packBits(values.subarray(row * columns, (row + 1) * columns), bits), row * rowBytes);
  }
  return packed;
}

/** `[out, in]` to `[in, out]`, as MatMul takes it. */
export function transpose(weight: Float32Array, out: number, inputs: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(weight.length);
  for (let row = 0; row < out; row++) {
    for (let column = 0; column < inputs; column++) result[column * out + row] = weight[row * inputs + column] ?? 0;
  }
  return result;
}
