import type { Checkpoint, ModelConfig } from '../checkpoint/checkpoint.ts';
import { dequantize } from '../compress/grid.ts';
import { runtimeBits } from '../compress/size.ts';
import type { QuantizedMatrix, Variant, VariantMatrix } from '../compress/variant.ts';
import { AppError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { DECODER_INPUTS } from './decoder-spec.ts';
import { weightInputs } from './linear.ts';
import { normNames } from './llama-decoder.ts';
import { type PackedMatrix, packMatrix, transpose } from './weight-format.ts';

/** One weight of a decoder under the name that its graph gives it; its values are made when they are asked for. */
export interface DecoderWeight {
  name: string;
  type: 'float32' | 'uint8';
  shape: readonly number[];
  data: () => Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
}

/**
 * What every variant of a checkpoint shares: embeddings, head where it is not tied to them, the last norm, the rotation of
 * positions below `maxPosition` and the scale of queries. Throws `checkpoint-invalid` for a tensor that is not there.
 */
export function toSharedWeights(checkpoint: Checkpoint, maxPosition: number): DecoderWeight[] {
  const { config } = checkpoint;
  const { cos, sin } = rotaryTables(config, maxPosition);
  const shape = [maxPosition, config.headDim / 2];
  return [
    toStored(checkpoint, 'model.embed_tokens.weight', DECODER_INPUTS.embedding),
    ...(config.tieWordEmbeddings ? [] : [toStored(checkpoint, 'lm_head.weight', DECODER_INPUTS.head)]),
    toStored(checkpoint, 'model.norm.weight', DECODER_INPUTS.norm),
    { name: DECODER_INPUTS.cos, type: 'float32', shape, data: () => cos },
    { name: DECODER_INPUTS.sin, type: 'float32', shape, data: () => sin },
    {
      name: DECODER_INPUTS.queryScale,
      type: 'float32',
      shape: [1],
      data: () => Float32Array.of(config.headDim ** -0.5),
    },
  ];
}

/**
 * What is a variant's own, its input scales folded: the norms of its layers, which folding changes, the linear matrices, and embeddings
 * that were rounded, in float32. These stand under the names of the shared ones, and take their place.
 */
export function toVariantWeights({ checkpoint, matrices, embeddings }: Variant): DecoderWeight[] {
  const { numLayers } = checkpoint.config;
  const norms = Array.from({ length: numLayers }, (_, layer) => Object.values(normNames(layer))).flat();
  return [
    ...norms.map((name) => toStored(checkpoint, name, name)),
    ...[...matrices].flatMap(([module, matrix]) => toMatrixWeights(module, matrix)),
    ...[...embeddings].map(([module, table]) => toTable(module, table)),
  ];
}

/** A packed table would ask for a graph of its own: `Gather` reads rows of floats, and a tied head reads the same buffer. */
function toTable(module: string, table: QuantizedMatrix): DecoderWeight {
  return { name: `${module}.weight`, type: 'float32', shape: table.shape, data: () => dequantize(table) };
}

function toStored(checkpoint: Checkpoint, tensorName: string, name: string): DecoderWeight {
  const { shape, data } = tensorOf(checkpoint, tensorName);
  return { name, type: 'float32', shape, data: () => data };
}

/** A tensor of the checkpoint by its name; throws `checkpoint-invalid`. */
export function tensorOf(checkpoint: Checkpoint, name: string): Tensor {
  const tensor = checkpoint.tensors.get(name);
  if (tensor !== undefined) return tensor;
  throw new AppError('checkpoint-invalid', `The checkpoint has no tensor ${name}.`, { tensor: name });
}

/** Cosines and sines `[maxPosition, headDim / 2]`: angle(p, j) = p * theta^(-2j / headDim) (Su et al. 2021, 2104.09864). */
export function rotaryTables(config: ModelConfig, maxPosition: number) {
  const half = config.headDim / 2;
  const cos = new Float32Array(maxPosition * half);
  const sin = new Float32Array(maxPosition * half);
  for (let j = 0; j < half; j++) {
    const frequency = config.ropeTheta ** ((-2 * j) / config.headDim);
    for (let p = 0; p < maxPosition; p++) {
      cos[p * half + j] = Math.cos(p * frequency);
      sin[p * half + j] = Math.sin(p * frequency);
    }
  }
  return { cos, sin };
}

/** One linear matrix in the layout of its format: dense values `[in, out]`, or codes, scales and zero points of MatMulNBits. */
function toMatrixWeights(module: string, matrix: VariantMatrix): DecoderWeight[] {
  const [out, inputs] = matrix.shape;
  const names = weightInputs(module);
  if (matrix.kind === 'dense') {
    const data = () => transpose(matrix.weight, out, inputs);
    return [{ name: names.dense, type: 'float32', shape: [inputs, out], data }];
  }
  const { groupSize, scales } = matrix;
  const bits = runtimeBits(matrix.bits);
  const groups = inputs / groupSize;
  let packed: PackedMatrix | null = null;
  const pack = () => {
    packed ??= packMatrix(matrix);
    return packed;
  };
  const codeShape = [out, groups, (groupSize * bits) / 8];
  const zeroShape = [out, Math.ceil((groups * bits) / 8)];
  return [
    { name: names.codes, type: 'uint8', shape: codeShape, data: () => pack().codes },
    { name: names.scales, type: 'float32', shape: [out, groups], data: () => scales },
    { name: names.zeroPoints, type: 'uint8', shape: zeroShape, data: () => pack().zeroPoints },
  ];
}
