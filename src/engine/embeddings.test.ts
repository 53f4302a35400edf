import { expect, test } from 'vitest';
import { linearModules } from '../core/checkpoint/checkpoint.ts';
import { applyRecipe } from '../core/compress/apply-recipe.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import { toCheckpoint } from '../core/compress/variant-matrix.ts';
import { scoreTarget } from '../core/eval/scoring.ts';
import { normal, seededRandom } from '../core/random.ts';
import type { Recovery } from '../core/recover/recovery.ts';
import type { Pool, Repair, SoftPrompt } from '../core/recover/repair.ts';
import { forward } from '../core/reference/forward.ts';
import { helpOf } from '../core/reference/help.ts';
import { routingScores } from '../core/reference/routing.ts';
import { tinyCheckpoint } from '../testing/make-checkpoint.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { TOLERANCES } from '../testing/tolerances.ts';
import { createRunner } from './runner.ts';
import type { Runner } from './runner-type.ts';
import { createRuntime } from './session.ts';

const [CONTEXT, TARGET] = [
  [7, 21, 3, 39],
  [12, 5],
];
const TEXT = toNumberText(CONTEXT);
const GRID = { method: 'rtn', bits: 4, groupSize: 16, symmetric: false };
const recipe = (...steps: unknown[]): Recipe => parseRecipe({ version: 1, steps });
/** All have dense linear matrices, and so one format: a set of buffers could serve any of them. */
const only = (embeddings?: number) => recipe({ ...GRID, exclude: linearModules(2), ...(embeddings && { embeddings }) });
const CHECKPOINTS = { tied: tinyCheckpoint(), untied: tinyCheckpoint({ tieWordEmbeddings: false }, 5) };

async function makeRunner(head: keyof typeof CHECKPOINTS): Promise<Runner> {
  const runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 64, rowLength: 32 });
  await runner.loadCheckpoint(CHECKPOINTS[head], NUMBER_TOKENIZER);
  return runner;
}

/** Log-likelihoods of the target in the engine and in the plain forward pass. */
async function score(
  runner: Runner,
  head: keyof typeof CHECKPOINTS,
  {
    recipe,
    recovery = { kind: 'none' },
    repair = null,
  }: { recipe: Recipe | null; recovery?: Recovery; repair?: Repair | null },
): Promise<{ own: number; expected: number }> {
  const regime = { id: 'r', recipe, recovery };
  await runner.prepareRegime(regime, repair, null);
  const [outcome] = await runner.score(regime, [{ id: '', context: TEXT, answer: toNumberText(TARGET) }]);
  const compressed = toCheckpoint(await applyRecipe(CHECKPOINTS[head], recipe));
  const { bosTokenId, eosTokenId, vocabSize } = compressed.config;
  const { logits } = forward(compressed, {
    tokens: [bosTokenId, ...CONTEXT, ...TARGET],
    ...helpOf(compressed, repair),
  });
  const rows = Float32Array.from(logits.data.subarray(CONTEXT.length * vocabSize));
  const expected = scoreTarget(rows, vocabSize, [...TARGET, eosTokenId]).logLikelihood;
  return { own: outcome?.logLikelihood ?? Number.NaN, expected };
}

const { absolute } = TOLERANCES.logProbabilities;

test.each(['tied', 'untied'] as const)(
  'rounded embeddings come and go without a session, and leave no trace: %s',
  async (head) => {
    const runner = await makeRunner(head);
    const recipes = [
      only(2),
      only(),
      only(8),
      null,
      only(4),
      recipe({ method: 'magnitude', sparsity: 0, granularity: 'global' }),
      only(3),
    ];
    const dense = await score(runner, head, { recipe: null });
    const { sessionsCreated } = runner;
    for (const each of [...recipes, ...recipes]) {
      const { own, expected } = await score(runner, head, { recipe: each });
      expect(Math.abs(own - expected)).toBeLessThan(absolute);
    }
    expect(runner.sessionsCreated).toBe(sessionsCreated);
    expect((await score(runner, head, { recipe: null })).own).toBe(dense.own);
    expect((await score(runner, head, { recipe: only(2) })).own).not.toBe(dense.own);
  },
);

test('going round recipes with and without rounded embeddings takes no more bytes', async () => {
  const runner = await makeRunner('tied');
  const go = async () => {
    for (const each of [only(2), recipe({ ...GRID, embeddings: 3 }), only(), only(4)]) await runner.loadRecipe(each);
  };
  for (let i = 0; i < 2; i++) await go();
  const { ownedBytes } = runner;
  for (let i = 0; i < 5; i++) await go();
  expect(runner.ownedBytes).toBe(ownedBytes);
});

test('a table takes the place of the dense one in the bytes at run time, and less when stored', async () => {
  const runner = await makeRunner('tied');
  const sizes = [];
  for (const each of [only(), only(4)]) sizes.push((await runner.loadRecipe(each)).size);
  const [left, rounded] = sizes;
  expect(rounded?.runtimeBytes).toBe(left?.runtimeBytes);
  const { vocabSize, hiddenSize } = CHECKPOINTS.tied.config;
  const packed = vocabSize * (hiddenSize / 2 + (2 * hiddenSize) / 16 + hiddenSize / 16 / 2);
  expect((left?.storedBytes ?? 0) - (rounded?.storedBytes ?? 0)).toBe(vocabSize * hiddenSize * 2 - packed);
  expect(rounded).toMatchObject({ sparsity: left?.sparsity, bitsPerWeight: left?.bitsPerWeight });
});

test('soft prompts stand in the place of tokens, and routing reads the rounded tokens', async () => {
  const runner = await makeRunner('tied');
  const random = seededRandom(9);
  const { hiddenSize, bosTokenId } = CHECKPOINTS.tied.config;
  const makePrompt = (n: number): SoftPrompt => {
    const data = Float32Array.from({ length: n * hiddenSize }, () => 0.5 * normal(random));
    return { kind: 'prompt', vectors: { shape: [n, hiddenSize], data } };
  };
  const rounded = only(2);
  const recovery: Recovery = { kind: 'prompt', repairId: 'p' };
  const { own, expected } = await score(runner, 'tied', { recipe: rounded, recovery, repair: makePrompt(4) });
  expect(Math.abs(own - expected)).toBeLessThan(absolute);

  const pool: Pool = { kind: 'pool', prompts: [makePrompt(3), makePrompt(2)], start: 3 };
  const regime = { id: 'r', recipe: rounded, recovery: { kind: 'idp', repairId: 'pool' } } as const;
  await runner.prepareRegime(regime, pool, null);
  const sampling = { temperature: 0, topK: 0, seed: 0 };
  const { routing } = await runner.generate({ regime, context: TEXT, answer: null, maxNewTokens: 1, sampling });
  const ids = [bosTokenId, ...CONTEXT];
  const scoresOf = async (of: Recipe | null) =>
    routingScores(toCheckpoint(await applyRecipe(CHECKPOINTS.tied, of)), pool, ids);
  expect(maxDifference(routing?.scores ?? [], await scoresOf(rounded))).toBeLessThan(TOLERANCES.probabilities.absolute);
  expect(maxDifference(await scoresOf(rounded), await scoresOf(null))).toBeGreaterThan(1e-3);
});
