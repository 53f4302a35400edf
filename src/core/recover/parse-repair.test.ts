import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { readGoldenCheckpoint, readTinyPool } from '../../testing/fixtures.ts';
import { TINY_CONFIG, toJsonBytes } from '../../testing/make-checkpoint.ts';
import { makeSafetensors, mutateBytes } from '../../testing/make-safetensors.ts';
import type { ModelConfig } from '../checkpoint/checkpoint.ts';
import { AppError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { parseRepair } from './parse-repair.ts';
import { parsePoolIndex, toPool } from './pool.ts';
import { countParameters } from './repair.ts';

const tensor = (...shape: number[]): Tensor => {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: Float32Array.from({ length: size }, (_, i) => i / 64) };
};
const files = (config: unknown, tensors: Record<string, Tensor>) => ({
  config: toJsonBytes(config),
  weights: makeSafetensors(new Map(Object.entries(tensors))),
});
const rejects = (config: unknown, tensors: Record<string, Tensor>, model: ModelConfig = TINY_CONFIG) =>
  expectAppError(() => parseRepair(files(config, tensors), model), 'repair-invalid');
const parse = (config: unknown, tensors: Record<string, Tensor>, model: ModelConfig = TINY_CONFIG) =>
  parseRepair(files(config, tensors), model);

describe('a soft prompt', () => {
  const config = { peft_type: 'PROMPT_TUNING', num_virtual_tokens: 3, token_dim: 32, num_layers: 2 };
  const tensors = { prompt_embeddings: tensor(3, 32) };

  it('keeps its vectors', () => {
    expect(parse(config, tensors)).toEqual({ kind: 'prompt', vectors: tensors.prompt_embeddings });
    expect(countParameters(parse(config, tensors))).toBe(96);
  });

  it('needs no more of its config than its type and length', () => {
    expect(parse({ peft_type: 'PROMPT_TUNING', num_virtual_tokens: 3, unheard_of: 1 }, tensors).kind).toBe('prompt');
  });

  it.each([
    ['num_virtual_tokens', 4],
    ['num_virtual_tokens', 0],
    ['num_virtual_tokens', 2.5],
    ['num_virtual_tokens', 1e9],
    ['num_virtual_tokens', undefined],
    ['token_dim', 64],
    ['num_layers', 3],
    ['num_transformer_submodules', 2],
    ['peft_type', 'IA3'],
    ['peft_type', '__proto__'],
    ['peft_type', undefined],
  ])('is refused where %s is %j', (field, value) => {
    const error = rejects({ ...config, [field]: value }, tensors);
    expect(error.message).toMatch(/where .* must stand/);
  });

  it('is refused with both shapes where its tensor is of another model', () => {
    expect(rejects(config, { prompt_embeddings: tensor(3, 16) }).message).toMatch(/\[3, 16\].*\[3, 32\]/);
    rejects(config, { other: tensor(3, 32) });
    rejects(config, { ...tensors, extra: tensor(1) });
    const broken = tensor(3, 32);
    broken.data[5] = Number.NaN;
    expect(rejects(config, { prompt_embeddings: broken }).message).toContain('element 5');
  });

  it.each(['', '[]', '{', '<html>'])('is refused where its config holds %j', (text) => {
    const { weights } = files(config, tensors);
    const action = () => parseRepair({ config: new TextEncoder().encode(text), weights }, TINY_CONFIG);
    expectAppError(action, 'repair-invalid');
  });
});

describe('a prefix', () => {
  const n = 3;
  const config = {
    peft_type: 'PREFIX_TUNING',
    num_virtual_tokens: n,
    token_dim: 32,
    num_layers: 2,
    num_attention_heads: 2,
  };
  const full = { ...config, token_dim: 64, num_attention_heads: 4 };

  it('is cut into keys and values per layer as PEFT views and permutes it', () => {
    const embeddings = tensor(n, 128);
    const prefix = parse(config, { prompt_embeddings: embeddings });
    if (prefix.kind !== 'prefix') throw new Error('it must be a prefix');
    for (const [layer, { keys, values }] of prefix.layers.entries()) {
      for (const [part, cut] of [keys, values].entries()) {
        for (let head = 0; head < 2; head++) {
          for (let t = 0; t < n; t++) {
            for (let d = 0; d < 16; d++) {
              // view(n, 2 layers, heads, headDim)[t, 2 layer + part, head, d]
              const from = t * 128 + (2 * layer + part) * 32 + head * 16 + d;
              expect(cut[(head * n + t) * 16 + d]).toBe(embeddings.data[from]);
            }
          }
        }
      }
    }
    expect(countParameters(prefix)).toBe(n * 128);
  });

  it('of full width is taken where the heads of each group agree, and refused where they differ', () => {
    const narrow = tensor(n, 128);
    const wide = tensor(n, 256);
    for (let i = 0; i < wide.data.length; i++) {
      const [row, column] = [Math.floor(i / 64), i % 64]; // [n * 2 layers, 4 heads * 16]
      wide.data[i] = narrow.data[row * 32 + Math.floor(column / 32) * 16 + (column % 16)] ?? 0;
    }
    expect(parse(full, { prompt_embeddings: wide })).toEqual(parse(config, { prompt_embeddings: narrow }));
    expect(rejects(full, { prompt_embeddings: tensor(n, 256) }).message).toContain('full width');
  });

  it('of full width is the plain case where every head has its own keys', () => {
    const model = { ...TINY_CONFIG, numKvHeads: 4 };
    const prefix = parse(full, { prompt_embeddings: tensor(n, 256) }, model);
    expect(prefix.kind === 'prefix' && prefix.layers[0]?.keys.length).toBe(4 * n * 16);
  });

  it.each([
    ['token_dim', 48],
    ['num_layers', 4],
    ['num_attention_heads', 3],
    ['num_virtual_tokens', 2],
  ])('is refused where %s is %j', (field, value) => {
    rejects({ ...config, [field]: value }, { prompt_embeddings: tensor(n, 128) });
  });
});

describe('a pool', () => {
  const index = { prompts: ['prompt-0', 'prompt-1'], virtualTokens: [3, 5] };

  it('is aligned at the end of its longest prompt', () => {
    const { config } = readGoldenCheckpoint();
    const pool = readTinyPool(config);
    expect(pool.start).toBe(5);
    expect(countParameters(pool)).toBe(10 * config.hiddenSize);
  });

  it.each([['../prompt-0'], ['/prompt-0'], ['https://host/p'], ['a\\b'], [''], [3]])(
    'is refused where a folder is %j',
    (folder) => {
      expectAppError(() => parsePoolIndex({ ...index, prompts: ['prompt-0', folder] }), 'repair-invalid');
    },
  );

  it.each([
    null,
    [],
    { ...index, prompts: [] },
    { ...index, virtualTokens: [3] },
    { ...index, virtualTokens: [3, 0] },
    { ...index, virtualTokens: [3, '5'] },
  ])('is refused as %j, and taken as it should be', (json) => {
    expectAppError(() => parsePoolIndex(json), 'repair-invalid');
    expect(parsePoolIndex(index)).toEqual(index);
  });

  it('is refused where a prompt is not as long as it says', () => {
    const prompts = [3, 4].map((n) => ({ kind: 'prompt' as const, vectors: tensor(n, 32) }));
    expectAppError(() => toPool(prompts, index, TINY_CONFIG), 'repair-invalid');
    expect(toPool(prompts, { ...index, virtualTokens: [3, 4] }, TINY_CONFIG).start).toBe(4);
  });
});

describe('damaged adapter files', () => {
  const runs = process.env.RECALL_SOAK === '1' ? 3000 : 300;

  it(`give a repair of the model's shapes or a typed error for ${runs} seeded mutations`, () => {
    const config = { peft_type: 'PREFIX_TUNING', num_virtual_tokens: 3, token_dim: 32, num_layers: 2 };
    const sound = files(config, { prompt_embeddings: tensor(3, 128) });
    let refused = 0;
    for (let seed = 0; seed < runs; seed++) {
      const damaged =
        seed % 2 === 0
          ? { ...sound, config: mutateBytes(sound.config, seed) }
          : { ...sound, weights: mutateBytes(sound.weights, seed) };
      try {
        const repair = parseRepair(damaged, TINY_CONFIG);
        expect(countParameters(repair) % 128).toBe(0);
      } catch (error) {
        if (!(error instanceof AppError)) throw new Error(`seed ${seed}: ${String(error)}`);
        expect(['repair-invalid', 'safetensors-invalid']).toContain(error.code);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(runs / 4);
    expect(refused).toBeLessThan(runs);
  });
});
