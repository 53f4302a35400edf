import { expect, test } from 'vitest';
import { wholeLayers } from '../core/checkpoint/layer-shape.ts';
import { toVariant } from '../core/compress/apply-recipe.ts';
import { denseFormat } from '../core/onnx/weight-format.ts';
import { readGolden, readGoldenCheckpoint } from '../testing/fixtures.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { createDecoder } from './decoder.ts';
import { KvCache } from './kv-cache.ts';
import { createRuntime } from './session.ts';
import { createSharedWeights, createVariantWeights } from './weights.ts';

const golden = readGolden();
const checkpoint = readGoldenCheckpoint();
const { config } = checkpoint;
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

async function createTinyDecoder(attention: 'fused' | 'plain') {
  const runtime = await createRuntime({ kind: 'wasm' });
  const spec = {
    config,
    format: denseFormat(wholeLayers(config)),
    loraModules: new Set<string>(),
    attention,
    hasBias: attention === 'plain',
  };
  const decoder = await createDecoder(runtime, spec);
  const shared = createSharedWeights(runtime, checkpoint, 64);
  const matrices = createVariantWeights(runtime, toVariant(checkpoint));
  const weights = new Map([...shared.tensors, ...matrices.tensors]);
  return { runtime, decoder, weights, cache: new KvCache(runtime, spec, 64) };
}

test.each(['fused', 'plain'] as const)(
  'with %s attention the dense decoder gives the logits of PyTorch',
  async (attention) => {
    const { decoder, weights, cache } = await createTinyDecoder(attention);
    const { sequence } = golden.ids;
    const rows = range(0, sequence.length);
    const logits = await decoder.run(weights, cache, { ids: sequence, positions: rows, rows, keepsCache: false });
    expect(maxDifference(logits, golden.tensor('dense/none/logits').data)).toBeLessThan(1e-4);
  },
);

test.each(['fused', 'plain'] as const)(
  'with %s attention tokens decoded one by one see the cache',
  async (attention) => {
    const { decoder, weights, cache } = await createTinyDecoder(attention);
    const { sequence } = golden.ids;
    const logitsOf = golden.tensor('dense/none/logits').data;
    for (const [i, id] of sequence.entries()) {
      const logits = await decoder.run(weights, cache, { ids: [id], positions: [i], rows: [0], keepsCache: true });
      const row = logitsOf.subarray(i * config.vocabSize, (i + 1) * config.vocabSize);
      expect(maxDifference(logits, row)).toBeLessThan(1e-4);
    }
  },
);
