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

test('a new plan brings a family of its own', async () => {
  const { state, untilRun } = await openSweep();
  state().start();
  await untilRun('done');
  state().setPlan({ ...PLAN, methods: [{ method: 'magnitude', levels: [0.5] }] });
  await until(() => state().live?.family?.size === 1);
  expect(toCompared(state().live?.family)).toHaveLength(1);
});
