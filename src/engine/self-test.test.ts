import { expect, test } from 'vitest';
import { linearModules } from '../core/checkpoint/checkpoint.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import { AppError } from '../core/errors.ts';
import { weightInputs } from '../core/onnx/linear.ts';
import { tinyCheckpoint } from '../testing/make-checkpoint.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { createRunner } from './runner.ts';
import { createRuntime, OwnedTensor } from './session.ts';

const checkpoint = tinyCheckpoint();
const RECIPE: Recipe = parseRecipe({
  version: 1,
  steps: [{ method: 'wanda', sparsity: 0.5, calibration: { samples: 2, seed: 0 } }],
});
const files = {
  dtype: 'F32' as const,
  readSentences: async () => [[toNumberText([3, 5, 7, 9])], [toNumberText([8, 2, 6])]],
  readVariant: async () => null,
};

/** A runner whose device spoils one matrix of every run while `isBroken` says so, and holds nothing more while `isFull` does. */
async function makeRunner() {
  const runtime = await createRuntime({ kind: 'wasm' });
  const state = { isBroken: false, isFull: false };
  const { dense, codes } = weightInputs(linearModules(checkpoint.config.numLayers)[6] ?? '');
  const createTensor = runtime.createTensor.bind(runtime);
  runtime.createTensor = (...args) => {
    if (state.isFull) throw new AppError('limit-exceeded', 'The device is full.');
    return createTensor(...args);
  };
  const createSession = runtime.createSession.bind(runtime);
  runtime.createSession = async (...args) => {
    const session = await createSession(...args);
    const run = session.run.bind(session);
    session.run = (feeds, fetches) => {
      const name = dense in feeds ? dense : codes;
      const weight = feeds[name];
      if (!state.isBroken || !(weight instanceof OwnedTensor)) return run(feeds, fetches);
      const { type, shape, sizeBytes } = weight;
      const data = type === 'uint8' ? new Uint8Array(sizeBytes) : new Float32Array(sizeBytes / 4);
      return run({ ...feeds, [name]: { type, shape, data } }, fetches);
    };
    return session;
  };
  const runner = createRunner(runtime, { cacheLength: 64, rowLength: 64 });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER, files);
  return { runner, state };
}

test('a variant that the device computes wrongly is refused, and made anew when asked for again', async () => {
  const { runner, state } = await makeRunner();
  state.isBroken = true;
  await expect(runner.loadRecipe(RECIPE)).rejects.toMatchObject({ code: 'golden-mismatch' });
  await expect(runner.loadRecipe(RECIPE)).rejects.toMatchObject({ code: 'golden-mismatch' });
  state.isBroken = false;
  await expect(runner.loadRecipe(RECIPE)).resolves.toMatchObject({ size: { sparsity: expect.any(Number) } });
});

test('rounding to a format of its own is tried once too, and until it passes the variant before stays', async () => {
  const { runner, state } = await makeRunner();
  const round = (bits: number, symmetric: boolean) =>
    parseRecipe({ version: 1, steps: [{ method: 'rtn', bits, groupSize: 16, symmetric }] });
  await runner.loadRecipe(round(8, false));
  const regime = { id: 'before', recipe: round(8, false), recovery: { kind: 'none' } } as const;
  const items = [{ id: 'a', context: '5 6 7', answer: '8' }];
  const before = await runner.score(regime, items);
  state.isBroken = true;
  await expect(runner.loadRecipe(round(4, false))).rejects.toMatchObject({ code: 'golden-mismatch' });
  state.isBroken = false;
  expect(await runner.score(regime, items)).toEqual(before);
  await runner.loadRecipe(round(4, false));
  state.isBroken = true; // the kernels of 4 bits have passed: a slider does not wait for them again
  await expect(runner.loadRecipe(round(4, true))).resolves.toBeDefined();
});

test('a variant whose weights found no room is tried when it is asked for again', async () => {
  const { runner, state } = await makeRunner();
  const rounded = parseRecipe({
    version: 1,
    steps: [{ method: 'rtn', bits: 4, groupSize: 16, symmetric: false }],
  });
  state.isFull = true;
  await expect(runner.loadRecipe(rounded)).rejects.toMatchObject({ code: 'limit-exceeded' });
  state.isFull = false;
  state.isBroken = true;
  await expect(runner.loadRecipe(rounded)).rejects.toMatchObject({ code: 'golden-mismatch' });
});

test.each([
  { method: 'neurons', share: 0.5, allocation: 'uniform', calibration: { samples: 2, seed: 0 } },
  { method: 'awq', bits: 4, groupSize: 16, symmetric: false, calibration: { samples: 2, seed: 0 } },
])('a variant that is right passes: $method', async (step) => {
  const { runner } = await makeRunner();
  const recipe = parseRecipe({ version: 1, steps: [step] });
  await expect(runner.loadRecipe(recipe)).resolves.toBeDefined();
});
