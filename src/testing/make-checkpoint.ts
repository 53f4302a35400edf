import type { Checkpoint, ModelConfig } from '../core/checkpoint/checkpoint.ts';
import { tensorShapes } from '../core/checkpoint/shapes.ts';
import { normal, seededRandom } from '../core/random.ts';
import type { Tensor } from '../core/tensor/tensor.ts';

/** Sizes of a two-layer model with grouped-query attention; its head size differs from hidden / heads on purpose. */
export const TINY_CONFIG: ModelConfig = {
  vocabSize: 40,
  hiddenSize: 32,
  intermediateSize: 64,
  numLayers: 2,
  numHeads: 4,
  numKvHeads: 2,
  headDim: 16,
  ropeTheta: 10_000,
  normEps: 1e-5,
  tieWordEmbeddings: true,
  maxPositions: 64,
  bosTokenId: 0,
  eosTokenId: 1,
};

/** A checkpoint of seeded random weights: normal matrices, norms near 1. */
export function tinyCheckpoint(overrides: Partial<ModelConfig> = {}, seed = 1): Checkpoint {
  const config = { ...TINY_CONFIG, ...overrides };
  const random = seededRandom(seed);
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of tensorShapes(config)) {
    const isNorm = shape.length === 1;
    const size = shape.reduce((product, length) => product * length, 1);
    const data = Float32Array.from({ length: size }, () => (isNorm ? 1 : 0) + 0.25 * normal(random));
    tensors.set(name, { shape, data });
  }
  return { config, tensors };
}

/** Hugging Face's `config.json` of these sizes. */
export function toHfConfig(config: ModelConfig): Record<string, unknown> {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_act: 'silu',
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.numLayers,
    num_attention_heads: config.numHeads,
    num_key_value_heads: config.numKvHeads,
    head_dim: config.headDim,
    rope_theta: config.ropeTheta,
    rms_norm_eps: config.normEps,
    tie_word_embeddings: config.tieWordEmbeddings,
    max_position_embeddings: config.maxPositions,
    bos_token_id: config.bosTokenId,
    eos_token_id: config.eosTokenId,
  };
}

/** A value as the bytes of a JSON file. */
export function toJsonBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}
