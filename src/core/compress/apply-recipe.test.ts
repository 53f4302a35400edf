import { expect, it } from 'vitest';
import { tinyCheckpoint } from '../../testing/make-checkpoint.ts';
import { linearModules } from '../checkpoint/checkpoint.ts';
import { AppError } from '../errors.ts';
import { applyRecipe } from './apply-recipe.ts';
import type { Recipe, RecipeStep } from './recipe.ts';
import { toCheckpoint } from './variant-matrix.ts';

const checkpoint = tinyCheckpoint();
const both: Recipe = {
  version: 1,
  steps: [
    { method: 'magnitude', sparsity: 0.6, granularity: 'global' },
    { method: 'rtn', bits: 3, groupSize: 16, symmetric: false },
  ],
};

it('leaves the checkpoint bitwise as it was', async () => {
  const before = structuredClone(checkpoint);
  await applyRecipe(checkpoint, both);
  expect(checkpoint).toEqual(before);
});

it('makes the dense checkpoint its own variant, without copies', async () => {
  const { matrices } = await applyRecipe(checkpoint, null);
  expect([...matrices.keys()]).toEqual(linearModules(2));
  for (const [module, matrix] of matrices) {
    expect(matrix).toMatchObject({ kind: 'dense', mask: null });
    expect(matrix.kind === 'dense' && matrix.weight).toBe(checkpoint.tensors.get(`${module}.weight`)?.data);
  }
});

it('is the identity where the level is 0', async () => {
  const none: Recipe = { version: 1, steps: [{ method: 'magnitude', sparsity: 0, granularity: 'per-layer' }] };
  expect(toCheckpoint(await applyRecipe(checkpoint, none))).toEqual(checkpoint);
});

it('touches nothing but the linear matrices', async () => {
  const { tensors } = toCheckpoint(await applyRecipe(checkpoint, both));
  const linear = new Set(linearModules(2).map((module) => `${module}.weight`));
  for (const [name, tensor] of checkpoint.tensors) {
    if (linear.has(name)) expect(tensors.get(name)?.data).not.toEqual(tensor.data);
    else expect(tensors.get(name)).toBe(tensor);
  }
});

it('keeps the order of the modules', async () => {
  expect([...(await applyRecipe(checkpoint, both)).matrices.keys()]).toEqual(linearModules(2));
});

it('reports progress up to its end and stops at the signal', async () => {
  const seen: number[] = [];
  await applyRecipe(checkpoint, both, { onProgress: (done, total) => void seen.push(done / total) });
  expect(seen.at(-1)).toBe(1);
  expect([...seen].sort((a, b) => a - b)).toEqual(seen);

  const controller = new AbortController();
  const onProgress = (done: number) => {
    if (done === 3) controller.abort(new AppError('stopped', 'Stopped.'));
  };
  const stopped = applyRecipe(checkpoint, both, { signal: controller.signal, onProgress });
  await expect(stopped).rejects.toMatchObject({ code: 'stopped' });
});

it('refuses a recipe that does not fit before any matrix is touched', async () => {
  const misfits: RecipeStep[] = [
    { method: 'rtn', bits: 4, groupSize: 128, symmetric: false },
    { method: 'magnitude', sparsity: Number.NaN, granularity: 'global' },
  ];
  let pauses = 0;
  for (const step of misfits) {
    const run = applyRecipe(checkpoint, { version: 1, steps: [step] }, { onProgress: () => void pauses++ });
    await expect(run).rejects.toMatchObject({ code: 'recipe-invalid' });
  }
  expect(pauses).toBe(0);
});
