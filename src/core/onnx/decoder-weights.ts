import type { Checkpoint, ModelConfig } from '../checkpoint/checkpoint.ts';
import type { VariantMatrix } from '../compress/variant.ts';
import { AppError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { DECODER_INPUTS } from './decoder-spec.ts';
import { weightInputs } from './linear.ts';
import { normNames } from './llama-decoder.ts';
import { packMatrix, transpose } from './weight-format.ts';

/** Values of one weight of a decoder, under the name that its graph gives it. */
export interface DecoderWeight {
  name: string;
  type: 'float32' | 'uint8';
  shape: readonly number[];
  data: Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
}

/**
 * What every variant of a checkpoint shares: embeddings, head where it is not tied to them, norms, the rotation of positions
 * below `maxPosition` and the scale of queries. Throws `checkpoint-invalid` for a tensor that is not there.
 */
export function toSharedWeights(checkpoint: Checkpoint, maxPosition: number): DecoderWeight[] {
  const { config } = checkpoint;
  const stored = (name: string, tensorName: string): DecoderWeight => {
    return { name, type: 'float32', ...tensorOf(checkpoint, tensorName) };
  };
  const norms = Array.from({ length: config.numLayers }, (_, layer) => Object.values(normNames(layer))).flat();
  const { cos, sin } = rotaryTables(config, maxPosition);
  const shape = [maxPosition, config.headDim / 2];
  return [
    stored(DECODER_INPUTS.embedding, 'model.embed_tokens.weight'),
    ...(config.tieWordEmbeddings ? [] : [stored(DECODER_INPUTS.head, 'lm_head.weight')]),
    stored(DECODER_INPUTS.norm, 'model.norm.weight'),
    ...norms.map((name) => stored(name, name)),
    { name: DECODER_INPUTS.cos, type: 'float32', shape, data: cos },
    { name: DECODER_INPUTS.sin, type: 'float32', shape, data: sin },
    { name: DECODER_INPUTS.queryScale, type: 'float32', shape: [1], data: Float32Array.of(config.headDim ** -0.5) },
  ];
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
export function toMatrixWeights(module: string, matrix: VariantMatrix): DecoderWeight[] {
  const [out, inputs] = matrix.shape;
  const names = weightInputs(module);
  if (matrix.kind === 'dense') {
    return [{ name: names.dense, type: 'float32', shape: [inputs, out], data: transpose(matrix.weight, out, inputs) }];
  }
  const { codes, scales, zeroPoints } = packMatrix(matrix);
  const groups = inputs / matrix.groupSize;
  return [
    { name: names.codes, type: 'uint8', shape: [out, groups, codes.length / (out * groups)], data: codes },
    { name: names.scales, type: 'float32', shape: [out, groups], data: scales },
    { name: names.zeroPoints, type: 'uint8', shape: [out, zeroPoints.length / out], data: zeroPoints },
  ];
}
