import type { KeptUnits } from '../checkpoint/layer-shape.ts';
import type { TensorToStore } from '../safetensors/build.ts';
import { fromFloat32 } from '../tensor/convert.ts';
import { countOnes, toCodeEncoding } from './code-encoding.ts';
import { packBits } from './pack-bits.ts';
import { PATTERNS } from './pruning-amount.ts';
import { storedBytes } from './size.ts';
import type { DenseMatrix, QuantizedMatrix, VariantMatrix } from './variant.ts';

/** Names of a module's tensors in a compressed checkpoint. */
export function storedNames(module: string) {
  return {
    weight: `${module}.weight`, // values: all of them, or those that are kept
    mask: `${module}.mask`,
    indices: `${module}.indices`, // the place of each kept weight in its group
    codes: `${module}.qweight`, // codes: all of them, or those that are kept
    scales: `${module}.scales`,
    zeroPoints: `${module}.qzeros`,
    inputScales: `${module}.input_scales`, // [in]
  } as const;
}

/** Names of a layer's tensors in a compressed checkpoint: the units that are left, where some are gone. */
export function keptNames(layer: number) {
  return { neurons: `model.layers.${layer}.kept_neurons`, kvHeads: `model.layers.${layer}.kept_heads` } as const;
}

/** Units that are left as tensors of a compressed checkpoint, I32 `[units]`. */
export function toKeptTensors(layer: number, kept: KeptUnits): readonly (readonly [string, TensorToStore])[] {
  return (['neurons', 'kvHeads'] as const).flatMap((units) => {
    const left = kept[units];
    return left === null ? [] : [[keptNames(layer)[units], toIntegers(left)] as const];
  });
}

function toIntegers(values: readonly number[]): TensorToStore {
  return { dtype: 'I32', shape: [values.length], bytes: () => new Uint8Array(Int32Array.from(values).buffer) };
}

/**
 * A matrix as the tensors of a compressed checkpoint (`docs/pack-format.md`), in the encoding that `storedBytes` counts;
 * bytes are made when a file is written. `dtype` is that of dense and kept values.
 */
export function toStoredTensors(
  module: string,
  matrix: VariantMatrix,
  dtype: 'F16' | 'F32',
): readonly (readonly [name: string, tensor: TensorToStore])[] {
  return matrix.kind === 'dense' ? toDenseTensors(module, matrix, dtype) : toQuantizedTensors(module, matrix);
}

function toDenseTensors(module: string, matrix: DenseMatrix, dtype: 'F16' | 'F32') {
  const names = storedNames(module);
  const { weight, mask, pattern, shape } = matrix;
  // Where a mask and the kept values would take more than all values do, all values are stored.
  if (mask === null || storedBytes(matrix, dtype) === storedBytes({ ...matrix, mask: null, pattern: null }, dtype)) {
    return [[names.weight, toFloats(weight, shape, dtype)]] as const;
  }
  const numKept = countOnes(mask);
  const kept = () => weight.filter((_, i) => mask[i] === 1);
  const values = [names.weight, { dtype, shape: [numKept], bytes: () => fromFloat32(kept(), dtype) }] as const;
  if (pattern === null) return [[names.mask, toStream(mask, 1)], values] as const;
  return [[names.indices, toIndices(mask, PATTERNS[pattern].of)], values] as const;
}

/** The place of each kept weight in its group of `of` neighbours, ascending. */
function toIndices(mask: Uint8Array, of: number): TensorToStore {
  const places: number[] = [];
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1) places.push(i % of);
  return toStream(Uint8Array.from(places), Math.log2(of));
}

function toQuantizedTensors(module: string, matrix: QuantizedMatrix) {
  const { zeroPoints, scales, bits, symmetric, scaleDtype, groupSize, inputScales } = matrix;
  const [out, inputs] = matrix.shape;
  const names = storedNames(module);
  const tensors: [string, TensorToStore][] = [
    ...toCodeTensors(module, matrix),
    [names.scales, toFloats(scales, [out, inputs / groupSize], scaleDtype)],
  ];
  if (!symmetric) tensors.push([names.zeroPoints, toStream(zeroPoints, bits)]);
  if (inputScales !== null) tensors.push([names.inputScales, toFloats(inputScales, [inputs], 'F16')]);
  return tensors;
}

/** The codes in their smallest encoding, and where they stand if it leaves some out. */
function toCodeTensors(module: string, matrix: QuantizedMatrix): [string, TensorToStore][] {
  const { codes, bits } = matrix;
  const names = storedNames(module);
  const encoding = toCodeEncoding(matrix);
  if (encoding.kind === 'all') return [[names.codes, toStream(codes, bits)]];
  const { kept } = encoding;
  const shape = [Math.ceil((countOnes(kept) * bits) / 8)];
  const bytes = () =>
    packBits(
      codes.filter((_, i) => kept[i] === 1),
      bits,
    );
  return [
    encoding.kind === 'mask' ? [names.mask, toStream(kept, 1)] : [names.indices, toIndices(kept, encoding.of)],
    [names.codes, { dtype: 'U8', shape, bytes }],
  ];
}

function toStream(values: Uint8Array, bits: number): TensorToStore {
  return { dtype: 'U8', shape: [Math.ceil((values.length * bits) / 8)], bytes: () => packBits(values, bits) };
}

function toFloats(values: Float32Array, shape: readonly number[], dtype: 'F16' | 'F32'): TensorToStore {
  return { dtype, shape, bytes: () => fromFloat32(values, dtype) };
}
