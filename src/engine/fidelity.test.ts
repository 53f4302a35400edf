import { beforeAll, expect, test } from 'vitest';
import { applyRecipe } from '../core/compress/apply-recipe.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { toCheckpoint } from '../core/compress/variant-matrix.ts';
import { compareTarget } from '../core/eval/fidelity.ts';
import { forward } from '../core/reference/forward.ts';
import { type Help, helpOf } from '../core/reference/help.ts';
import { readGolden, readGoldenCheckpoint, readTinyRepair } from '../testing/fixtures.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import '../testing/to-be-all-close.ts';
import { TOLERANCES } from '../testing/tolerances.ts';
import { createRunner } from './runner.ts';
import type { Runner } from './runner-type.ts';
import { createRuntime } from './session.ts';

const checkpoint = readGoldenCheckpoint();
const { config } = checkpoint;
const { sequence, short, target } = readGolden().ids;
const pruned = parseRecipe({ version: 1, steps: [{ method: 'magnitude', sparsity: 0.5, granularity: 'per-output' }] });

/** Of unlike lengths, two of them beginning alike, so that they share rows. */
const contexts = [sequence.slice(1), short.slice(1), sequence.slice(1, 4)];
const items = contexts.map((context, i) => ({
  id: String(i),
  context: toNumberText(context),
  answer: toNumberText(target.slice(0, -1)),
}));

/** Logits `[target, vocabSize]` that predict the target, of the plain forward pass. */
function predict(of: typeof checkpoint, context: readonly number[], help: Help): Float32Array {
  const ids = [config.bosTokenId, ...context];
  const { logits } = forward(of, { tokens: [...ids, ...target.slice(0, -1)], ...help });
  return Float32Array.from(logits.data.subarray((ids.length - 1) * config.vocabSize));
}

let runner: Runner;
beforeAll(async () => {
  runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 64, rowLength: 32 });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
});

test('the dense model diverges from itself by nothing and keeps every token', async () => {
  const regime = { id: 'dense', recipe: null, recovery: { kind: 'none' } } as const;
  for (const { logLikelihood, fidelity } of await runner.score(regime, items, { withFidelity: true })) {
    expect(fidelity).toMatchObject({ tokens: target.length, klDivergence: 0, sameTop: target.length });
    expect(fidelity?.nll).toBeCloseTo(-logLikelihood, 9);
  }
});

test.each([
  ['alone', null],
  ['behind a prompt', 'prompt'],
  ['behind a prefix', 'prefix'],
] as const)('a pruned variant %s is as faithful as the reference says', async (_, folder) => {
  const repair = folder === null ? null : readTinyRepair(folder, config);
  const recovery = folder === null ? { kind: 'none' as const } : { kind: folder, repairId: folder };
  const regime = { id: `pruned ${folder}`, recipe: pruned, recovery };
  await runner.prepareRegime(regime, repair, null);
  const outcomes = await runner.score(regime, items, { withFidelity: true });
  const variant = toCheckpoint(await applyRecipe(checkpoint, pruned));
  for (const [i, context] of contexts.entries()) {
    const expected = compareTarget(
      predict(checkpoint, context, { start: 0 }),
      predict(variant, context, helpOf(variant, repair)),
      config.vocabSize,
      target,
    );
    const fidelity = outcomes[i]?.fidelity;
    expect(fidelity).toMatchObject({ tokens: expected.tokens, sameTop: expected.sameTop });
    expect(expected.klDivergence).toBeGreaterThan(0.01);
    expect([fidelity?.klDivergence ?? 0, fidelity?.nll ?? 0]).toBeAllClose(
      [expected.klDivergence, expected.nll],
      TOLERANCES.logProbabilities,
    );
  }
});

test('fidelity is computed on demand only, and changes no other figure', async () => {
  const regime = { id: 'pruned', recipe: pruned, recovery: { kind: 'none' } } as const;
  const plain = await runner.score(regime, items);
  const compared = await runner.score(regime, items, { withFidelity: true });
  expect(plain.map(({ fidelity }) => fidelity)).toEqual(items.map(() => null));
  expect(compared.map((outcome) => ({ ...outcome, fidelity: null }))).toEqual(plain);
});

test('the dense model runs once for items that several regimes are compared on', async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  let runs = 0;
  runtime.onStep = () => runs++;
  const counted = createRunner(runtime, { cacheLength: 64, rowLength: 64 });
  await counted.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
  const regime = { id: 'pruned', recipe: pruned, recovery: { kind: 'none' } } as const;
  await counted.loadRecipe(pruned);
  const countRuns = async () => {
    runs = 0;
    await counted.score(regime, items, { withFidelity: true });
    return runs;
  };
  const first = await countRuns();
  expect(await countRuns()).toBeLessThan(first);
});
