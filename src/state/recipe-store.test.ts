import { expect, test } from 'vitest';
import type { Recipe } from '../core/compress/recipe.ts';
import { AppError } from '../core/errors.ts';
import { makeLive } from '../testing/make-live.ts';
import { makeManifest } from '../testing/make-pack.ts';
import { settle, until } from '../testing/until.ts';

const manifest = makeManifest();
const [mild, severe] = manifest.recipes.map(({ recipe }) => recipe) as [Recipe, Recipe];
const NEVER = new AbortController().signal;

function magnitude(sparsity: number): Recipe {
  return { version: 1, steps: [{ method: 'magnitude', sparsity, granularity: 'per-output' }] };
}

function makeStore() {
  const { fake, engine, recipe } = makeLive({ manifest, recipe: mild });
  const state = () => recipe.store.getState();
  const loads = () => fake.log.filter((line) => line === 'loadRecipe').length;
  const start = async () => {
    engine.store.getState().runLive('auto');
    await until(() => state().variant.status === 'ready');
  };
  return { fake, engine, recipe, state, loads, start };
}

test('without an engine a recipe is only remembered', async () => {
  const { state, loads } = makeStore();
  state().setPreset('magnitude-severe');
  await settle();
  expect(state()).toMatchObject({ presetId: 'magnitude-severe', recipe: severe, variant: { status: 'none' } });
  expect(loads()).toBe(0);
});

test('an engine that becomes ready builds the recipe on the page', async () => {
  const { state, start } = makeStore();
  await start();
  expect(state()).toMatchObject({ applied: mild, variant: { size: { sparsity: 0.5 } } });
  expect(state().denseSize).toMatchObject({ sparsity: 0 });
});

test('a recipe of its own is no preset until it equals one', () => {
  const { state } = makeStore();
  expect(state().presetId).toBe('magnitude-mild');
  state().setRecipe(magnitude(0.61));
  expect(state().presetId).toBeNull();
  state().setRecipe(magnitude(0.7));
  expect(state().presetId).toBe('magnitude-severe');
});

test('a dragged slider sends the recipe it rests on, not those it passed', async () => {
  const { state, loads, start } = makeStore();
  await start();
  for (const sparsity of [0.61, 0.62, 0.63, 0.64]) state().setRecipe(magnitude(sparsity));
  await until(() => state().variant.status === 'ready');
  await settle();
  expect(state().applied).toEqual(magnitude(0.64));
  expect(loads()).toBe(2);
});

test('the last recipe wins over one that is being built, and the previous variant stays until then', async () => {
  const { fake, state, start, recipe } = makeStore();
  await start();
  const release = fake.hold('loadRecipe');
  state().setRecipe(magnitude(0.62));
  await until(() => fake.isHolding('loadRecipe'));
  state().setRecipe(severe);
  expect(state()).toMatchObject({ variant: { status: 'building' }, applied: mild });
  const seen = new Set<string>();
  recipe.store.subscribe(({ variant }) => seen.add(variant.status));
  release();
  await until(() => state().variant.status === 'ready');
  expect(seen).not.toContain('failed');
  expect(state().applied).toEqual(severe);
});

test('what is being built is told, and Stop brings back the recipe of the variant that is there', async () => {
  const { fake, state, start } = makeStore();
  await start();
  const release = fake.hold('loadRecipe');
  state().setRecipe(severe);
  await until(() => fake.isHolding('loadRecipe'));
  expect(state().variant).toEqual({ status: 'building', step: null });
  state().goBack();
  expect(state().recipe).toEqual(mild);
  release();
  await until(() => state().variant.status === 'ready');
  expect(state()).toMatchObject({ recipe: mild, applied: mild });
});

test('of ten moves while a variant is being built, that one and the last reach the engine, and no other', async () => {
  const { fake, state, loads, start } = makeStore();
  await start();
  const release = fake.hold('loadRecipe');
  state().setRecipe(magnitude(0.5));
  await until(() => fake.isHolding('loadRecipe'));
  for (let move = 1; move <= 10; move++) {
    state().setRecipe(magnitude(0.6 + move / 100));
    await settle(); // each is sent before the next one comes
  }
  expect(loads()).toBe(2);
  release();
  await until(() => state().variant.status === 'ready');
  await settle();
  expect(state().applied).toEqual(magnitude(0.7));
  expect(loads()).toBe(3);
});

test('where a variant failed the one before is still there, and its recipe can come back', async () => {
  const { fake, state, start, recipe } = makeStore();
  await start();
  const error = { code: 'golden-mismatch' as const, message: 'It is computed wrongly.', details: {} };
  fake.faults.fails = (name) => (name === 'loadRecipe' ? { error } : null);
  state().setRecipe(severe);
  await expect(recipe.whenApplied(NEVER)).rejects.toMatchObject({ code: 'golden-mismatch' });
  expect(state()).toMatchObject({ recipe: severe, applied: mild });
  fake.faults.fails = () => null;
  state().goBack();
  await expect(recipe.whenApplied(NEVER)).resolves.toEqual(mild);
  expect(state()).toMatchObject({ recipe: mild, applied: mild, variant: { status: 'ready' } });
});

test('after a lost device, and where the recipe itself cannot be built again, no variant before is claimed', async () => {
  const { fake, state, start, recipe } = makeStore();
  await start();
  const error = { code: 'run-failed' as const, message: 'It broke.', details: {} };
  fake.faults.fails = (name) => (name === 'loadRecipe' ? { error } : null);
  recipe.reapply();
  await until(() => state().variant.status === 'failed');
  expect(state().applied).toBeNull();
  fake.faults.fails = () => null;
  state().setRecipe(severe);
  await recipe.whenApplied(NEVER);
  fake.faults.fails = (name) => (name === 'loadRecipe' ? { error } : null);
  fake.lose('device-lost');
  await until(() => state().variant.status === 'failed');
  expect(state()).toMatchObject({ recipe: severe, applied: null });
});

test('a late answer to a replaced recipe changes nothing', async () => {
  const { fake, state, start } = makeStore();
  await start();
  fake.faults.ignoresStop = true;
  const releaseFirst = fake.hold('loadRecipe');
  state().setRecipe(magnitude(0.62));
  await until(() => fake.isHolding('loadRecipe'));
  const releaseSecond = fake.hold('loadRecipe');
  state().setRecipe(severe);
  releaseFirst();
  await until(() => fake.isHolding('loadRecipe'));
  await settle();
  expect(state()).toMatchObject({ variant: { status: 'building' }, applied: mild });
  releaseSecond();
  await until(() => state().variant.status === 'ready');
  expect(state().applied).toEqual(severe);
});

test('a recipe that cannot be run says why and is not sent', async () => {
  const { state, loads, start, recipe } = makeStore();
  await start();
  state().setRecipe(magnitude(1.5));
  expect(state().problem?.code).toBe('recipe-invalid');
  await expect(recipe.whenApplied(NEVER)).rejects.toMatchObject({ code: 'recipe-invalid' });
  await settle();
  expect(loads()).toBe(1);
  expect(state()).toMatchObject({ variant: { status: 'failed' }, applied: mild });
  state().setRecipe(severe);
  await expect(recipe.whenApplied(NEVER)).resolves.toEqual(severe);
});

test('a recipe that the engine refuses fails with its error; the next one works', async () => {
  const { fake, state, start } = makeStore();
  await start();
  fake.faults.fails = (name) =>
    name === 'loadRecipe' ? { error: { code: 'recipe-invalid', message: 'Groups do not divide.', details: {} } } : null;
  state().setRecipe(magnitude(0.2));
  await until(() => state().variant.status === 'failed');
  expect(state()).toMatchObject({ variant: { error: { code: 'recipe-invalid' } }, applied: mild });
  fake.faults.fails = () => null;
  state().setRecipe(severe);
  await until(() => state().variant.status === 'ready');
});

test('a restarted engine gets the recipe again', async () => {
  const { fake, state, loads, start } = makeStore();
  await start();
  fake.lose('device-lost');
  expect(state()).toMatchObject({ variant: { status: 'none' }, applied: null });
  await until(() => state().variant.status === 'ready');
  expect(loads()).toBe(2);
});

test('who waits for the recipe gets it after a restart, and an error when there is no engine', async () => {
  const { fake, recipe, start } = makeStore();
  await expect(recipe.whenApplied(NEVER)).rejects.toMatchObject({ code: 'input-invalid' });
  await start();
  fake.lose('device-lost');
  await expect(recipe.whenApplied(NEVER)).resolves.toEqual(mild);
});

test('who waits can be stopped', async () => {
  const { fake, recipe, start, state } = makeStore();
  await start();
  fake.hold('loadRecipe');
  state().setRecipe(severe);
  const stop = new AbortController();
  const waiting = recipe.whenApplied(stop.signal);
  stop.abort();
  await expect(waiting).rejects.toBeInstanceOf(AppError);
});
