import { beforeAll, expect, test } from 'vitest';
import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import { argmax } from '../core/eval/scoring.ts';
import type { Prompt } from '../core/harness/task.ts';
import type { Regime } from '../core/recover/regime.ts';
import { forward } from '../core/reference/forward.ts';
import { helpOf } from '../core/reference/help.ts';
import { routingScores } from '../core/reference/routing.ts';
import { readGolden, readGoldenCheckpoint, readTinyPool } from '../testing/fixtures.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { spyOnRuns } from '../testing/spy-on-runs.ts';
import { createRunner } from './runner.ts';
import type { Runner } from './runner-type.ts';

const MAX_NEW_TOKENS = 6;
const golden = readGoldenCheckpoint();
const pool = readTinyPool(golden.config);
const { sequence } = readGolden().ids;
const CONTEXTS = [2, 3, 4, 5, 6, 7].map((length) => sequence.slice(0, length));
const DENSE: Regime = { id: 'dense', recipe: null, recovery: { kind: 'none' } };
const ROUTED: Regime = { id: 'idp', recipe: null, recovery: { kind: 'idp', repairId: 'pool' } };

/** What the plain forward pass says, one run a token, behind a prompt of the pool where there is one. */
function sayPlainly(of: Checkpoint, context: readonly number[], prompt: number | null, limit = MAX_NEW_TOKENS) {
  const help = helpOf(of, prompt === null ? null : pool, prompt ?? 0);
  const ids: number[] = [];
  while (ids.length < limit) {
    const { logits } = forward(of, { tokens: [...context, ...ids], ...help });
    const id = argmax(logits.data.slice(-of.config.vocabSize));
    if (id === of.config.eosTokenId) return { text: toNumberText(ids), hasEnded: true };
    ids.push(id);
  }
  return { text: toNumberText(ids), hasEnded: false };
}

/** The tiny model never ends by itself: here it does at the third token that it says. */
const thirdSaid = sayPlainly(golden, CONTEXTS[0] ?? [], null)
  .text.trim()
  .split(' ')[2];
const checkpoint: Checkpoint = { ...golden, config: { ...golden.config, eosTokenId: Number(thirdSaid) } };

const toPrompts = (right: string): Prompt[] =>
  CONTEXTS.map((context, i) => ({
    id: `q${i}`,
    outputType: 'generate_until',
    context: toNumberText(context.slice(1)),
    continuations: [right],
  }));

let runner: Runner;
let lengths: number[];
beforeAll(async () => {
  const spy = await spyOnRuns();
  ({ lengths } = spy);
  runner = createRunner(spy.runtime, { cacheLength: 64, rowLength: 64 });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
  await runner.prepareRegime(ROUTED, pool, null);
});

test('a regime writes what the plain forward pass says, up to the end token or the limit', async () => {
  const expected = CONTEXTS.map((context) => sayPlainly(checkpoint, context, null));
  expect(new Set(expected.map(({ hasEnded }) => hasEnded))).toEqual(new Set([true, false]));
  expect(await runner.writeAnswers(DENSE, toPrompts(' 5'), { maxNewTokens: MAX_NEW_TOKENS })).toEqual(expected);
});

test('a pool writes each answer behind the prompt that its context is routed to', async () => {
  const chosen = CONTEXTS.map((context) => argmax([...routingScores(checkpoint, pool, context)]));
  const expected = CONTEXTS.map((context, i) => sayPlainly(checkpoint, context, chosen[i] ?? 0));
  expect(await runner.writeAnswers(ROUTED, toPrompts(' 5'), { maxNewTokens: MAX_NEW_TOKENS })).toEqual(expected);
});

test('an answer may be as long as the right one with its end token, so that none is taken for it', async () => {
  const written = await runner.writeAnswers(DENSE, toPrompts(' 5 6 7'), { maxNewTokens: 1 });
  expect(written).toEqual(CONTEXTS.map((context) => sayPlainly(checkpoint, context, null, 4)));
});

test('what was written is told run by run, up to all, and Stop is heard between two runs', async () => {
  const told: { done: number; total: number }[] = [];
  await runner.writeAnswers(DENSE, toPrompts(' 5'), {
    maxNewTokens: MAX_NEW_TOKENS,
    onProgress: (each) => told.push(each),
  });
  expect(told.at(-1)).toEqual({ done: CONTEXTS.length, total: CONTEXTS.length });
  expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).sort((a, b) => a - b));
  const stop = new AbortController();
  lengths.length = 0;
  const asked = runner.writeAnswers(DENSE, toPrompts(' 5'), {
    maxNewTokens: MAX_NEW_TOKENS,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await expect(asked).rejects.toMatchObject({ code: 'stopped' });
  expect(lengths).toHaveLength(1);
});

test('prompts of another kind, and those that the model cannot read, are refused before any run', async () => {
  lengths.length = 0;
  const ask = (prompt: Partial<Prompt>) =>
    runner.writeAnswers(DENSE, [{ ...toPrompts(' 5')[0], ...prompt } as Prompt], { maxNewTokens: 2 });
  await expect(ask({ outputType: 'multiple_choice' })).rejects.toMatchObject({ code: 'input-invalid' });
  const long = toNumberText(new Array(40).fill(7));
  await expect(ask({ context: long })).rejects.toMatchObject({ code: 'input-invalid' });
  expect(lengths).toEqual([]);
});
