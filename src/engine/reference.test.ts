import { expect, test } from 'vitest';
import { linearShape } from '../core/checkpoint/shapes.ts';
import { applyRecipe } from '../core/compress/apply-recipe.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { Variant, VariantMatrix } from '../core/compress/variant.ts';
import { toCheckpoint } from '../core/compress/variant-matrix.ts';
import { scoreTarget } from '../core/eval/scoring.ts';
import { plainAlgebra } from '../core/linear-algebra/plain-algebra.ts';
import { normal, seededRandom } from '../core/random.ts';
import { mergeLora } from '../core/recover/lora.ts';
import type { Recovery } from '../core/recover/recovery.ts';
import type { Lora, LoraModule, Pool, Repair, SoftPrompt } from '../core/recover/repair.ts';
import { createPlainCalibration } from '../core/reference/calibration.ts';
import { forward } from '../core/reference/forward.ts';
import { helpOf } from '../core/reference/help.ts';
import { routingScores } from '../core/reference/routing.ts';
import { tinyCheckpoint } from '../testing/make-checkpoint.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { createRunner } from './runner.ts';
import { createRuntime } from './session.ts';

// The reference sums in float64, the engine in float32.
const TOLERANCE = 1e-4;
const random = seededRandom(21);
// Untied, with as many key/value heads as heads: what the golden model is not.
const checkpoint = tinyCheckpoint({ tieWordEmbeddings: false, numKvHeads: 4 });
const { config } = checkpoint;
const recipe = parseRecipe({
  version: 1,
  steps: [
    { method: 'magnitude', sparsity: 0.3, granularity: 'per-layer' },
    { method: 'rtn', bits: 3, groupSize: 16, symmetric: false, bitsPerMatrix: { 'model.layers.1.mlp.up_proj': 2 } },
  ],
});

function makePrompt(n: number): SoftPrompt {
  const data = Float32Array.from({ length: n * config.hiddenSize }, () => 0.5 * normal(random));
  return { kind: 'prompt', vectors: { shape: [n, config.hiddenSize], data } };
}

function makeIds(length: number): number[] {
  return Array.from({ length }, () => 2 + random.integer(config.vocabSize - 2));
}

const pool: Pool = { kind: 'pool', prompts: [makePrompt(3), makePrompt(6), makePrompt(1)], start: 6 };
const sharedStart = makeIds(4);
const items = Array.from({ length: 9 }, (_, i) => ({
  context: [...(i % 2 === 0 ? sharedStart : []), ...makeIds(1 + (i % 5))],
  target: [...makeIds(1 + (i % 3)), config.eosTokenId],
}));
const regimes: { id: string; repair: Repair | null; recovery: Parameters<typeof recoveryOf>[0] }[] = [
  { id: 'none', repair: null, recovery: 'none' },
  { id: 'prompt', repair: makePrompt(5), recovery: 'prompt' },
  { id: 'pool', repair: pool, recovery: 'idp' },
];

function recoveryOf(kind: 'none' | 'prompt' | 'idp') {
  return kind === 'none' ? { kind } : { kind, repairId: kind };
}

async function makeRunner() {
  const runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 64, rowLength: 32 });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
  return runner;
}

test.each(regimes)(
  'items packed into rows score as the reference does one by one: $id',
  async ({ repair, recovery }) => {
    const runner = await makeRunner();
    const compressed = toCheckpoint(await applyRecipe(checkpoint, recipe));
    const regime = { id: 'r', recipe, recovery: recoveryOf(recovery) };
    await runner.prepareRegime(regime, repair, null);
    const texts = items.map(({ context, target }, i) => ({
      id: String(i),
      context: toNumberText(context),
      answer: toNumberText(target.slice(0, -1)),
    }));
    const packed = await runner.score(regime, texts);
    const single = await runner.scoreItemByItem(regime, texts);
    for (const [i, { context, target }] of items.entries()) {
      const ids = [config.bosTokenId, ...context];
      const scores = repair?.kind === 'pool' ? routingScores(compressed, repair, ids) : null;
      const chosen = scores === null ? null : scores.indexOf(Math.max(...scores));
      const help = helpOf(compressed, repair, chosen ?? 0);
      const { logits } = forward(compressed, { tokens: [...ids, ...target.slice(0, -1)], ...help });
      const rows = logits.data.subarray((ids.length - 1) * config.vocabSize);
      const expected = scoreTarget(Float32Array.from(rows), config.vocabSize, target);
      for (const outcome of [packed[i], single[i]]) {
        expect(outcome).toMatchObject({ id: String(i), isRight: expected.isRight, chosenPrompt: chosen });
        expect(Math.abs((outcome?.logLikelihood ?? 0) - expected.logLikelihood)).toBeLessThan(TOLERANCE);
      }
    }
  },
);

test('routing shows the scores of the reference with the runner-up', async () => {
  const runner = await makeRunner();
  const regime = { id: 'r', recipe: null, recovery: { kind: 'idp', repairId: 'pool' } } as const;
  await runner.prepareRegime(regime, pool, null);
  const context = makeIds(7);
  const { routing } = await runner.generate({
    regime,
    context: toNumberText(context),
    answer: null,
    maxNewTokens: 1,
    sampling: { temperature: 0, topK: 0, seed: 0 },
  });
  const expected = routingScores(checkpoint, pool, [config.bosTokenId, ...context]);
  expect(maxDifference(routing?.scores ?? [], expected)).toBeLessThan(1e-6);
  const order = [...expected.keys()].sort((a, b) => (expected[b] ?? 0) - (expected[a] ?? 0));
  expect([routing?.chosen, routing?.runnerUp]).toEqual(order.slice(0, 2));
});

test('a text before the context is as good as the text in it', async () => {
  const runner = await makeRunner();
  const [text, context, target] = [makeIds(3), makeIds(4), makeIds(2)];
  const behind = { id: 't', recipe: null, recovery: { kind: 'text', text: toNumberText(text) } } as const;
  const plain = { id: 'p', recipe: null, recovery: { kind: 'none' } } as const;
  const answer = toNumberText(target);
  const [a] = await runner.score(behind, [{ id: '', context: toNumberText(context), answer }]);
  const [b] = await runner.score(plain, [{ id: '', context: toNumberText([...text, ...context]), answer }]);
  expect(Math.abs((a?.logLikelihood ?? 0) - (b?.logLikelihood ?? 1))).toBeLessThan(TOLERANCE);
});

test('weights that were scaled before they were rounded answer as the reference does, with a LoRA too, and leave no trace', async () => {
  const grid = { bits: 4, groupSize: 16, symmetric: false } as const;
  const awq = parseRecipe({ version: 1, steps: [{ method: 'awq', ...grid, calibration: { samples: 4, seed: 0 } }] });
  const rtn = parseRecipe({ version: 1, steps: [{ method: 'rtn', ...grid }] });
  const samples = Array.from({ length: 4 }, () => makeIds(12));
  const source = createPlainCalibration(checkpoint, () => samples);
  const scaled = await applyRecipe(checkpoint, awq, { calibrator: { source, algebra: plainAlgebra, dtype: 'F32' } });
  const isScaled = (matrix: VariantMatrix) =>
    matrix.kind === 'quantized' && matrix.inputScales?.some((value) => value !== 1);
  expect([...scaled.matrices.values()].filter(isScaled).length).toBeGreaterThan(3);
  const runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 64, rowLength: 32 });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER, {
    dtype: 'F32',
    readSentences: async () => [],
    readVariant: async (of) => (of === awq ? scaled : null),
  });
  const lora = makeLora();
  const merge = (recompress: boolean) => mergeLora(scaled, lora, { recompress });
  const repairId = 'lora';
  const cases: readonly (readonly [typeof awq, Recovery, Variant, Lora | null])[] = [
    [awq, { kind: 'none' }, scaled, null],
    [rtn, { kind: 'none' }, await applyRecipe(checkpoint, rtn), null], // in the same format: the norms are their own again
    [awq, { kind: 'lora-unmerged', repairId }, scaled, lora],
    [awq, { kind: 'lora-merged', repairId, recompress: false }, merge(false), null],
    [awq, { kind: 'lora-merged', repairId, recompress: true }, merge(true), null],
  ];
  const [context, target] = [makeIds(6), makeIds(2)];
  const answer = toNumberText(target);
  for (const [of, recovery, variant, beside] of cases) {
    const regime = { id: 'r', recipe: of, recovery };
    await runner.prepareRegime(regime, lora, null);
    const [outcome] = await runner.score(regime, [{ id: '', context: toNumberText(context), answer }]);
    const tokens = [config.bosTokenId, ...context, ...target];
    const compressed = toCheckpoint(variant);
    const { logits } = forward(compressed, { tokens, ...helpOf(compressed, beside) });
    const rows = Float32Array.from(logits.data.subarray(context.length * config.vocabSize));
    const expected = scoreTarget(rows, config.vocabSize, [...target, config.eosTokenId]);
    expect(Math.abs((outcome?.logLikelihood ?? 0) - expected.logLikelihood)).toBeLessThan(TOLERANCE);
  }
});

/** A LoRA of rank 2 in some matrices of every kind of tap, and not in others. */
function makeLora(): Lora {
  const draw = (length: number) => Float32Array.from({ length }, () => 0.2 * normal(random));
  const modules = new Map<string, LoraModule>();
  for (const name of ['self_attn.q_proj', 'self_attn.o_proj', 'mlp.up_proj', 'mlp.down_proj']) {
    const shape = linearShape(config, name) ?? [0, 0];
    modules.set(`model.layers.1.${name}`, { r: 2, scale: 1, a: draw(2 * shape[1]), b: draw(2 * shape[0]), shape });
  }
  return { kind: 'lora', modules };
}
