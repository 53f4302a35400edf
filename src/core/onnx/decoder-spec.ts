import type { ModelConfig } from '../checkpoint/checkpoint.ts';
import { AppError } from '../errors.ts';
import type { WeightFormat } from './weight-format.ts';

/** What a decoder graph is made for; a session belongs to one of these. */
export interface DecoderSpec {
  config: ModelConfig;
  format: WeightFormat;
  /** Modules with a LoRA branch beside them. */
  loraModules: ReadonlySet<string>;
  /**
   * `fused` is GroupQueryAttention: one kernel and a static cache, for WebGPU. `plain` is MatMul and Softmax and a cache
   * that grows, for wasm, where the fused operator takes three to six times as long (22 of 33 ms at 128 tokens, 1.30.0).
   */
  attention: 'fused' | 'plain';
  /** Takes `attention_bias`; always so with plain attention, which does not hide later tokens by itself. */
  hasBias: boolean;
  /** Rows that run at once, 1 unless named; plain attention only. */
  batch?: 1 | 'batch_size';
}

/**
 * Added to the score of a key that a token must not see: no score of a model comes near it, so the probability is 0 whatever the visible
 * keys score, and float16 holds it too. A value such as -80 is slower (softmax and product of 256 tokens took 1.7 times as long), since the exponentials are denormal
 * numbers there; from -88 on ONNX Runtime's CPU kernels give an exact 0 (1.30.0).
 */
export const HIDDEN_SCORE = -1e4;

/** Names of graph inputs that are not linear weights. */
export const DECODER_INPUTS = {
  ids: 'input_ids', // int32 [1, S]
  positions: 'position_ids', // int64 [1, S]
  rows: 'logits_rows', // int32 [R], which of the S tokens get logits
  seqLens: 'seqlens_k', // int32 [1], total - 1; fused attention only
  total: 'total_sequence_length', // int32 [1], cached + S; fused attention only
  bias: 'attention_bias', // float32 [1, 1, S, total]
  embedding: 'model.embed_tokens.weight', // float32 [rows, hiddenSize]: the vocabulary, or the vectors of a soft prompt
  norm: 'model.norm.weight', // float32 [hiddenSize]
  head: 'lm_head.weight', // float32 [vocabSize, hiddenSize]
  cos: 'cos_cache', // float32 [maxPosition, headDim / 2]
  sin: 'sin_cache',
  queryScale: 'query_scale', // float32 [1], 1 / sqrt(headDim); plain attention only
} as const;

/** A layer's place, or `any` in a graph of one layer that serves all of its sizes. */
export type LayerPlace = number | 'any';

/** What the sizes of every layer follow from. */
export type DecoderSizes = Pick<DecoderSpec, 'config' | 'format'>;

/** The config with the sizes of one layer in it; throws `graph-invalid` for a layer that the format has not. */
export function layerConfig({ config, format }: DecoderSizes, layer: LayerPlace): ModelConfig {
  const sizes = format.layers[layer === 'any' ? 0 : layer];
  if (sizes === undefined) throw new AppError('graph-invalid', `The format has no layer ${layer}.`, { layer });
  const { numHeads, numKvHeads, intermediateSize } = sizes;
  return { ...config, numHeads, numKvHeads, intermediateSize };
}

/** Names of a layer's cache as input and as output. */
export function cacheNames(layer: number) {
  return {
    pastKey: `past_key_values.${layer}.key`,
    pastValue: `past_key_values.${layer}.value`,
    presentKey: `present.${layer}.key`,
    presentValue: `present.${layer}.value`,
  } as const;
}
