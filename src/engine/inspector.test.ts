import { describe, expect, test } from 'vitest';
import { toVariant } from '../core/compress/apply-recipe.ts';
import { toCheckpoint } from '../core/compress/variant-matrix.ts';
import { logProbability } from '../core/eval/scoring.ts';
import type { Capture, LayerAttention } from '../core/inside/capture.ts';
import { mergeLora } from '../core/recover/lora.ts';
import type { Recovery } from '../core/recover/recovery.ts';
import type { Lora, Repair } from '../core/recover/repair.ts';
import { forward } from '../core/reference/forward.ts';
import { type Help, helpOf } from '../core/reference/help.ts';
import { multiply, rmsNorm } from '../core/reference/operations.ts';
import { routingScores } from '../core/reference/routing.ts';
import { readGolden, readGoldenCheckpoint, readTinyPool, readTinyRepair } from '../testing/fixtures.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { createRunner } from './runner.ts';
import type { RunnerLimits } from './runner-limits.ts';
import { createRuntime } from './session.ts';

// The reference sums in float64, the engine in float32.
const TOLERANCE = 1e-4;
const ALL = ['attention', 'residual', 'activations', 'lens'] as const;
const checkpoint = readGoldenCheckpoint();
const { config } = checkpoint;
const { sequence, short } = readGolden().ids;
const context = toNumberText(sequence.slice(1));
const target = [5, 6, config.eosTokenId];
const answer = toNumberText(target.slice(0, -1));
const lora = readTinyRepair('lora', config) as Lora;
const pool = readTinyPool(config);
const merged = toCheckpoint(mergeLora(toVariant(checkpoint), lora, { recompress: false }));

async function makeRunner(limits: Partial<RunnerLimits> = {}, of = checkpoint) {
  const runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 64, ...limits });
  await runner.loadCheckpoint(of, NUMBER_TOKENIZER);
  return runner;
}

function toRegime(recovery: Recovery) {
  return { id: JSON.stringify(recovery), recipe: null, recovery };
}

const NONE = toRegime({ kind: 'none' });

interface Case {
  recovery: Recovery;
  repair: Repair | null;
  help: Help;
  of?: typeof checkpoint;
  text?: readonly number[];
}

const chosenOf = (scores: Float64Array) => scores.indexOf(Math.max(...scores));
const CASES: readonly Case[] = [
  { recovery: { kind: 'none' }, repair: null, help: { start: 0 } },
  ...(['prompt', 'prefix'] as const).map((kind) => {
    const repair = readTinyRepair(kind, config);
    return { recovery: { kind, repairId: kind }, repair, help: helpOf(checkpoint, repair) };
  }),
  {
    recovery: { kind: 'idp', repairId: 'pool' },
    repair: pool,
    help: helpOf(checkpoint, pool, chosenOf(routingScores(checkpoint, pool, sequence))),
  },
  { recovery: { kind: 'lora-unmerged', repairId: 'lora' }, repair: lora, help: helpOf(checkpoint, lora) },
  {
    recovery: { kind: 'lora-merged', repairId: 'lora', recompress: false },
    repair: lora,
    help: { start: 0 },
    of: merged,
  },
];

function expectRowsOfOne(layers: readonly LayerAttention[], { rows, columns }: Capture) {
  for (const { numHeads, data } of layers) {
    expect(data.length).toBe(numHeads * rows.length * columns.length);
    for (let row = 0; row < numHeads * rows.length; row++) {
      const sum = data.subarray(row * columns.length, (row + 1) * columns.length).reduce((a, b) => a + b, 0);
      expect(Math.abs(sum - 1)).toBeLessThan(1e-5);
    }
  }
}

test.each(CASES)('a capture holds what the reference computes: $recovery.kind', async (each) => {
  const runner = await makeRunner();
  const regime = toRegime(each.recovery);
  await runner.prepareRegime(regime, each.repair, null);
  const seen = await runner.inspect({ regime, context, answer, taps: ALL });
  const model = each.of ?? checkpoint;
  const expected = forward(model, { tokens: [...sequence, ...target.slice(0, -1)], ...each.help });
  expectRowsOfOne(seen.attention ?? [], seen);
  expect(seen.attention?.length).toBe(config.numLayers);
  for (const [layer, { attention, activations }] of expected.layers.entries()) {
    expect(maxDifference(seen.attention?.[layer]?.data ?? [], attention)).toBeLessThan(TOLERANCE);
    expect(maxDifference(seen.activations?.[layer]?.data ?? [], activations.data)).toBeLessThan(TOLERANCE);
  }
  for (const [i, { data }] of expected.hidden.entries()) {
    expect(maxDifference(seen.residual?.[i] ?? [], data)).toBeLessThan(TOLERANCE);
    const norm = model.tensors.get('model.norm.weight')?.data ?? new Float32Array();
    const head = model.tensors.get('model.embed_tokens.weight')?.data ?? new Float32Array();
    const rows = data.subarray((sequence.length - 1) * config.hiddenSize);
    const logits = multiply(
      rmsNorm({ data: rows, width: config.hiddenSize }, norm, config.normEps),
      head,
      config.vocabSize,
    );
    const rowOf = (row: number) => logits.data.subarray(row * config.vocabSize, (row + 1) * config.vocabSize);
    const lens = seen.lens?.[i];
    expect(
      maxDifference(
        lens?.logProbabilities ?? [],
        target.map((id, row) => logProbability(rowOf(row), id)),
      ),
    ).toBeLessThan(TOLERANCE);
    const order = [...rowOf(0).keys()].sort((a, b) => (rowOf(0)[b] ?? 0) - (rowOf(0)[a] ?? 0));
    const isAbove = (row: number, id: number) => (logit: number) => logit > (rowOf(row)[id] ?? 0);
    expect(lens?.ranks).toEqual(target.map((id, row) => 1 + rowOf(row).filter(isAbove(row, id)).length));
    expect(lens?.top[0]?.probability).toBeCloseTo(Math.exp(logProbability(rowOf(0), order[0] ?? 0)), 4);
  }
  const score = await runner.scoreItemByItem(regime, [{ id: '', context, answer }]);
  expect(Math.abs(Math.log(seen.answerProbability ?? 0) - (score[0]?.logLikelihood ?? 0))).toBeLessThan(TOLERANCE);
  await runner.dispose();
  expect(runner.ownedBytes).toBe(0);
});

describe('the labels of a capture', () => {
  test('number the vectors of a prompt and name every token', async () => {
    const runner = await makeRunner();
    const regime = toRegime({ kind: 'prompt', repairId: 'prompt' });
    const prompt = readTinyRepair('prompt', config);
    await runner.prepareRegime(regime, prompt, null);
    const { rows, columns, answer: said } = await runner.inspect({ regime, context: '7 8', answer: '5', taps: [] });
    expect(rows.map(({ text, kind }) => `${kind} ${text}`)).toEqual([
      'begin [begin]',
      'token 7',
      'token 8',
      'answer 5',
    ]);
    expect(said.map(({ text }) => text)).toEqual(['5', '[end]']);
    const n = prompt.kind === 'prompt' ? (prompt.vectors.shape[0] ?? 0) : 0;
    expect(columns.slice(0, n)).toEqual(
      Array.from({ length: n }, (_, i) => ({ text: String(i + 1), kind: 'virtual' })),
    );
    expect(columns.slice(n)).toEqual(rows);
  });

  test('put a text, its begin token among it, before the question', async () => {
    const runner = await makeRunner();
    const regime = toRegime({ kind: 'text', text: '9 10' });
    const { rows, columns } = await runner.inspect({ regime, context: '7', answer: null, taps: [] });
    expect(rows.map(({ kind }) => kind)).toEqual(['token']);
    expect(columns.map(({ text, kind }) => `${kind} ${text}`)).toEqual([
      'begin [begin]',
      'text 9',
      'text 10',
      'token 7',
    ]);
  });
});

test('a text in the past shows the attention of the text in the question', async () => {
  const runner = await makeRunner();
  const ask = (recovery: Recovery, words: string) =>
    runner.inspect({ regime: toRegime(recovery), context: words, answer: null, taps: ['attention'] });
  const behind = await ask({ kind: 'text', text: '9 10' }, '7 8');
  const within = await ask({ kind: 'none' }, '9 10 7 8');
  for (const [layer, { data, numHeads }] of (behind.attention ?? []).entries()) {
    for (let head = 0; head < numHeads; head++) {
      const whole = within.attention?.[layer]?.data.subarray((head * 5 + 3) * 5, (head + 1) * 25) ?? [];
      expect(maxDifference(data.subarray(head * 10, (head + 1) * 10), whole)).toBeLessThan(TOLERANCE);
    }
  }
});

describe('a look inside', () => {
  test('makes its session when it is first asked for, and no second one', async () => {
    const runner = await makeRunner();
    await runner.prepareRegime(NONE, null, null);
    const before = runner.sessionsCreated;
    const input = { regime: NONE, context, answer: null, taps: ['lens'] } as const;
    const first = await runner.inspect(input);
    expect(runner.sessionsCreated).toBe(before + 1);
    await runner.inspect(input);
    expect(runner.sessionsCreated).toBe(before + 1);
    expect(first).toMatchObject({ attention: null, residual: null, activations: null, answerProbability: null });
    expect(first.lens?.map(({ ranks }) => ranks)).toEqual([[], [], []]);
  });

  test('of one token is whole', async () => {
    const runner = await makeRunner();
    const seen = await runner.inspect({ regime: NONE, context: '', answer: null, taps: ALL });
    expect(seen.attention?.map(({ data }) => [...data])).toEqual([
      [1, 1, 1, 1],
      [1, 1, 1, 1],
    ]);
    expect(seen.rows.map(({ kind }) => kind)).toEqual(['begin']);
  });

  test('of a text too long for the cache is refused, and the next one is not', async () => {
    const runner = await makeRunner({ cacheLength: 16 });
    const long = toNumberText(new Array(20).fill(7));
    await expect(runner.inspect({ regime: NONE, context: long, answer: null, taps: ALL })).rejects.toMatchObject({
      code: 'limit-exceeded',
    });
    expect((await runner.inspect({ regime: NONE, context: '7', answer: null, taps: ALL })).rows.length).toBe(2);
  });

  test('of an empty pool is refused', async () => {
    const runner = await makeRunner();
    const regime = toRegime({ kind: 'idp', repairId: 'pool' });
    await runner.prepareRegime(regime, { kind: 'pool', prompts: [], start: 0 }, null);
    await expect(runner.inspect({ regime, context, answer, taps: ALL })).rejects.toMatchObject({
      code: 'repair-invalid',
    });
  });

  test('of weights that are no numbers is refused', async () => {
    const tensors = new Map(checkpoint.tensors);
    const { shape = [], data = new Float32Array() } = tensors.get('model.layers.1.mlp.up_proj.weight') ?? {};
    tensors.set('model.layers.1.mlp.up_proj.weight', { shape, data: data.map(() => Number.NaN) });
    const runner = await makeRunner({}, { config, tensors });
    await expect(runner.inspect({ regime: NONE, context, answer, taps: ALL })).rejects.toMatchObject({
      code: 'run-failed',
    });
  });

  test('is stopped before it begins where it was cancelled', async () => {
    const runner = await makeRunner();
    const signal = AbortSignal.abort();
    await expect(runner.inspect({ regime: NONE, context, answer, taps: ALL }, { signal })).rejects.toMatchObject({
      code: 'stopped',
    });
  });

  test('tells which prompt was chosen, as an answer does', async () => {
    const runner = await makeRunner();
    const regime = toRegime({ kind: 'idp', repairId: 'pool' });
    await runner.prepareRegime(regime, pool, null);
    for (const ids of [sequence, short]) {
      const question = { regime, context: toNumberText(ids.slice(1)), answer: null };
      const sampling = { temperature: 0, topK: 0, seed: 0 };
      const { routing } = await runner.generate({ ...question, maxNewTokens: 1, sampling });
      expect((await runner.inspect({ ...question, taps: [] })).routing).toEqual(routing);
    }
  });
});
