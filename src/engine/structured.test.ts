import { beforeAll, describe, expect, test } from 'vitest';
import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import { LINEAR_NAMES } from '../core/checkpoint/checkpoint.ts';
import { type LayerShape, partOf } from '../core/checkpoint/layer-shape.ts';
import { toVariant } from '../core/compress/apply-recipe.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { Variant } from '../core/compress/variant.ts';
import { toCheckpoint } from '../core/compress/variant-matrix.ts';
import { toWeightFormat } from '../core/onnx/weight-format.ts';
import { fitLora } from '../core/recover/fit-repair.ts';
import { mergeLora } from '../core/recover/lora.ts';
import type { Recovery } from '../core/recover/recovery.ts';
import type { Lora, Repair } from '../core/recover/repair.ts';
import { forward } from '../core/reference/forward.ts';
import { helpOf } from '../core/reference/help.ts';
import { routingScores } from '../core/reference/routing.ts';
import {
  readGolden,
  readGoldenCheckpoint,
  readStructuredGolden,
  readTinyPool,
  readTinyRepair,
} from '../testing/fixtures.ts';
import { compressPlainly } from '../testing/make-calibration.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { sampleLogits } from '../testing/sample-logits.ts';
import { createDecoder } from './decoder.ts';
import type { RegimeGolden } from './golden-gate.ts';
import { KvCache } from './kv-cache.ts';
import { createRunner } from './runner.ts';
import type { Runner } from './runner-type.ts';
import { createRuntime, type Runtime } from './session.ts';
import { createSharedWeights, createVariantWeights } from './weights.ts';

// The reference sums in float64, the engine in float32.
const TOLERANCE = 1e-4;
const checkpoint = readGoldenCheckpoint();
const { config } = checkpoint;
const { sequences } = readStructuredGolden();
const { sequence } = readGolden().ids;
const calibration = { samples: sequences.length, seed: 0 };
const removal = (method: string, allocation: string) => ({ method, share: 0.5, allocation, calibration });
const STEPS = [removal('neurons', 'global'), removal('heads', 'uniform')];
const SMALLER = parseRecipe({ version: 1, steps: STEPS });
const CONTEXTS = [1, 4, 7, sequence.length].map((length) => sequence.slice(0, length));

const lora = readTinyRepair('lora', config) as Lora;
const repairs: Readonly<Record<string, Repair>> = {
  prompt: readTinyRepair('prompt', config),
  prefix: readTinyRepair('prefix', config),
  idp: readTinyPool(config),
};

/** The units that are gone as zeros in the whole matrices: what smaller ones leave out. */
function withZeros(of: Checkpoint, layers: readonly LayerShape[]): Checkpoint {
  const tensors = new Map(of.tensors);
  for (const [layer, { kept }] of layers.entries()) {
    for (const name of LINEAR_NAMES) {
      const key = `model.layers.${layer}.${name}.weight`;
      const { shape, data } = tensors.get(key) ?? { shape: [0, 0], data: new Float32Array() };
      const part = partOf(name, kept, config);
      const [rows, columns] = [part.rows && new Set(part.rows), part.columns && new Set(part.columns)];
      const width = shape[1] ?? 0;
      const stays = (i: number) => (rows?.has(Math.floor(i / width)) ?? true) && (columns?.has(i % width) ?? true);
      tensors.set(key, { shape, data: data.map((value, i) => (stays(i) ? value : 0)) });
    }
  }
  return { config, tensors };
}

const lastLogits = (of: Checkpoint, ids: readonly number[], repair: Repair | null, chosen = 0) =>
  forward(of, { tokens: ids, ...helpOf(of, repair, chosen) }).logits.data.slice(-config.vocabSize);

/** What the reference answers to every context. */
function toGolden(of: Checkpoint, repair: Repair | null, variant: Variant): RegimeGolden {
  const answersTo = (contexts: typeof CONTEXTS, chosen = 0) =>
    sampleLogits(
      Float32Array.from(contexts.flatMap((ids) => [...lastLogits(of, ids, repair, chosen)])),
      config.vocabSize,
    );
  if (repair?.kind !== 'pool') return { contexts: CONTEXTS, logits: [answersTo(CONTEXTS)], scores: null };
  const left = toCheckpoint(variant); // scores are means over the heads that are left
  const scores = CONTEXTS.flatMap((ids) => [...routingScores(left, repair, ids)]);
  const logits = repair.prompts.map((_, i) => answersTo(CONTEXTS, i));
  return { contexts: CONTEXTS, logits, scores: Float32Array.from(scores) };
}

async function makeRunner(runtime: Runtime): Promise<Runner> {
  const runner = createRunner(runtime, { cacheLength: 64, rowLength: 64 });
  const sentences = sequences.map((ids) => [toNumberText(ids.slice(1))]);
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER, {
    dtype: 'F32',
    readSentences: async () => sentences,
    readVariant: async () => null,
  });
  return runner;
}

describe('a model without half of its neurons and heads', () => {
  let runner: Runner;
  let variant: Variant;
  beforeAll(async () => {
    runner = await makeRunner(await createRuntime({ kind: 'wasm' }));
    variant = await runner.compress(SMALLER);
  });

  test('loses the units that plain loops choose, not as many in every layer', async () => {
    const samples = sequences.map((ids) => [...ids, config.eosTokenId]);
    expect(variant.layers).toEqual((await compressPlainly(checkpoint, samples, STEPS)).layers);
    expect(variant.layers.map(({ intermediateSize }) => intermediateSize).sort()).toEqual([32, 64]);
    expect(variant.layers.map(({ numHeads, numKvHeads }) => [numHeads, numKvHeads])).toEqual([
      [2, 1],
      [2, 1],
    ]);
  });

  const recoveries: readonly Recovery[] = [
    { kind: 'none' },
    { kind: 'prompt', repairId: 'prompt' },
    { kind: 'prefix', repairId: 'prefix' },
    { kind: 'idp', repairId: 'idp' },
    { kind: 'lora-merged', repairId: 'lora', recompress: false },
    { kind: 'lora-merged', repairId: 'lora', recompress: true },
    { kind: 'lora-unmerged', repairId: 'lora' },
  ];

  test.each(recoveries.map((recovery) => [JSON.stringify(recovery), recovery] as const))(
    'answers as one with zeros does, alone, packed and token by token: %s',
    async (_, recovery) => {
      const isLora = 'repairId' in recovery && recovery.repairId === 'lora';
      const repair = isLora ? lora : (repairs[recovery.kind] ?? null);
      const merged = isLora ? toCheckpoint(mergeLora(toVariant(checkpoint), lora, { recompress: false })) : checkpoint;
      const zeros = withZeros(merged, variant.layers);
      const beside = isLora ? null : repair;
      const regime = { id: 'r', recipe: SMALLER, recovery };
      const { gate, sessionsCreated } = await runner.prepareRegime(regime, repair, toGolden(zeros, beside, variant));
      expect(gate.status).toBe('passed');
      expect(gate.maxDifference).toBeLessThan(TOLERANCE);
      expect(sessionsCreated).toBe(0);

      const context = sequence.slice(0, 5);
      const sampling = { temperature: 0, topK: 0, seed: 0 };
      const request = { regime, context: toNumberText(context.slice(1)), answer: null, maxNewTokens: 6, sampling };
      const { text, routing } = await runner.generate(request);
      const ids = [...context];
      while (ids.length < context.length + 6) {
        const logits = lastLogits(zeros, ids, beside, routing?.chosen);
        const next = logits.indexOf(Math.max(...logits));
        if (next === config.eosTokenId) break;
        ids.push(next);
      }
      expect(text).toBe(toNumberText(ids.slice(context.length)));
    },
  );

  test('answers so with fused attention too, token by token', async () => {
    const runtime = await createRuntime({ kind: 'wasm' });
    const format = toWeightFormat(variant);
    const spec = { config, format, loraModules: new Set<string>(), attention: 'fused', hasBias: false } as const;
    const decoder = await createDecoder(runtime, spec);
    const weights = new Map([
      ...createSharedWeights(runtime, checkpoint, 64).tensors,
      ...createVariantWeights(runtime, variant).tensors,
    ]);
    const cache = new KvCache(runtime, decoder, 64);
    const zeros = withZeros(checkpoint, variant.layers);
    for (const [position, id] of sequence.entries()) {
      const logits = await decoder.run(weights, cache, {
        ids: [id],
        positions: [position],
        rows: [0],
        keepsCache: true,
      });
      const expected = lastLogits(zeros, sequence.slice(0, position + 1), null);
      expect(maxDifference(logits, expected)).toBeLessThan(TOLERANCE);
    }
  });

  test('takes less room than the whole one, at rest and at run time', async () => {
    const whole = await runner.loadRecipe(null);
    const smaller = await runner.loadRecipe(SMALLER);
    expect(smaller.size.storedBytes).toBeLessThan(whole.size.storedBytes);
    expect(smaller.size.runtimeBytes).toBeLessThan(whole.size.runtimeBytes);
    expect(smaller.size.sparsity).toBeLessThan(0.01);
  });
});

test('what is left can be rounded, and a LoRA merged into it and rounded again', async () => {
  const steps = [...STEPS, { method: 'rtn', bits: 4, groupSize: 32, symmetric: false }];
  const recipe = parseRecipe({ version: 1, steps });
  const runner = await makeRunner(await createRuntime({ kind: 'wasm' }));
  const variant = await runner.compress(recipe);
  const recovery = { kind: 'lora-merged', repairId: 'lora', recompress: true } as const;
  const own = fitLora(lora, variant);
  const merged = toCheckpoint(mergeLora(variant, own, { recompress: true }));
  for (const [of, regime] of [
    [toCheckpoint(variant), { id: 'none', recipe, recovery: { kind: 'none' } }],
    [merged, { id: 'lora', recipe, recovery }],
  ] as const) {
    const { gate } = await runner.prepareRegime(regime, lora, toGolden(of, null, variant));
    expect(gate.maxDifference).toBeLessThan(TOLERANCE);
  }
});

test('shares one after the other leave no session and no byte behind', async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const runner = await makeRunner(runtime);
  const held: number[] = [];
  for (const share of [0.4, 0.7, 0.4, 0.7, 0.4, 0.7]) {
    const steps = STEPS.map((step) => ({ ...step, share }));
    await runner.loadRecipe(parseRecipe({ version: 1, steps }));
    held.push(runner.ownedBytes);
  }
  expect(held.slice(4)).toEqual(held.slice(2, 4));
  await runner.dispose();
  expect(runner.ownedBytes).toBe(0);
});
