import { expect, test } from 'vitest';
import { openSweep, PLAN } from '../testing/open-sweep.ts';
import { until } from '../testing/until.ts';
import type { SweepFamily } from './sweep-state.ts';

/** Recipe by recipe, what is compared with what. */
function toCompared(family: SweepFamily | null | undefined) {
  return [...(family?.ofRecipes.values() ?? [])].map(({ comparisons }) => comparisons);
}

test('recoveries of all recipes are compared with none in one family, on the items of the plan', async () => {
  const { fake, state, untilRun } = await openSweep();
  // Prompts mend all, nothing else is right: of 40 subjects or fewer, all one way.
  fake.isRight = (regimeId) => regimeId.startsWith('prompt');
  state().start();
  await untilRun('done');
  const family = state().live?.family;
  expect(family?.size).toBe(3);
  const compared = toCompared(family);
  expect(compared.map((own) => own.map(({ first, second }) => [first.key, second.key]))).toEqual(
    new Array(3).fill([['prompt', 'compressed']]),
  );
  const [each] = compared[0] ?? [];
  expect(each).toMatchObject({ items: 60, isEarly: false, isDecided: true, difference: { value: 1 } });
  expect(each?.adjustedP).toBe(3 * (each?.p ?? 0));
});

test('a part of a sweep is tested over all that its plan declares, and decides nothing before its items are there', async () => {
  const { fake, state, untilRun } = await openSweep();
  fake.isRight = (regimeId) => regimeId.startsWith('prompt');
  let runs = 0;
  fake.faults.fails = (name) => {
    // Dense and the first recipe have two blocks each, a twin one; the second twin is not asked.
    if (name === 'score' && ++runs === 6) state().stop();
    return null;
  };
  state().start();
  await untilRun('stopped');
  expect(state().live?.family?.size).toBe(3);
  const [own] = toCompared(state().live?.family);
  expect(own).toHaveLength(1);
  expect(own?.[0]).toMatchObject({ isEarly: true, isDecided: false });
  expect(own?.[0]?.items).toBeLessThan(60);
  expect(own?.[0]?.adjustedP).toBe(Math.min(1, 3 * (own?.[0]?.p ?? 0)));
});

test('a sweep waits for as many items as a longer run of its recipe has set', async () => {
  const { fake, stores, state, untilRun } = await openSweep();
  fake.isRight = (regimeId) => regimeId.startsWith('prompt');
  stores.evaluate.getState().runAccuracy(70);
  await until(() => stores.evaluate.getState().accuracyRun.status === 'done');
  state().start();
  await untilRun('done');
  const waits = [...(state().live?.family?.ofRecipes.values() ?? [])].map(({ presetItems, comparisons }) => [
    presetItems,
    comparisons[0]?.isDecided,
  ]);
  // The page's recipe is the second of the plan.
  expect(waits).toEqual([
    [60, true],
    [70, false],
    [60, true],
  ]);
});

test('every cell of a sensitivity map is compared with the dense model, all cells in one family', async () => {
  const { fake, stores, state, untilRun } = await openSweep();
  // One matrix alone loses all; no other answer is wrong.
  fake.isRight = (regimeId) => !regimeId.startsWith('alone 1.mlp.up_proj');
  state().startSensitivity();
  await untilRun('done');
  const cells = state().live?.sensitivity?.cells ?? [];
  const family = state().live?.family?.cells;
  expect(family).toMatchObject({ size: 16, presetItems: 60 });
  const lost = cells.findIndex(({ layer, matrix }) => layer === 1 && matrix === 'mlp.up_proj');
  expect(family?.comparisons.map((each) => each?.isDecided)).toEqual(cells.map((_, i) => i === lost));
  const decided = family?.comparisons[lost];
  expect(decided).toMatchObject({ difference: { value: -1 }, items: 60, isEarly: false });
  expect(decided?.adjustedP).toBe(16 * (decided?.p ?? 0));
  stores.recipe.getState().setPreset('rtn-severe');
  await until(() => state().live?.family?.cells == null);
});

test('a part of a map is tested over all of its cells, and waits for the items of its longest run', async () => {
  const { fake, state, untilRun } = await openSweep();
  fake.isRight = (regimeId) => !regimeId.startsWith('alone');
  let runs = 0;
  fake.faults.fails = (name) => {
    // The dense model and every cell have two blocks each.
    if (name === 'score' && ++runs === 6) state().stop();
    return null;
  };
  state().startSensitivity();
  await untilRun('stopped');
  await until(() => state().live?.family?.cells != null);
  const ends = () => state().live?.family?.cells?.comparisons.slice(0, 3);
  expect(state().live?.family?.cells?.size).toBe(16);
  expect(ends()).toMatchObject([{ isEarly: false, isDecided: true }, { isEarly: true, isDecided: false }, null]);
  state().setPlan({ ...PLAN, itemsPerRegime: 40 });
  await until(() => state().live?.family?.cells?.comparisons[0]?.items === 40);
  expect(ends()).toMatchObject([
    { items: 40, isEarly: true, isDecided: false },
    { isEarly: true, isDecided: false },
    null,
  ]);
});

test('a new plan brings a family of its own', async () => {
  const { state, untilRun } = await openSweep();
  state().start();
  await untilRun('done');
  state().setPlan({ ...PLAN, methods: [{ method: 'magnitude', levels: [0.5] }] });
  await until(() => state().live?.family?.size === 1);
  expect(toCompared(state().live?.family)).toHaveLength(1);
});
