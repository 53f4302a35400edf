import { type Checkpoint, linearModules, type ModelConfig } from '../core/checkpoint/checkpoint.ts';
import type { VariantMatrix } from '../core/compress/variant.ts';
import { AppError } from '../core/errors.ts';
import { DECODER_INPUTS } from '../core/onnx/decoder-spec.ts';
import { moduleShape, weightInputs } from '../core/onnx/linear.ts';
import { normNames } from '../core/onnx/llama-decoder.ts';
import { packMatrix, transpose } from '../core/onnx/weight-format.ts';
import type { Lora } from '../core/recover/repair.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import type { OwnedTensor, Runtime } from './session.ts';

/** Tensors by graph input that are released together. */
export class TensorSet {
  readonly tensors = new Map<string, OwnedTensor>();

  add(name: string, tensor: OwnedTensor): void {
    this.tensors.set(name, tensor);
  }

  get(name: string): OwnedTensor {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw new AppError('internal', `There is no tensor ${name}.`, { name });
    return tensor;
  }

  /** Bytes of the buffers, each counted once. */
  get sizeBytes(): number {
    return [...new Set(this.tensors.values())].reduce((sum, tensor) => sum + tensor.sizeBytes, 0);
  }

  dispose(): void {
    for (const tensor of this.tensors.values()) tensor.dispose();
    this.tensors.clear();
  }
}

/** A set that `fill` makes; what it made is released where it throws. */
function createSet(fill: (set: TensorSet) => void): TensorSet {
  const set = new TensorSet();
  try {
    fill(set);
  } catch (error) {
    set.dispose();
    throw error;
  }
  return set;
}

/** What every variant of a checkpoint shares: embeddings, head, norms, and the rotation of positions below `maxPosition`. */
export function createSharedWeights(runtime: Runtime, checkpoint: Checkpoint, maxPosition: number): TensorSet {
  return createSet((set) => fillShared(set, runtime, checkpoint, maxPosition));
}

function fillShared(set: TensorSet, runtime: Runtime, checkpoint: Checkpoint, maxPosition: number): void {
  const { config } = checkpoint;
  const upload = (input: string, name: string) => {
    const tensor = tensorOf(checkpoint, name);
    set.add(input, runtime.createTensor('float32', tensor.shape, tensor.data));
  };
  upload(DECODER_INPUTS.embedding, 'model.embed_tokens.weight');
  if (config.tieWordEmbeddings) set.add(DECODER_INPUTS.head, set.get(DECODER_INPUTS.embedding));
  else upload(DECODER_INPUTS.head, 'lm_head.weight');
  upload(DECODER_INPUTS.norm, 'model.norm.weight');
  for (let layer = 0; layer < config.numLayers; layer++) {
    const names = normNames(layer);
    upload(names.input, names.input);
    upload(names.post, names.post);
  }
  const { cos, sin } = rotaryTables(config, maxPosition);
  const shape = [maxPosition, config.headDim / 2];
  set.add(DECODER_INPUTS.cos, runtime.createTensor('float32', shape, cos));
  set.add(DECODER_INPUTS.sin, runtime.createTensor('float32', shape, sin));
  const scale = Float32Array.of(1 / Math.sqrt(config.headDim));
  set.add(DECODER_INPUTS.queryScale, runtime.createTensor('float32', [1], scale));
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

/** The linear matrices of a variant, in buffers of their own. */
export function createMatrices(runtime: Runtime, matrices: ReadonlyMap<string, VariantMatrix>): TensorSet {
  return createSet((set) => {
    for (const [module, matrix] of matrices) {
      for (const { name, type, shape, data } of toTensors(module, matrix)) {
        set.add(name, runtime.createTensor(type, shape, data));
      }
    }
  });
}

/** Puts other matrices of the same format into the buffers of `set`; the next run sees them and no session is made. */
export function writeMatrices(set: TensorSet, matrices: ReadonlyMap<string, VariantMatrix>): void {
  for (const [module, matrix] of matrices) {
    for (const { name, data } of toTensors(module, matrix)) set.get(name).write(data);
  }
}

function toTensors(module: string, matrix: VariantMatrix) {
  const [out, inputs] = matrix.shape;
  const names = weightInputs(module);
  if (matrix.kind === 'dense') {
    return [
      { name: names.dense, type: 'float32', shape: [inputs, out], data: transpose(matrix.weight, out, inputs) },
    ] as const;
  }
  const { codes, scales, zeroPoints } = packMatrix(matrix);
  const groups = inputs / matrix.groupSize;
  return [
    { name: names.codes, type: 'uint8', shape: [out, groups, codes.length / (out * groups)], data: codes },
    { name: names.scales, type: 'float32', shape: [out, groups], data: scales },
    { name: names.zeroPoints, type: 'uint8', shape: [out, zeroPoints.length / out], data: zeroPoints },
  ] as const;
}

/** An unmerged LoRA as graph inputs for every linear matrix; the scale goes into B, and modules left alone get zeros. */
export function createLoraBranches(runtime: Runtime, config: ModelConfig, { modules }: Lora): TensorSet {
  return createSet((set) => {
    for (const module of linearModules(config.numLayers)) {
      const [out, inputs] = moduleShape(module, config);
      const lora = modules.get(module);
      const rank = lora?.r ?? 1;
      const a = lora === undefined ? null : transpose(lora.a, rank, inputs);
      const b = lora === undefined ? null : transpose(lora.b, out, rank).map((value) => value * lora.scale);
      const names = weightInputs(module);
      set.add(names.loraA, runtime.createTensor('float32', [inputs, rank], a));
      set.add(names.loraB, runtime.createTensor('float32', [rank, out], b));
    }
  });
}
