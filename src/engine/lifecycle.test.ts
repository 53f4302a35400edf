import { expect, test } from 'vitest';
import type { Recipe } from '../core/compress/recipe.ts';
import { AppError, type ErrorCode } from '../core/errors.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { Repair } from '../core/recover/repair.ts';
import { readGolden, readGoldenCheckpoint, readTinyFile } from '../testing/fixtures.ts';
import { tinyCheckpoint } from '../testing/make-checkpoint.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { makeTinyRegimes } from '../testing/tiny-regimes.ts';
import type { GenerateRequest } from './protocol.ts';
import { createRunner } from './runner.ts';
import type { Runner } from './runner-type.ts';
import { createRuntime } from './session.ts';

const golden = readGolden();
const checkpoint = readGoldenCheckpoint();
const regimes = makeTinyRegimes(checkpoint, golden, readTinyFile);
const DENSE: Regime = { id: 'dense', recipe: null, recovery: { kind: 'none' } };
const CONTEXT = toNumberText(golden.ids.sequence.slice(1, 5));

async function makeRunner(limits: Parameters<typeof createRunner>[1] = {}): Promise<Runner> {
  const runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 64, rowLength: 32, ...limits });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
  return runner;
}

function makeRequest(regime: Regime, maxNewTokens: number): GenerateRequest {
  return { regime, context: CONTEXT, answer: null, maxNewTokens, sampling: { temperature: 0, topK: 0, seed: 0 } };
}

function pruned(sparsity: number): Recipe {
  return { version: 1, steps: [{ method: 'magnitude', sparsity, granularity: 'per-output' }] };
}

async function expectFailure(promise: Promise<unknown>, code: ErrorCode): Promise<AppError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).code).toBe(code);
  return error as AppError;
}

test('loading, preparing and disposing 50 times leaves no byte behind', { timeout: 120_000 }, async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const runner = createRunner(runtime, { cacheLength: 64 });
  const loaded: number[] = [];
  for (let cycle = 0; cycle < 50; cycle++) {
    await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
    for (const { regime, repair } of regimes.slice(0, 6)) await runner.prepareRegime(regime, repair, null);
    loaded.push(runner.ownedBytes);
    if (cycle % 2 === 0) await runner.dispose();
    if (cycle % 2 === 0) expect(runner.ownedBytes).toBe(0);
  }
  expect(new Set(loaded).size).toBe(1);
  await runner.dispose();
  expect(runner.ownedBytes).toBe(0);
});

test('going round all regimes again creates no session and takes no more bytes', async () => {
  const runner = await makeRunner();
  const go = async () => {
    for (const { regime, repair } of regimes.filter(({ name }) => /^(dense|magnitude|rtn)\//.test(name))) {
      await runner.prepareRegime(regime, repair, null);
      await runner.generate(makeRequest(regime, 2));
    }
  };
  await go();
  const { sessionsCreated, ownedBytes } = runner;
  await go();
  expect(runner.sessionsCreated).toBe(sessionsCreated);
  expect(runner.ownedBytes).toBe(ownedBytes);
});

test('a slider that moves through many recipes of one format edits buffers and creates no session', async () => {
  const runner = await makeRunner();
  for (const sparsity of [0.1, 0.2, 0.3]) await runner.loadRecipe(pruned(sparsity));
  const { sessionsCreated, ownedBytes } = runner;
  for (let step = 4; step < 20; step++) {
    const loaded = await runner.loadRecipe(pruned(step / 20));
    expect(loaded.sessionsCreated).toBe(0);
    expect(loaded.size.sparsity).toBeGreaterThan(step / 20 - 0.05);
  }
  expect(runner.sessionsCreated).toBe(sessionsCreated);
  expect(runner.ownedBytes).toBe(ownedBytes);
});

test('a regime whose recipe gave way answers as before', async () => {
  const runner = await makeRunner();
  const [first] = regimes.filter(({ name }) => name === 'magnitude/prompt');
  if (first === undefined) throw new Error('The fixture has no magnitude/prompt.');
  await runner.prepareRegime(first.regime, first.repair, null);
  const before = await runner.generate(makeRequest(first.regime, 6));
  for (let step = 1; step < 6; step++) await runner.loadRecipe(pruned(step / 10 + 0.01));
  const after = await runner.generate(makeRequest(first.regime, 6));
  expect(after.text).toBe(before.text);
  const again = await runner.prepareRegime(first.regime, null, first.golden);
  expect(again.gate.status).toBe('passed');
});

test('a LoRA of some matrices, merged into a quantized variant, still answers after other recipes', async () => {
  const runner = await makeRunner();
  const found = regimes.find(({ name, regime }) => name === 'rtn/lora' && regime.recovery.kind === 'lora-merged');
  if (found?.repair?.kind !== 'lora') throw new Error('The fixture has no rtn/lora.');
  const modules = new Map([...found.repair.modules].filter(([module]) => module.endsWith('q_proj')));
  await runner.prepareRegime(found.regime, { kind: 'lora', modules }, null);
  const before = await runner.generate(makeRequest(found.regime, 6));
  await runner.loadRecipe(pruned(0.2));
  const after = await runner.generate(makeRequest(found.regime, 6));
  expect(after.text).toBe(before.text);
  const whole = await makeRunner();
  await whole.prepareRegime(found.regime, found.repair, null);
  expect((await whole.generate(makeRequest(found.regime, 6))).text).not.toBe(before.text);
});

test('a pool or prefix that fails half-way leaves no byte behind', async () => {
  const runner = await makeRunner();
  const { hiddenSize } = checkpoint.config;
  const prompt = (width: number) => ({
    kind: 'prompt' as const,
    vectors: { shape: [2, width], data: new Float32Array(2 * width) },
  });
  const { ownedBytes } = runner;
  const broken: readonly [Regime['recovery'], Repair][] = [
    [
      { kind: 'idp', repairId: 'pool' },
      { kind: 'pool', prompts: [prompt(hiddenSize), prompt(hiddenSize + 1)], start: 2 },
    ],
    [
      { kind: 'prefix', repairId: 'prefix' },
      { kind: 'prefix', numVectors: 2, layers: [] },
    ],
  ];
  for (const [recovery, repair] of broken) {
    await expectFailure(runner.prepareRegime({ id: 'r', recipe: null, recovery }, repair, null), 'repair-invalid');
    expect(runner.ownedBytes).toBe(ownedBytes);
  }
});

test('a small weight budget keeps few sets and answers stay right', async () => {
  const runner = await makeRunner({ weightBudgetBytes: 1 });
  for (let round = 0; round < 2; round++) {
    for (const { regime, repair, golden: of } of regimes) {
      const { gate } = await runner.prepareRegime(regime, repair, of);
      expect(gate.status).toBe('passed');
    }
  }
});

test('going through many formats does not heap up the buffers of formats left behind', async () => {
  const runner = await makeRunner({ weightBudgetBytes: 1 });
  const held: number[] = [];
  for (let round = 0; round < 3; round++) {
    for (const bits of [2, 4, 8] as const) {
      for (const groupSize of [16, 32] as const) {
        await runner.loadRecipe({ version: 1, steps: [{ method: 'rtn', bits, groupSize, symmetric: false }] });
      }
    }
    for (const sparsity of [0.1, 0.2, 0.3]) await runner.loadRecipe(pruned(sparsity));
    held.push(runner.ownedBytes);
  }
  const fresh = await makeRunner({ weightBudgetBytes: 1 });
  for (const sparsity of [0.1, 0.2, 0.3]) await fresh.loadRecipe(pruned(sparsity));
  expect(held).toEqual(held.map(() => fresh.ownedBytes));
});

test('Stop ends the text between two tokens and keeps what there is', async () => {
  const runner = await makeRunner();
  const controller = new AbortController();
  const seen: string[] = [];
  const result = await runner.generate(makeRequest(DENSE, 40), {
    signal: controller.signal,
    onToken: ({ text }) => {
      seen.push(text);
      if (seen.length === 2) setTimeout(() => controller.abort(), 0);
    },
  });
  expect(result.stopReason).toBe('stopped');
  expect(result.numTokens).toBeGreaterThanOrEqual(2);
  expect(result.numTokens).toBeLessThan(40);
  expect(seen.join('')).toBe(result.text);
});

test('an answer that was stopped is neither right nor wrong', async () => {
  const runner = await makeRunner();
  const request = { ...makeRequest(DENSE, 40), answer: '5' };
  const stopped = await runner.generate(request, { signal: AbortSignal.abort() });
  expect(stopped).toMatchObject({ stopReason: 'stopped', isRight: null, answerProbability: null, ttftMs: null });
  expect((await runner.generate(request)).isRight).toBe(false);
});

test('a character that two tokens share streams once it is whole', async () => {
  const runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 64 });
  const halves = (ids: readonly number[]) => Uint8Array.from(ids, (_, i) => (i % 2 === 0 ? 0xc3 : 0xa9));
  const decode = (ids: readonly number[]) => new TextDecoder().decode(halves(ids));
  await runner.loadCheckpoint(checkpoint, { ...NUMBER_TOKENIZER, decode });
  const seen: string[] = [];
  const { text } = await runner.generate(makeRequest(DENSE, 4), { onToken: (token) => seen.push(token.text) });
  expect(text).toBe('éé');
  expect(seen).toEqual(['', 'é', '', 'é']);
});

test('Stop ends a scoring with the code that says so', async () => {
  const runner = await makeRunner();
  const items = Array.from({ length: 40 }, (_, i) => ({
    id: String(i),
    context: toNumberText([i + 3, i + 9]),
    answer: '5',
  }));
  await expectFailure(runner.score(DENSE, items, { signal: AbortSignal.abort() }), 'stopped');
});

test('what does not fit the cache is refused with both numbers, and the next answer comes', async () => {
  const runner = await makeRunner();
  const error = await expectFailure(runner.generate(makeRequest(DENSE, 100)), 'limit-exceeded');
  expect(error.details).toMatchObject({ tokens: 104, allowed: 64 });
  await expect(runner.generate(makeRequest(DENSE, 2))).resolves.toMatchObject({ numTokens: 2 });
});

test('a call before any model, an unknown repair and a foreign token id are refused', async () => {
  const empty = createRunner(await createRuntime({ kind: 'wasm' }));
  await expectFailure(empty.generate(makeRequest(DENSE, 2)), 'input-invalid');
  const runner = await makeRunner();
  const unknown: Regime = { id: 'x', recipe: null, recovery: { kind: 'prompt', repairId: 'nowhere' } };
  await expectFailure(runner.generate(makeRequest(unknown, 2)), 'repair-invalid');
  await expectFailure(runner.generate({ ...makeRequest(DENSE, 2), context: '99999' }), 'tokenizer-invalid');
});

test('a recipe that does not fit leaves the former one answering', async () => {
  const runner = await makeRunner();
  const before = await runner.generate(makeRequest(DENSE, 4));
  const misfit: Recipe = { version: 1, steps: [{ method: 'rtn', bits: 4, groupSize: 128, symmetric: false }] };
  await expectFailure(runner.loadRecipe(misfit), 'recipe-invalid');
  await expect(runner.generate(makeRequest(DENSE, 4))).resolves.toMatchObject({ text: before.text });
});

test('a checkpoint that breaks off leaves the former model answering and no byte behind', async () => {
  const runner = await makeRunner();
  const before = await runner.generate(makeRequest(DENSE, 4));
  const { ownedBytes } = runner;
  const tensors = new Map(checkpoint.tensors);
  tensors.delete('model.layers.1.input_layernorm.weight');
  await expectFailure(runner.loadCheckpoint({ ...checkpoint, tensors }, NUMBER_TOKENIZER), 'checkpoint-invalid');
  const without = new Map(checkpoint.tensors);
  without.delete('model.layers.1.mlp.up_proj.weight');
  await expectFailure(
    runner.loadCheckpoint({ ...checkpoint, tensors: without }, NUMBER_TOKENIZER),
    'checkpoint-invalid',
  );
  expect(runner.ownedBytes).toBe(ownedBytes);
  await expect(runner.generate(makeRequest(DENSE, 4))).resolves.toMatchObject({ text: before.text });
});

test('golden logits of another model fail the gate', async () => {
  const runner = await makeRunner();
  await runner.loadCheckpoint(tinyCheckpoint({ vocabSize: checkpoint.config.vocabSize }), NUMBER_TOKENIZER);
  const [dense] = regimes;
  const { gate } = await runner.prepareRegime(DENSE, null, dense?.golden ?? null);
  expect(gate.status).toBe('failed');
  expect(gate.maxDifference).toBeGreaterThan(gate.tolerance);
});

test('the right answer gets its probability, and a seed repeats a sampled text', async () => {
  const runner = await makeRunner();
  const target = golden.ids.target.slice(0, -1);
  const sum = golden.tensor('dense/none/target-logprobs').data.reduce((total, value) => total + value, 0);
  const request = {
    regime: DENSE,
    context: toNumberText(golden.ids.sequence.slice(1)),
    answer: toNumberText(target),
    maxNewTokens: 6,
    sampling: { temperature: 1.5, topK: 20, seed: 9 },
  };
  const first = await runner.generate(request);
  const second = await runner.generate(request);
  const other = await runner.generate({ ...request, sampling: { ...request.sampling, seed: 10 } });
  expect(first.answerProbability).toBeCloseTo(Math.exp(sum), 8);
  expect(second.text).toBe(first.text);
  expect(other.text).not.toBe(first.text);
});

test('a timed run counts prefill and steps and says nothing of routing where none is', async () => {
  const runner = await makeRunner();
  const timed = await runner.time(DENSE, CONTEXT, 4);
  expect(timed.contextTokens).toBe(4);
  expect(timed.routingMs).toBe(0);
  expect(timed.ttftMs).toBeGreaterThan(0);
  expect(timed.perTokenMs).toBeGreaterThan(0);
});
