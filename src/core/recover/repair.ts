import type { Tensor } from '../tensor/tensor.ts';

/** A trained artefact of a recovery, checked against the model it is for. */
export type Repair = SoftPrompt | Prefix | Lora | Pool;

/** Vectors that stand in place of token embeddings before the context. */
export interface SoftPrompt {
  kind: 'prompt';
  vectors: Tensor; // [numVectors, hiddenSize]
}

/** Keys and values that every layer finds before the context; the keys carry no rotation. */
export interface Prefix {
  kind: 'prefix';
  numVectors: number;
  layers: readonly KeyValue[];
}

/** Keys and values of one layer. */
export interface KeyValue {
  keys: Float32Array<ArrayBuffer>; // [numKvHeads, length, headDim]
  values: Float32Array<ArrayBuffer>; // [numKvHeads, length, headDim]
}

/** Low-rank changes of linear matrices, by module name. */
export interface Lora {
  kind: 'lora';
  modules: ReadonlyMap<string, LoraModule>;
}

/** `W' = W + scale * B A`. */
export interface LoraModule {
  r: number;
  scale: number;
  a: Float32Array<ArrayBuffer>; // [r, in]
  b: Float32Array<ArrayBuffer>; // [out, r]
  shape: readonly [out: number, inputs: number];
}

/** Soft prompts to choose from; prompt i of n_i vectors stands at `start - n_i .. start - 1`, the context begins at `start`. */
export interface Pool {
  kind: 'pool';
  prompts: readonly SoftPrompt[];
  /** Length of the longest prompt. */
  start: number;
}

/** Number of vectors of a soft prompt. */
export function promptLength({ vectors }: SoftPrompt): number {
  return vectors.shape[0] ?? 0;
}

/** Parameters that a repair adds to its model. */
export function countParameters(repair: Repair): number {
  switch (repair.kind) {
    case 'prompt':
      return repair.vectors.data.length;
    case 'prefix':
      return repair.layers.reduce((sum, { keys, values }) => sum + keys.length + values.length, 0);
    case 'lora':
      return [...repair.modules.values()].reduce((sum, { a, b }) => sum + a.length + b.length, 0);
    case 'pool':
      return repair.prompts.reduce((sum, prompt) => sum + countParameters(prompt), 0);
    default:
      return repair satisfies never;
  }
}
