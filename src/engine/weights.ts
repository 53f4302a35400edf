import { type Checkpoint, linearModules, type ModelConfig } from '../core/checkpoint/checkpoint.ts';
import type { Variant } from '../core/compress/variant.ts';
import { AppError } from '../core/errors.ts';
import { DECODER_INPUTS, type DecoderSizes } from '../core/onnx/decoder-spec.ts';
import { toSharedWeights, toVariantWeights } from '../core/onnx/decoder-weights.ts';
import { moduleShape, weightInputs } from '../core/onnx/linear.ts';
import { transpose } from '../core/onnx/weight-format.ts';
import type { Lora } from '../core/recover/repair.ts';
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
    return sizeBytesOf(this.tensors);
  }

  dispose(): void {
    for (const tensor of this.tensors.values()) tensor.dispose();
    this.tensors.clear();
  }
}

/** Bytes of the buffers of tensors, each counted once. */
export function sizeBytesOf(tensors: ReadonlyMap<string, OwnedTensor>): number {
  return [...new Set(tensors.values())].reduce((sum, tensor) => sum + tensor.sizeBytes, 0);
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

/** What every variant of a checkpoint shares: embeddings, head, last norm, and the rotation of positions below `maxPosition`. */
export function createSharedWeights(runtime: Runtime, checkpoint: Checkpoint, maxPosition: number): TensorSet {
  return createSet((set) => fillShared(set, runtime, checkpoint, maxPosition));
}

function fillShared(set: TensorSet, runtime: Runtime, checkpoint: Checkpoint, maxPosition: number): void {
  for (const { name, type, shape, data } of toSharedWeights(checkpoint, maxPosition)) {
    set.add(name, runtime.createTensor(type, shape, data()));
  }
  tieHead(set, checkpoint.config);
}

/** Where the head is tied to the embeddings, it reads the buffer that the set has for them. */
function tieHead(set: TensorSet, { tieWordEmbeddings }: ModelConfig): void {
  const table = set.tensors.get(DECODER_INPUTS.embedding);
  if (tieWordEmbeddings && table !== undefined) set.add(DECODER_INPUTS.head, table);
}

/** The norms, linear matrices and rounded embeddings of a variant, its input scales folded, in buffers of their own. */
export function createVariantWeights(runtime: Runtime, variant: Variant): TensorSet {
  return createSet((set) => {
    for (const { name, type, shape, data } of toVariantWeights(variant)) {
      set.add(name, runtime.createTensor(type, shape, data()));
    }
    tieHead(set, variant.checkpoint.config);
  });
}

/** Bytes of the set that `createVariantWeights` would make. */
export function variantWeightsSize(runtime: Runtime, variant: Variant): number {
  return toVariantWeights(variant).reduce((sum, { type, shape }) => sum + runtime.sizeBytesOf(type, shape), 0);
}

/** Puts another variant of the same format, its embeddings rounded or not alike, into the buffers of `set`; the next run sees it and no session is made. */
export function writeVariantWeights(set: TensorSet, variant: Variant): void {
  for (const { name, data } of toVariantWeights(variant)) set.get(name).write(data());
}

/** An unmerged LoRA as graph inputs for every linear matrix; the scale goes into B, and modules left alone get zeros. */
export function createLoraBranches(runtime: Runtime, sizes: DecoderSizes, { modules }: Lora): TensorSet {
  return createSet((set) => {
    for (const module of linearModules(sizes.config.numLayers)) {
      const [out, inputs] = moduleShape(module, sizes);
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
