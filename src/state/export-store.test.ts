import { expect, test } from 'vitest';
import type { Recipe } from '../core/compress/recipe.ts';
import { makeLive } from '../testing/make-live.ts';
import { makeManifest } from '../testing/make-pack.ts';
import { settle, until } from '../testing/until.ts';
import { createExportStore } from './export-store.ts';

const manifest = makeManifest();
const [mild, severe] = manifest.recipes.map(({ recipe }) => recipe) as [Recipe, Recipe];

async function start(faults: Parameters<typeof makeLive>[0]['faults'] = {}) {
  const { fake, engine, recipe } = makeLive({ manifest, recipe: mild, faults });
  const store = createExportStore({ engine, recipe, pack: { manifest: () => manifest } });
  engine.store.getState().runLive('auto');
  await until(() => recipe.store.getState().variant.status === 'ready');
  return { fake, recipe, store, state: () => store.getState() };
}

test('sizes are those of the variant that runs, and go with it', async () => {
  const { recipe, state } = await start();
  state().measure();
  await until(() => state().sizes !== null);
  expect(state().sizes).toEqual({ compressed: 1_100_000, onnx: 4_200_000 });
  recipe.store.getState().setRecipe(severe);
  expect(state().sizes).toBeNull();
});

test('a file is named after pack, recipe and format', async () => {
  const { recipe, state } = await start();
  expect(await state().write('onnx')).toMatchObject({ name: `${manifest.id}-magnitude-mild-onnx.zip` });
  recipe.store.getState().setRecipe({ version: 1, steps: [{ ...severe.steps[0], sparsity: 0.31 } as never] });
  expect(await state().write('compressed')).toMatchObject({ name: `${manifest.id}-own-recipe-compressed.zip` });
  expect(state().phase).toEqual({ status: 'idle' });
});

test('a failure is told, and the next file can be made', async () => {
  let isBroken = true;
  const error = { code: 'internal' as const, message: 'There was no room.', details: {} };
  const { state } = await start({ fails: (name) => (isBroken && name === 'exportModel' ? { error } : null) });
  expect(await state().write('onnx')).toBeNull();
  expect(state().phase).toMatchObject({ status: 'failed', error: { message: 'There was no room.' } });
  isBroken = false;
  expect(await state().write('onnx')).not.toBeNull();
});

test('Stop ends the writing without an error', async () => {
  const { fake, state } = await start();
  const release = fake.hold('exportModel');
  const written = state().write('onnx');
  await until(() => fake.isHolding('exportModel'));
  expect(state().phase).toMatchObject({ status: 'writing', format: 'onnx' });
  state().stop();
  release();
  expect(await written).toBeNull();
  await settle();
  expect(state().phase).toEqual({ status: 'idle' });
});
