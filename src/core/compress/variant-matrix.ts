import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { dequantize } from './grid.ts';
import { fitsPattern } from './score-mask.ts';
import type { DenseMatrix, Pattern, Variant, VariantMatrix } from './variant.ts';

/** The weights `[out, in]` that a matrix computes with; a dense matrix's own array, not a copy. */
export function toWeights(matrix: VariantMatrix): Float32Array<ArrayBuffer> {
  return matrix.kind === 'dense' ? matrix.weight : dequantize(matrix);
}

/**
 * A matrix with the weights that `mask` clears set to zero; a quantized one stays on its grid, which holds zero exactly.
 * `pattern` is the one that the mask was made by; what an earlier step removed may break it.
 */
export function pruneMatrix(
  matrix: VariantMatrix,
  mask: Uint8Array<ArrayBuffer>,
  pattern: Pattern | null = null,
): VariantMatrix {
  const kept = matrix.mask === null ? mask : mask.map((keep, i) => keep & (matrix.mask?.[i] ?? 1));
  const followed = [pattern, matrix.pattern].find((each) => each !== null && fitsPattern(kept, each)) ?? null;
  if (matrix.kind === 'dense') {
    const { weight, shape } = matrix;
    const pruned = new Float32Array(weight.length);
    for (let i = 0; i < weight.length; i++) pruned[i] = kept[i] === 1 ? (weight[i] ?? 0) : 0;
    return { kind: 'dense', shape, weight: pruned, mask: kept, pattern: followed };
  }
  const codes = matrix.codes.slice();
  for (let i = 0; i < codes.length; i++) {
    if (kept[i] === 0) codes[i] = matrix.zeroPoints[Math.floor(i / matrix.groupSize)] ?? 0;
  }
  return { ...matrix, codes, mask: kept, pattern: followed };
}

/** An uncompressed matrix around a checkpoint's own weights. */
export function toDenseMatrix(tensor: Tensor): DenseMatrix {
  const [out = 0, inputs = 0] = tensor.shape;
  return { kind: 'dense', shape: [out, inputs], weight: tensor.data, mask: null, pattern: null };
}

/** A variant's weights as a plain checkpoint, quantized matrices dequantized; where units are gone its tensors are smaller than its config says. */
export function toCheckpoint({ checkpoint, matrices, embeddings }: Omit<Variant, 'layers'>): Checkpoint {
  const tensors = new Map(checkpoint.tensors);
  for (const [module, matrix] of [...matrices, ...embeddings]) {
    tensors.set(`${module}.weight`, { shape: matrix.shape, data: toWeights(matrix) });
  }
  return { config: checkpoint.config, tensors };
}
