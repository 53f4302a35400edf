import { AppError } from '../errors.ts';
import { isObject, show } from '../json.ts';
import type { ModelConfig } from './checkpoint.ts';

/** Largest sizes taken; each is above every published Llama checkpoint and keeps every product of two of them exact. */
const LIMITS = {
  vocabSize: 2 ** 20, // Llama 3 has 128,256
  width: 2 ** 17, // Llama 3.1 405B: hidden 16,384, intermediate 53,248
  layers: 512, // Llama 3.1 405B has 126
  heads: 1024, // Llama 3.1 405B has 128
  headDim: 1024, // 128 in nearly all
  positions: 2 ** 24, // a context of 10 million exists
} as const;

type Fields = Readonly<Record<string, unknown>>;

/** A Hugging Face `config.json` of a `LlamaForCausalLM`, checked; throws `checkpoint-invalid` for what this page cannot run. */
export function parseModelConfig(json: unknown): ModelConfig {
  if (!isObject(json)) return fail('config.json', show(json), 'an object');
  checkSupported(json);
  const hiddenSize = whole(json, 'hidden_size', LIMITS.width);
  const numHeads = whole(json, 'num_attention_heads', LIMITS.heads);
  const vocabSize = whole(json, 'vocab_size', LIMITS.vocabSize);
  const config: ModelConfig = {
    vocabSize,
    hiddenSize,
    intermediateSize: whole(json, 'intermediate_size', LIMITS.width),
    numLayers: whole(json, 'num_hidden_layers', LIMITS.layers),
    numHeads,
    numKvHeads: isGiven(json, 'num_key_value_heads') ? whole(json, 'num_key_value_heads', LIMITS.heads) : numHeads,
    headDim: isGiven(json, 'head_dim') ? whole(json, 'head_dim', LIMITS.headDim) : hiddenSize / numHeads,
    ropeTheta: parseRopeTheta(json),
    // The defaults here and below are those of transformers' LlamaConfig, which leaves out what equals them.
    normEps: positive(json, 'rms_norm_eps', 1e-6),
    tieWordEmbeddings: flag(json, 'tie_word_embeddings', false),
    maxPositions: isGiven(json, 'max_position_embeddings')
      ? whole(json, 'max_position_embeddings', LIMITS.positions)
      : 2048,
    bosTokenId: tokenId(json, 'bos_token_id', 1, vocabSize),
    eosTokenId: tokenId(json, 'eos_token_id', 2, vocabSize),
  };
  checkHeads(config);
  return config;
}

/** Refuses what changes the arithmetic and is not built: another architecture, activation, biases, scaled rotary positions. */
function checkSupported(json: Fields): void {
  const only = (field: string, value: unknown, allowed: string, isRight: boolean) => {
    if (!isRight) fail(field, show(value), allowed);
  };
  only('model_type', json.model_type, '"llama"', json.model_type === 'llama');
  const act = json.hidden_act ?? 'silu';
  only('hidden_act', act, '"silu"', act === 'silu');
  only('attention_bias', json.attention_bias, 'false', (json.attention_bias ?? false) === false);
  only('mlp_bias', json.mlp_bias, 'false', (json.mlp_bias ?? false) === false);
  for (const field of ['rope_scaling', 'rope_parameters'] as const) {
    const scaling = json[field] ?? null;
    if (scaling === null) continue;
    if (!isObject(scaling)) fail(field, show(scaling), 'an object or null');
    const type = scaling.rope_type ?? scaling.type ?? 'default';
    only(`${field}.rope_type`, type, '"default"', type === 'default');
  }
  only('quantization_config', json.quantization_config, 'none', (json.quantization_config ?? null) === null);
}

/** The rotary base: `rope_theta`, or `rope_parameters.rope_theta` as transformers 5 writes it. */
function parseRopeTheta(json: Fields): number {
  const nested = isObject(json.rope_parameters) ? json.rope_parameters : {};
  const outer = json.rope_theta ?? null;
  const inner = nested.rope_theta ?? null;
  if (outer !== null && inner !== null && outer !== inner) {
    fail('rope_theta', show(outer), `${show(inner)}, as rope_parameters.rope_theta says`);
  }
  return positive({ rope_theta: outer ?? inner }, 'rope_theta', 10_000);
}

function checkHeads(config: ModelConfig): void {
  const { hiddenSize, numHeads, numKvHeads, headDim } = config;
  if (!Number.isInteger(headDim)) {
    fail('hidden_size', String(hiddenSize), `a multiple of num_attention_heads (${numHeads}), or a head_dim beside it`);
  }
  if (headDim % 2 !== 0) fail('head_dim', String(headDim), 'an even number, since rotary positions turn pairs');
  if (numHeads % numKvHeads !== 0) {
    fail('num_key_value_heads', String(numKvHeads), `a divisor of num_attention_heads (${numHeads})`);
  }
}

function isGiven(json: Fields, field: string): boolean {
  return (json[field] ?? null) !== null;
}

function whole(json: Fields, field: string, most: number): number {
  const value = json[field];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most) {
    return fail(field, show(value), `a whole number from 1 to ${most}`);
  }
  return value;
}

function positive(json: Fields, field: string, fallback: number): number {
  const value = json[field] ?? fallback;
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
    return fail(field, show(value), 'a number above 0');
  }
  return value;
}

function flag(json: Fields, field: string, fallback: boolean): boolean {
  const value = json[field] ?? fallback;
  return typeof value === 'boolean' ? value : fail(field, show(value), 'true or false');
}

/** A token id; of a list, which newer instruction models carry for their end tokens, the first. */
function tokenId(json: Fields, field: string, fallback: number, vocabSize: number): number {
  const given = json[field] === undefined ? fallback : json[field];
  const value: unknown = Array.isArray(given) ? given[0] : given;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= vocabSize) {
    return fail(field, show(given), `a token id from 0 to ${vocabSize - 1}`);
  }
  return value;
}

function fail(field: string, observed: string, allowed: string): never {
  throw new AppError(
    'checkpoint-invalid',
    `config.json: ${field} is ${observed}, where ${allowed} must stand. Choose a checkpoint of the plain Llama architecture.`,
    { field, observed, allowed },
  );
}
