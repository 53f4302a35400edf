import type { Tensor } from '../core/tensor/tensor.ts';

/** A trained repair, parsed: what its PEFT folder holds, in float32. */
export type RepairTensors =
  | { kind: 'prompt'; vectors: Tensor } // [n, hiddenSize]
  | { kind: 'pool'; prompts: readonly Tensor[] } // each [n_i, hiddenSize]
  | { kind: 'prefix'; vectors: Tensor } // [n, 2 * numLayers * numKvHeads * headDim]
  | { kind: 'lora'; modules: ReadonlyMap<string, LoraModule> };

/** One module's adapter: W' = W + scale * B A. */
export interface LoraModule {
  a: Tensor; // [r, in]
  b: Tensor; // [out, r]
  /** alpha / r, or alpha / sqrt(r) with rank-stabilized LoRA. */
  scale: number;
}
