import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { readGoldenCheckpoint } from '../../testing/fixtures.ts';
import { TINY_CONFIG, tinyCheckpoint, toHfConfig, toJsonBytes } from '../../testing/make-checkpoint.ts';
import { makeSafetensors, mutateBytes } from '../../testing/make-safetensors.ts';
import { AppError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { linearModules } from './checkpoint.ts';
import { parseCheckpoint } from './parse.ts';

const config = (overrides: Record<string, unknown> = {}) => toJsonBytes({ ...toHfConfig(TINY_CONFIG), ...overrides });
const tensors = () => new Map<string, Tensor>(tinyCheckpoint().tensors);
const rejects = (configBytes: Uint8Array, files: Uint8Array[] = [makeSafetensors(tensors())]) =>
  expectAppError(() => parseCheckpoint(configBytes, files), 'checkpoint-invalid');

describe('a sound checkpoint', () => {
  it('comes back as it was written, in F32', () => {
    const { config: parsed, tensors: read } = parseCheckpoint(config(), [makeSafetensors(tensors())]);
    expect(parsed).toEqual(TINY_CONFIG);
    expect(new Map(read)).toEqual(tensors());
  });

  it('may be split into shards', () => {
    const all = [...tensors()];
    const files = [makeSafetensors(new Map(all.slice(0, 5))), makeSafetensors(new Map(all.slice(5)))];
    expect(new Map(parseCheckpoint(config(), files).tensors)).toEqual(tensors());
  });

  it('may be stored in F16 and BF16', () => {
    for (const dtype of ['F16', 'BF16'] as const) {
      const { tensors: read } = parseCheckpoint(config(), [makeSafetensors(tensors(), dtype)]);
      const [first, second] = [read.get('model.norm.weight')?.data[0], tensors().get('model.norm.weight')?.data[0]];
      expect(Math.abs((first ?? 0) - (second ?? 1))).toBeLessThan(0.01);
    }
  });

  it('that PyTorch wrote is read', () => {
    const checkpoint = readGoldenCheckpoint();
    expect(checkpoint.config).toMatchObject({ vocabSize: 160, hiddenSize: 32, headDim: 16, numKvHeads: 2 });
    expect(linearModules(2).every((name) => checkpoint.tensors.has(`${name}.weight`))).toBe(true);
  });
});

describe('the sizes in config.json', () => {
  it.each([
    ['rope_theta', { rope_theta: 500_000 }],
    ['rope_parameters', { rope_theta: undefined, rope_parameters: { rope_theta: 500_000, rope_type: 'default' } }],
    ['both alike', { rope_theta: 500_000, rope_parameters: { rope_theta: 500_000 } }],
  ])('give the rotary base by %s', (_, overrides) => {
    expect(parseCheckpoint(config(overrides), [makeSafetensors(tensors())]).config.ropeTheta).toBe(500_000);
  });

  it('leave out what has a default', () => {
    const bare = config({ rope_theta: undefined, rms_norm_eps: undefined, max_position_embeddings: undefined });
    const parsed = parseCheckpoint(bare, [makeSafetensors(tensors())]).config;
    expect(parsed).toMatchObject({ ropeTheta: 10_000, normEps: 1e-6, maxPositions: 2048 });
  });

  it.each([undefined, null])('derive the head size where head_dim is %s', (headDim) => {
    const sizes = { ...TINY_CONFIG, headDim: 8 };
    const weights = makeSafetensors(tinyCheckpoint({ headDim: 8 }).tensors);
    expect(parseCheckpoint(config({ head_dim: headDim }), [weights]).config).toEqual(sizes);
  });

  it('take the first of several end tokens', () => {
    const parsed = parseCheckpoint(config({ eos_token_id: [5, 6] }), [makeSafetensors(tensors())]).config;
    expect(parsed.eosTokenId).toBe(5);
  });

  it.each([
    ['model_type', 'gpt2'],
    ['model_type', undefined],
    ['hidden_act', 'gelu'],
    ['attention_bias', true],
    ['mlp_bias', true],
    ['rope_scaling', { rope_type: 'llama3', factor: 8 }],
    ['rope_scaling', 'linear'],
    ['rope_parameters', { rope_type: 'yarn', rope_theta: 10_000 }],
    ['rope_parameters', { rope_theta: 20_000 }],
    ['quantization_config', { bits: 4 }],
    ['vocab_size', 0],
    ['vocab_size', -1],
    ['vocab_size', 1e12],
    ['hidden_size', 33.5],
    ['hidden_size', '32'],
    ['hidden_size', undefined],
    ['intermediate_size', null],
    ['num_hidden_layers', 0],
    ['num_hidden_layers', 100_000],
    ['num_attention_heads', Number.NaN],
    ['num_key_value_heads', 3],
    ['num_key_value_heads', 8],
    ['head_dim', 15],
    ['rope_theta', 0],
    ['rope_theta', 'x'],
    ['rms_norm_eps', -1],
    ['tie_word_embeddings', 'true'],
    ['max_position_embeddings', 0],
    ['bos_token_id', 40],
    ['bos_token_id', null],
    ['eos_token_id', []],
  ])('are refused where %s is %j', (field, value) => {
    const error = rejects(config({ [field]: value }));
    expect(error.message).toMatch(/config\.json/);
    expect(typeof error.details.allowed).toBe('string');
  });

  it('are refused where the head size is no whole number', () => {
    expect(rejects(config({ head_dim: null, num_attention_heads: 5 })).details.field).toBe('hidden_size');
  });

  it.each(['', '{', '[]', 'null', '"x"', '<!doctype html><p>404</p>'])('are refused in a file of %j', (text) => {
    rejects(new TextEncoder().encode(text));
  });
});

describe('the weights', () => {
  const withTensor = (name: string, tensor: Tensor) => [makeSafetensors(tensors().set(name, tensor))];

  it('are refused where one has another shape, with both shapes in the message', () => {
    const { message } = rejects(config(), withTensor('model.norm.weight', { shape: [31], data: new Float32Array(31) }));
    expect(message).toContain('model.norm.weight');
    expect(message).toContain('[31]');
    expect(message).toContain('[32]');
  });

  it('are refused where one is turned, though it has as many elements', () => {
    const name = 'model.layers.0.mlp.up_proj.weight';
    const data = new Float32Array(64 * 32);
    rejects(config(), withTensor(name, { shape: [32, 64], data }));
    expect(parseCheckpoint(config(), withTensor(name, { shape: [64, 32], data })).tensors.get(name)?.data).toEqual(
      data,
    );
  });

  it('are refused where one is missing, and where config.json calls for more layers', () => {
    const fewer = tensors();
    fewer.delete('model.layers.1.mlp.up_proj.weight');
    expect(rejects(config(), [makeSafetensors(fewer)]).details.field).toBe('model.layers.1.mlp.up_proj.weight');
    expect(rejects(config({ num_hidden_layers: 3 })).details.field).toContain('model.layers.2.');
  });

  it('are refused where one is not called for, such as a bias or a third layer', () => {
    const bias = { shape: [64], data: new Float32Array(64) };
    rejects(config(), withTensor('model.layers.0.self_attn.q_proj.bias', bias));
    rejects(config({ num_hidden_layers: 1 }));
  });

  it('may carry rotary tables, and a head beside tied embeddings', () => {
    const freq = { shape: [8], data: new Float32Array(8) };
    const head = { shape: [40, 32], data: new Float32Array(40 * 32) };
    parseCheckpoint(config(), withTensor('model.layers.0.self_attn.rotary_emb.inv_freq', freq));
    const read = parseCheckpoint(config(), withTensor('lm_head.weight', head));
    expect(read.tensors.has('lm_head.weight')).toBe(false);
    const untied = parseCheckpoint(config({ tie_word_embeddings: false }), withTensor('lm_head.weight', head));
    expect(untied.tensors.get('lm_head.weight')?.data).toEqual(head.data);
  });

  it('need a head of their own where embeddings are not tied', () => {
    expect(rejects(config({ tie_word_embeddings: false })).details.field).toBe('lm_head.weight');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('are refused where one holds %d, with its place', (value) => {
    const data = new Float32Array(32).fill(1);
    data[7] = value;
    expect(rejects(config(), withTensor('model.norm.weight', { shape: [32], data })).message).toContain('element 7');
  });

  it('are refused where two shards hold one tensor', () => {
    const file = makeSafetensors(tensors());
    expect(rejects(config(), [file, file]).details).toMatchObject({ observed: 2, allowed: 1 });
  });

  it('are refused in a quantized dtype', async () => {
    const { buildSafetensors } = await import('../safetensors/build.ts');
    const stored = new Map([['model.norm.weight', { dtype: 'I8' as const, shape: [32], bytes: new Uint8Array(32) }]]);
    const rest = tensors();
    rest.delete('model.norm.weight');
    expect(rejects(config(), [makeSafetensors(rest), buildSafetensors(stored)]).details.observed).toBe('I8');
  });

  it('give a value or a typed error when bytes are damaged', () => {
    const sound = makeSafetensors(tensors());
    let refused = 0;
    for (let seed = 0; seed < 100; seed++) {
      try {
        parseCheckpoint(config(), [mutateBytes(sound, seed)]);
      } catch (error) {
        if (!(error instanceof AppError)) throw new Error(`seed ${seed}: ${String(error)}`);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(0);
  });
});
