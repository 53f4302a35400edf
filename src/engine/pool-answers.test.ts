import { beforeAll, describe, expect, test } from 'vitest';
import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import { argmax, logProbability } from '../core/eval/scoring.ts';
import type { PoolOutcome } from '../core/inside/capture.ts';
import type { Regime } from '../core/recover/regime.ts';
import { promptLength } from '../core/recover/repair.ts';
import { forward } from '../core/reference/forward.ts';
import { helpOf } from '../core/reference/help.ts';
import { routingScores } from '../core/reference/routing.ts';
import { readGolden, readGoldenCheckpoint, readTinyPool } from '../testing/fixtures.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { spyOnRuns } from '../testing/spy-on-runs.ts';
import { TOLERANCES } from '../testing/tolerances.ts';
import '../testing/to-be-all-close.ts';
import { createRunner } from './runner.ts';
import type { PoolItems, Runner } from './runner-type.ts';
import { createRuntime } from './session.ts';

const MAX_NEW_TOKENS = 6;
const golden = readGoldenCheckpoint();
const pool = readTinyPool(golden.config);
const { sequence } = readGolden().ids;
const regime: Regime = { id: 'idp', recipe: null, recovery: { kind: 'idp', repairId: 'pool' } };
const CONTEXTS = [2, 3, 4, 5, 6, 7].map((length) => sequence.slice(0, length));

/** What a prompt says by the plain forward pass, one run a token. */
function sayPlainly(of: Checkpoint, context: readonly number[], prompt: number) {
  const help = helpOf(of, pool, prompt);
  const ids: number[] = [];
  const logProbabilities: number[] = [];
  let hasEnded = false;
  while (!hasEnded && ids.length < MAX_NEW_TOKENS) {
    const { logits } = forward(of, { tokens: [...context, ...ids], ...help });
    const last = logits.data.slice(-of.config.vocabSize);
    const id = argmax(last);
    logProbabilities.push(logProbability(last, id));
    hasEnded = id === of.config.eosTokenId;
    if (!hasEnded) ids.push(id);
  }
  const confidence = logProbabilities.reduce((sum, value) => sum + value, 0) / logProbabilities.length;
  return { ids, hasEnded, text: toNumberText(ids), confidence };
}

/** The tiny model never ends by itself: here it does at the third token that a prompt says. */
const eosTokenId = sayPlainly(golden, CONTEXTS[0] ?? [], 1).ids[2] ?? 1;
const checkpoint: Checkpoint = { ...golden, config: { ...golden.config, eosTokenId } };
const plain = CONTEXTS.map((context) => pool.prompts.map((_, prompt) => sayPlainly(checkpoint, context, prompt)));

function toItems(toAnswer: (i: number) => string | null): PoolItems {
  return CONTEXTS.map((context, i) => ({
    id: `q${i}`,
    context: toNumberText(context.slice(1)),
    answer: toAnswer(i),
  }));
}

function expectPlain(found: readonly PoolOutcome[]): void {
  expect(found.map(({ answers }) => answers.map(({ text }) => text))).toEqual(
    plain.map((said) => said.map(({ text }) => text)),
  );
  const confidences = found.flatMap(({ answers }) => answers.map(({ confidence }) => confidence));
  const expected = plain.flat().map(({ confidence }) => confidence);
  expect(confidences).toBeAllClose(expected, TOLERANCES.logProbabilities);
}

describe('a pool that is asked', () => {
  let runner: Runner;
  let lengths: number[];
  beforeAll(async () => {
    const spy = await spyOnRuns();
    ({ lengths } = spy);
    runner = createRunner(spy.runtime, { cacheLength: 64, rowLength: 64 });
    await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
    await runner.prepareRegime(regime, pool, null);
  });

  test('says behind every prompt what the plain forward pass says, and is as sure of it', async () => {
    const ends = plain.flat().map(({ hasEnded }) => hasEnded);
    expect(ends).toContain(true);
    expect(ends).toContain(false);
    const items = toItems(() => null);
    const found = await runner.askPool(regime, items, { maxNewTokens: MAX_NEW_TOKENS });
    expect(found.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    expectPlain(found);
    expect(found.flatMap(({ answers }) => answers.map(({ isRight }) => isRight))).not.toContain(true);
    expect(found.flatMap(({ answers }) => answers.map(({ isRight }) => isRight))).not.toContain(false);
  });

  test.each([0, 1, 2])('says the same where the right answer is that of prompt %i, in fewer runs', async (right) => {
    const rightOf = (i: number) => plain[i]?.[right]?.text ?? '';
    lengths.length = 0;
    await runner.askPool(
      regime,
      toItems(() => null),
      { maxNewTokens: MAX_NEW_TOKENS },
    );
    const unguessed = lengths.length;
    lengths.length = 0;
    const found = await runner.askPool(regime, toItems(rightOf), { maxNewTokens: MAX_NEW_TOKENS });
    expect(lengths.length).toBeLessThan(unguessed);
    expectPlain(found);
    expect(found.map(({ answers }) => answers.map(({ isRight }) => isRight))).toEqual(
      plain.map((said, i) => said.map(({ text, hasEnded }) => hasEnded && text === rightOf(i))),
    );
  });

  test('is not led astray by a right answer that no prompt says', async () => {
    expectPlain(
      await runner.askPool(
        regime,
        toItems(() => '9 8 7 6 5 4 3 2'),
        { maxNewTokens: MAX_NEW_TOKENS },
      ),
    );
  });

  test('scores the prompts as the reference routes, and tells which one is chosen', async () => {
    const found = await runner.askPool(
      regime,
      toItems(() => null),
      { maxNewTokens: 1 },
    );
    for (const [i, { scores, chosen }] of found.entries()) {
      const expected = [...routingScores(checkpoint, pool, CONTEXTS[i] ?? [])];
      expect([...scores]).toBeAllClose(expected, TOLERANCES.probabilities);
      expect(chosen).toBe(argmax(expected));
    }
  });

  test('needs no more runs for one question than prompts times tokens, and far fewer for many than for each alone', async () => {
    const countRuns = async (items: PoolItems) => {
      lengths.length = 0;
      await runner.askPool(regime, items, { maxNewTokens: MAX_NEW_TOKENS });
      return lengths.length;
    };
    const items = toItems(() => null);
    const alone: number[] = [];
    for (const item of items) alone.push(await countRuns([item]));
    const routed = 1;
    for (const runs of alone) expect(runs).toBeLessThanOrEqual(routed + pool.prompts.length * MAX_NEW_TOKENS);
    expect(await countRuns(items)).toBeLessThan(alone.reduce((sum, runs) => sum + runs, 0) / 2);
  });

  test('tells how many answers are whole, up to all of them', async () => {
    const told: { done: number; total: number }[] = [];
    const onProgress = (progress: { done: number; total: number }) => told.push(progress);
    await runner.askPool(
      regime,
      toItems(() => null),
      { maxNewTokens: MAX_NEW_TOKENS, onProgress },
    );
    const total = CONTEXTS.length * pool.prompts.length;
    expect(told.every((each) => each.total === total)).toBe(true);
    expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).sort((a, b) => a - b));
    expect(told.at(-1)?.done).toBe(total);
  });

  test('stops between two runs', async () => {
    const stop = new AbortController();
    lengths.length = 0;
    const asked = runner.askPool(
      regime,
      toItems(() => null),
      { maxNewTokens: MAX_NEW_TOKENS, signal: stop.signal, onProgress: () => stop.abort() },
    );
    await expect(asked).rejects.toMatchObject({ code: 'stopped' });
    expect(lengths.length).toBeLessThan(4);
  });

  test.each([
    [
      'a regime without a pool',
      { id: 'dense', recipe: null, recovery: { kind: 'none' } } as const,
      toItems(() => null),
      6,
      { field: 'recovery', observed: 'none', allowed: 'idp' },
    ],
    ['no question', regime, [], 6, { field: 'items', observed: 0 }],
    ['an answer of no tokens', regime, toItems(() => null), 0, { field: 'maxNewTokens', observed: 0 }],
    [
      'a question that is longer than the cache',
      regime,
      [{ id: 'long', context: toNumberText(new Array(60).fill(7)), answer: null }],
      6,
      { field: 'context', observed: 61, allowed: 64 - 5 - 5 },
    ],
  ] as const)('refuses %s before any run', async (_, of, items, maxNewTokens, details) => {
    lengths.length = 0;
    const asked = runner.askPool(of, items, { maxNewTokens });
    await expect(asked).rejects.toMatchObject({ code: 'input-invalid', details });
    expect(lengths).toEqual([]);
  });
});

async function makeRunner(of: Checkpoint = checkpoint): Promise<Runner> {
  const runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 64, rowLength: 64 });
  await runner.loadCheckpoint(of, NUMBER_TOKENIZER);
  return runner;
}

test('a pool without prompts is refused', async () => {
  const runner = await makeRunner();
  await runner.prepareRegime(regime, { kind: 'pool', prompts: [], start: 0 }, null);
  const asked = runner.askPool(
    regime,
    toItems(() => null),
    { maxNewTokens: 2 },
  );
  await expect(asked).rejects.toMatchObject({ code: 'repair-invalid' });
});

test('a model whose numbers are none is refused', async () => {
  const name = 'model.layers.1.mlp.up_proj.weight';
  const { shape = [], data = new Float32Array() } = checkpoint.tensors.get(name) ?? {};
  const tensors = new Map([...checkpoint.tensors, [name, { shape, data: data.map(() => Number.NaN) }]]);
  const runner = await makeRunner({ config: checkpoint.config, tensors });
  await runner.prepareRegime(regime, pool, null);
  const asked = runner.askPool(
    regime,
    toItems(() => null),
    { maxNewTokens: 2 },
  );
  await expect(asked).rejects.toMatchObject({ code: 'run-failed' });
});

test('a pool of one prompt, and a question of the begin token alone, are asked like any other', async () => {
  const runner = await makeRunner();
  const [prompt] = pool.prompts;
  if (prompt === undefined) throw new Error('the fixtures have no prompt');
  await runner.prepareRegime(regime, { kind: 'pool', prompts: [prompt], start: promptLength(prompt) }, null);
  const items = [{ id: 'begin', context: '', answer: null }];
  const [outcome] = await runner.askPool(regime, items, { maxNewTokens: MAX_NEW_TOKENS });
  const expected = sayPlainly(checkpoint, [checkpoint.config.bosTokenId], 0);
  expect(outcome).toMatchObject({ id: 'begin', chosen: 0, answers: [{ text: expected.text, isRight: null }] });
});
