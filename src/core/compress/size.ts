import { DTYPE_BYTES } from '../tensor/convert.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { countOnes, toCodeEncoding, toNonZeros } from './code-encoding.ts';
import { PATTERNS } from './pruning-amount.ts';
import type { Bits, DenseMatrix, QuantizedMatrix, Variant, VariantMatrix } from './variant.ts';

/** What a variant's weights take in an encoding that exists. */
export interface VariantSize {
  /** All weights: linear matrices and rounded embeddings as `storedBytes` counts them, all else dense, and which units are left where some are gone. */
  storedBytes: number;
  /** The linear matrices alone. */
  linearBytes: number;
  /** Stored bits per weight of the linear matrices; masks, scales and zero points included. */
  bitsPerWeight: number;
  /** Share of zeros in the linear matrices. */
  sparsity: number;
  /** Weights of the linear matrices. */
  linearParameters: number;
  parameters: number;
}

/** Bits of a code at run time: kernels exist for 2, 4 and 8 bits, so 3-bit codes are stored as 3 and run as 4. */
export function runtimeBits(bits: Bits): 2 | 4 | 8 {
  return bits === 3 ? 4 : bits;
}

/** Sizes of a variant; `denseDtype` is what dense values are stored in. */
export function variantSize(variant: Variant, denseDtype: 'F16' | 'F32'): VariantSize {
  const { layers, matrices, embeddings } = variant;
  let linearBytes = 0;
  let linearParameters = 0;
  let zeros = 0;
  for (const matrix of matrices.values()) {
    linearBytes += storedBytes(matrix, denseDtype);
    linearParameters += matrix.shape[0] * matrix.shape[1];
    zeros += countZeros(matrix);
  }
  let [embeddingBytes, embeddingParameters] = [0, 0];
  for (const table of embeddings.values()) {
    embeddingBytes += storedBytes(table, denseDtype);
    embeddingParameters += table.codes.length;
  }
  let otherParameters = 0;
  for (const { data } of untouchedTensors(variant).values()) otherParameters += data.length;
  const numKept = layers.reduce((sum, { kept }) => sum + (kept.neurons?.length ?? 0) + (kept.kvHeads?.length ?? 0), 0);
  return {
    storedBytes: linearBytes + embeddingBytes + otherParameters * DTYPE_BYTES[denseDtype] + numKept * DTYPE_BYTES.I32,
    linearBytes,
    bitsPerWeight: (8 * linearBytes) / linearParameters,
    sparsity: zeros / linearParameters,
    linearParameters,
    parameters: linearParameters + embeddingParameters + otherParameters,
  };
}

/** The checkpoint's tensors that a variant has nothing in the place of: norms, and embeddings and head where no step rounded them. */
export function untouchedTensors({ checkpoint, matrices, embeddings }: Variant): ReadonlyMap<string, Tensor> {
  const isUntouched = (module: string) => !(matrices.has(module) || embeddings.has(module));
  return new Map([...checkpoint.tensors].filter(([name]) => isUntouched(name.replace(/\.weight$/, ''))));
}

/** Bytes of one matrix as a compressed checkpoint stores it, in the form that its values and its pruning call for. */
export function storedBytes(matrix: VariantMatrix, denseDtype: 'F16' | 'F32'): number {
  return matrix.kind === 'dense' ? denseBytes(matrix, denseDtype) : quantizedBytes(matrix);
}

/**
 * Dense values; or, where pruned and smaller, one bit per weight and the values that are kept;
 * or, where the mask follows N:M, each kept value and its place in its group, `log2 M` bits (for 4:8 half a bit a weight
 * more than a mask; places are what N:M kernels read).
 */
function denseBytes({ weight, mask, pattern }: DenseMatrix, dtype: 'F16' | 'F32'): number {
  const dense = weight.length * DTYPE_BYTES[dtype];
  if (mask === null) return dense;
  const kept = countOnes(mask);
  const placeBits = pattern === null ? mask.length : kept * Math.log2(PATTERNS[pattern].of);
  return Math.min(dense, Math.ceil(placeBits / 8) + kept * DTYPE_BYTES[dtype]);
}

/** Codes in their smallest encoding, scales, scales of the inputs in F16 where there are any, and, unless the grid is symmetric, zero points as a stream. */
function quantizedBytes(matrix: QuantizedMatrix): number {
  const { scales, zeroPoints, bits, symmetric, scaleDtype, inputScales } = matrix;
  const zeroPointBytes = symmetric ? 0 : Math.ceil((zeroPoints.length * bits) / 8);
  const scaleBytes = scales.length * DTYPE_BYTES[scaleDtype] + (inputScales?.length ?? 0) * DTYPE_BYTES.F16;
  return toCodeEncoding(matrix).sizeBytes + scaleBytes + zeroPointBytes;
}

/** Weights of a matrix that are exactly zero, pruned or not. */
export function countZeros(matrix: VariantMatrix): number {
  if (matrix.kind === 'quantized') return matrix.codes.length - countOnes(toNonZeros(matrix));
  const { weight } = matrix;
  let zeros = 0;
  for (let i = 0; i < weight.length; i++) if (weight[i] === 0) zeros += 1;
  return zeros;
}
