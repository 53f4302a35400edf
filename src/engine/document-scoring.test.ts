import { expect, test } from 'vitest';
import { scoreTarget } from '../core/eval/scoring.ts';
import type { Prompt } from '../core/harness/task.ts';
import { normal, seededRandom } from '../core/random.ts';
import type { Pool, SoftPrompt } from '../core/recover/repair.ts';
import { forward } from '../core/reference/forward.ts';
import { helpOf } from '../core/reference/help.ts';
import { routingScores } from '../core/reference/routing.ts';
import { tinyCheckpoint } from '../testing/make-checkpoint.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { TOLERANCES } from '../testing/tolerances.ts';
import '../testing/to-be-all-close.ts';
import { createRunner } from './runner.ts';
import { createRuntime } from './session.ts';

const random = seededRandom(5);
const checkpoint = tinyCheckpoint({});
const { config } = checkpoint;
/** Half of the cache, which is what a model reads at once. */
const WINDOW = 12;

function makePrompt(n: number): SoftPrompt {
  const data = Float32Array.from({ length: n * config.hiddenSize }, () => 0.5 * normal(random));
  return { kind: 'prompt', vectors: { shape: [n, config.hiddenSize], data } };
}

const pool: Pool = { kind: 'pool', prompts: [makePrompt(3), makePrompt(6), makePrompt(1)], start: 6 };
const ids = Array.from({ length: 2 * WINDOW + 6 }, () => 2 + random.integer(config.vocabSize - 2));
const text: Prompt = {
  id: 'a',
  outputType: 'loglikelihood_rolling',
  context: '',
  continuations: [toNumberText(ids)],
};

async function makeRunner() {
  const runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 2 * WINDOW, rowLength: 32 });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
  return runner;
}

const IDP = { id: 'r', recipe: null, recovery: { kind: 'idp', repairId: 'pool' } } as const;

/** Which prompt the reference's scores choose. */
function chosenBy(given: readonly number[]): number {
  const scores = [...routingScores(checkpoint, pool, given)];
  return scores.indexOf(Math.max(...scores));
}

/** Log-likelihood of a window by the plain forward pass. */
function windowSum(repair: Pool | null, chosen: number, context: readonly number[], target: readonly number[]): number {
  const help = helpOf(checkpoint, repair, chosen);
  const { logits } = forward(checkpoint, { tokens: [...context, ...target.slice(0, -1)], ...help });
  const rows = logits.data.subarray((context.length - 1) * config.vocabSize);
  return scoreTarget(Float32Array.from(rows), config.vocabSize, target).logLikelihood;
}

test.each([
  ['alone', null],
  ['behind the prompt that the begin token chooses', pool],
])('a text longer than the model can read is scored in windows, each token once, %s', async (_, repair) => {
  const runner = await makeRunner();
  const regime = repair === null ? ({ id: 'r', recipe: null, recovery: { kind: 'none' } } as const) : IDP;
  await runner.prepareRegime(regime, repair, null);
  const [found] = await runner.scoreDocuments(regime, [text]);
  const chosen = repair === null ? 0 : chosenBy([config.bosTokenId]);
  const expected =
    windowSum(repair, chosen, [config.bosTokenId], ids.slice(0, 12)) +
    windowSum(repair, chosen, ids.slice(11, 12), ids.slice(12, 24)) +
    windowSum(repair, chosen, ids.slice(17, 24), ids.slice(24, 30));
  expect(found?.logLikelihoods ?? []).toBeAllClose([expected], TOLERANCES.logProbabilities);
});

test.each(['loglikelihood_rolling', 'multiple_choice'] as const)(
  'what is scored does not choose the prompt where nothing is given: %s',
  async (outputType) => {
    const runner = await makeRunner();
    await runner.prepareRegime(IDP, pool, null);
    const texts = Array.from({ length: 8 }, (_, i) => ids.slice(i, i + 4));
    // The texts themselves would choose several prompts, so a choice by them would be seen.
    expect(new Set(texts.map((each) => chosenBy([config.bosTokenId, ...each]))).size).toBeGreaterThan(1);
    const prompts = texts.map((each, i) => ({
      id: String(i),
      outputType,
      context: '',
      continuations: [toNumberText(each)],
    }));
    const found = await runner.scoreDocuments(IDP, prompts);
    const chosen = chosenBy([config.bosTokenId]);
    const expected = texts.map((each) => windowSum(pool, chosen, [config.bosTokenId], each));
    expect(found.flatMap(({ logLikelihoods }) => logLikelihoods)).toBeAllClose(expected, TOLERANCES.logProbabilities);
  },
);

test('a prompt that is too long, or whose tokens the model does not know, is refused', async () => {
  const runner = await makeRunner();
  const regime = { id: 'r', recipe: null, recovery: { kind: 'none' } } as const;
  const ask = (context: readonly number[], target: readonly number[]) => {
    const continuations = [` ${toNumberText(target)}`];
    return runner.scoreDocuments(regime, [
      { id: 'a', outputType: 'loglikelihood', context: toNumberText(context), continuations },
    ]);
  };
  const toLong = (numTokens: number) => {
    return {
      id: 'a',
      outputType: 'loglikelihood',
      context: toNumberText(ids.slice(0, numTokens)),
      continuations: [' 5'],
    } as const;
  };
  const found = await runner.checkPrompts([toLong(WINDOW - 1), toLong(WINDOW), toLong(2)]);
  const what = `${WINDOW + 1} tokens, where the model reads at most ${WINDOW}`;
  expect(found).toEqual([{ index: 1, fault: { kind: 'too-long', choice: 0, what } }]);
  expect(await ask(ids.slice(0, WINDOW - 1), [5])).toHaveLength(1);
  await expect(ask(ids.slice(0, WINDOW), [5])).rejects.toMatchObject({ code: 'input-invalid' });
  await expect(ask([5], [config.vocabSize])).rejects.toMatchObject({ code: 'tokenizer-invalid' });
});
