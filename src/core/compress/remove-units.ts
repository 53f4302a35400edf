import { LINEAR_NAMES, type ModelConfig } from '../checkpoint/checkpoint.ts';
import { type KeptUnits, type LayerShape, type MatrixPart, partOf, toLayerShape } from '../checkpoint/layer-shape.ts';
import { roundToDtype } from '../tensor/half.ts';
import { dequantize } from './grid.ts';
import { entryOf } from './layer-matrices.ts';
import type { LayerOptions, Matrices } from './method.ts';
import { PATTERNS } from './pruning-amount.ts';
import { fitsPattern } from './score-mask.ts';
import type { DenseMatrix, QuantizedMatrix, VariantMatrix } from './variant.ts';

/** A layer with fewer units, and those of its matrices that became smaller. */
export interface SmallerLayer {
  shape: LayerShape;
  changes: readonly (readonly [module: string, matrix: VariantMatrix])[];
}

/** A layer with only some of its units left, numbered as they are now (null: all); the input is not mutated. */
export function removeUnits(
  matrices: Matrices,
  layer: LayerShape,
  left: KeptUnits,
  { config, dtype }: { config: ModelConfig } & Pick<LayerOptions, 'dtype'>,
): SmallerLayer {
  const shape = toLayerShape(config, {
    neurons: compose(layer.kept.neurons, left.neurons),
    kvHeads: compose(layer.kept.kvHeads, left.kvHeads),
  });
  const changes = LINEAR_NAMES.flatMap((name) => {
    const part = partOf(name, left, { ...layer, headDim: config.headDim });
    if (part.rows === null && part.columns === null) return [];
    const [module, matrix] = entryOf(matrices, name);
    return [[module, takePart(matrix, part, dtype)] as const];
  });
  return { shape, changes };
}

/** Units of the checkpoint that are left of those already `kept`. */
function compose(kept: readonly number[] | null, left: readonly number[] | null): readonly number[] | null {
  if (kept === null || left === null) return left ?? kept;
  return left.map((unit) => kept[unit] ?? 0);
}

/**
 * The rows and columns of a matrix that are left. A mask stays. A grid stays where columns do: without some of its columns a group
 * has another length, so the matrix becomes dense, with the values that its codes stood for, rounded to what dense weights are stored in.
 */
export function takePart(matrix: VariantMatrix, part: MatrixPart, dtype: LayerOptions['dtype']): VariantMatrix {
  if (matrix.kind === 'quantized' && part.columns === null) return takeRows(matrix, part);
  const weight = matrix.kind === 'dense' ? matrix.weight : roundToDtype(dequantize(matrix), dtype);
  return takeDense(matrix, weight, part);
}

function takeRows(matrix: QuantizedMatrix, { rows }: MatrixPart): QuantizedMatrix {
  const { codes, scales, zeroPoints, mask, groupSize } = matrix;
  const [out, inputs] = matrix.shape;
  const all = { rows, columns: null };
  const groups = inputs / groupSize;
  return {
    ...matrix,
    shape: [rows?.length ?? out, inputs],
    codes: takeValues(codes, inputs, all),
    scales: takeValues(scales, groups, all),
    zeroPoints: takeValues(zeroPoints, groups, all),
    mask: mask && takeValues(mask, inputs, all),
  };
}

function takeDense(matrix: VariantMatrix, weight: Float32Array<ArrayBuffer>, part: MatrixPart): DenseMatrix {
  const [out, inputs] = matrix.shape;
  const shape = [part.rows?.length ?? out, part.columns?.length ?? inputs] as const;
  const mask = matrix.mask && takeValues(matrix.mask, inputs, part);
  const followed = matrix.pattern;
  const isFollowed =
    mask !== null && followed !== null && shape[1] % PATTERNS[followed].of === 0 && fitsPattern(mask, followed);
  return {
    kind: 'dense',
    shape,
    weight: takeValues(weight, inputs, part),
    mask,
    pattern: isFollowed ? followed : null,
  };
}

type Values = Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** The part of values `[rows, width]`, in a new array. */
export function takeValues<T extends Values>(values: T, width: number, { rows, columns }: MatrixPart): T {
  const numRows = rows?.length ?? values.length / width;
  const numColumns = columns?.length ?? width;
  const part = values.slice(0, numRows * numColumns) as T;
  for (let row = 0; row < numRows; row++) {
    const from = (rows === null ? row : (rows[row] ?? 0)) * width;
    for (let column = 0; column < numColumns; column++) {
      const at = from + (columns === null ? column : (columns[column] ?? 0));
      part[row * numColumns + column] = values[at] ?? 0;
    }
  }
  return part;
}
