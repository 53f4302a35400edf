import type { Tensor } from '../tensor/tensor.ts';

/** Sizes of a Llama-architecture model, in the field's terms. */
export interface ModelConfig {
  vocabSize: number;
  hiddenSize: number;
  intermediateSize: number;
  numLayers: number;
  numHeads: number;
  numKvHeads: number;
  headDim: number;
  ropeTheta: number;
  normEps: number;
  tieWordEmbeddings: boolean;
  /** Longest sequence the model was made for, in tokens. */
  maxPositions: number;
  bosTokenId: number;
  eosTokenId: number;
}

/** A checkpoint in memory: float32 tensors by their Hugging Face names, linear weights `[out, in]`. */
export interface Checkpoint {
  config: ModelConfig;
  tensors: ReadonlyMap<string, Tensor>;
}

/** The seven linear matrices of a layer, in the order everything that walks them uses. */
export const LINEAR_NAMES = [
  'self_attn.q_proj',
  'self_attn.k_proj',
  'self_attn.v_proj',
  'self_attn.o_proj',
  'mlp.gate_proj',
  'mlp.up_proj',
  'mlp.down_proj',
] as const;

/** Module of the token embeddings. */
export const EMBEDDINGS = 'model.embed_tokens';

/** Modules with a row `[hiddenSize]` for every token: the embeddings, and the head where it is not tied to them. */
export function embeddingModules({ tieWordEmbeddings }: ModelConfig): readonly string[] {
  return tieWordEmbeddings ? [EMBEDDINGS] : [EMBEDDINGS, 'lm_head'];
}

/** Module names of all linear matrices, layer by layer: `model.layers.<i>.<name>`. */
export function linearModules(numLayers: number): string[] {
  return Array.from({ length: numLayers }, (_, i) => LINEAR_NAMES.map((name) => `model.layers.${i}.${name}`)).flat();
}
