import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { LayerShape } from '../checkpoint/layer-shape.ts';

/** Bits of a code. */
export type Bits = 2 | 3 | 4 | 8;
/** Inputs of one output row that share a scale. */
export type GroupSize = 16 | 32 | 64 | 128;
/** `N:M`: of every M neighbouring inputs of a row, N weights are kept. */
export type Pattern = '1:4' | '2:4' | '4:8';

/** A linear matrix after a recipe. */
export type VariantMatrix = DenseMatrix | QuantizedMatrix;

export interface DenseMatrix {
  kind: 'dense';
  shape: readonly [out: number, inputs: number];
  weight: Float32Array<ArrayBuffer>; // [out, in]
  /** 1 where a pruning step kept the weight; null where nothing was pruned. */
  mask: Uint8Array<ArrayBuffer> | null; // [out, in]
  /** The pattern that the mask follows exactly, in every group; null where it follows none. */
  pattern: Pattern | null;
}

export interface QuantizedMatrix {
  kind: 'quantized';
  shape: readonly [out: number, inputs: number];
  bits: Bits;
  groupSize: GroupSize;
  symmetric: boolean;
  scaleDtype: 'F16' | 'F32';
  codes: Uint8Array<ArrayBuffer>; // [out, in], one code a byte
  scales: Float32Array<ArrayBuffer>; // [out, in / groupSize]
  /** What the weights were multiplied by before they were rounded (awq), or null: the codes stand for `W * inputScales`. */
  inputScales: Float32Array<ArrayBuffer> | null; // [in], F16 values
  zeroPoints: Uint8Array<ArrayBuffer>; // [out, in / groupSize]
  /** 1 where no pruning step, before or after this one, removed the weight; its code is the zero point elsewhere. */
  mask: Uint8Array<ArrayBuffer> | null; // [out, in]
  /** The pattern that the mask follows exactly, in every group; null where it follows none. */
  pattern: Pattern | null;
}

/** A checkpoint after a recipe: the linear matrices, and embeddings that were rounded, by module name; all else is the checkpoint's own. */
export interface Variant {
  checkpoint: Checkpoint;
  /** What is left of each layer; the matrices have these sizes, whatever the config says. */
  layers: readonly LayerShape[];
  matrices: ReadonlyMap<string, VariantMatrix>;
  /** The embeddings, and a head that is not tied to them, `[vocabSize, hiddenSize]`, where a step rounded them; empty where none did. */
  embeddings: ReadonlyMap<string, QuantizedMatrix>;
}
