import { expect, test } from 'vitest';
import { toRecipeKey } from '../core/compress/recipe-key.ts';
import type { Comparison, Side } from '../core/eval/comparisons.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import { fakeEngine } from '../testing/fake-engine.ts';
import { type FakePlatform, fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { until } from '../testing/until.ts';
import { createStores } from './stores.ts';

const heldOut = (key: RegimeKey): Side => ({ key, exposure: 'held-out' });

async function makePage(kept?: FakePlatform) {
  const fake = fakeEngine();
  // Compression loses every other form of a fact, the prompt brings them back.
  fake.isRight = (regimeId, itemId) => !/^(compressed|idp|lora)/.test(regimeId) || itemId.endsWith('?0');
  const platform = fakePlatform(kept);
  const stores = createStores({ platform, createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  const start = async () => {
    stores.engine.getState().runLive('wasm');
    await until(() => stores.recipe.getState().variant.status === 'ready');
  };
  const run = async (items: number) => {
    stores.evaluate.getState().runAccuracy(items);
    await until(() => stores.evaluate.getState().accuracyRun.status === 'done');
  };
  const live = () => {
    const { live: phase } = stores.comparisons.getState();
    return phase.status === 'ready' ? phase.of : null;
  };
  const untilItems = async (items: number) => {
    await until(() => live()?.declared.some((each) => each.items === items) === true);
    return live();
  };
  return { fake, platform, stores, start, run, live, untilItems };
}

const named = (comparisons: readonly Comparison[] | undefined) =>
  comparisons?.map(({ first, second }) => `${first.key} ${first.exposure} - ${second.key} ${second.exposure}`);

test('the items that an undecided comparison needs are of the difference that a person plans for', async () => {
  const { stores, start, run, live, untilItems } = await makePage();
  stores.comparisons.getState().load();
  await start();
  await run(60);
  await untilItems(60);
  const undecided = () => live()?.declared.find(({ first }) => first.key === 'idp');
  expect(undecided()).toMatchObject({ difference: { value: 0 }, sampleSize: null });
  stores.comparisons.getState().planFor(0.1);
  await until(() => live()?.plannedDifference === 0.1);
  const small = undecided()?.sampleSize;
  expect(small).toMatchObject({ difference: 0.1, have: 60 });
  stores.comparisons.getState().planFor(0.05);
  await until(() => live()?.plannedDifference === 0.05);
  expect(undecided()?.sampleSize?.needed).toBeGreaterThan(small?.needed ?? Number.POSITIVE_INFINITY);
});

test('nothing is computed before the figure asks, and nothing stands there before a run', async () => {
  const { stores, start, run, live } = await makePage();
  await start();
  await run(40);
  expect(live()).toBeNull();
  stores.comparisons.getState().load();
  await until(() => live() !== null);
  expect(stores.comparisons.getState().recorded).toEqual({ status: 'none' });
});

test('after a run the declared comparisons of its regimes stand there, on the items of the run', async () => {
  const { stores, start, run, untilItems } = await makePage();
  stores.comparisons.getState().load();
  await start();
  await run(60);
  const set = await untilItems(60);
  expect(named(set?.declared)).toEqual([
    'prompt held-out - compressed held-out',
    'idp held-out - compressed held-out',
    'lora-merged held-out - compressed held-out',
    'idp held-out - lora-merged held-out',
    'prompt held-out - prompt seen',
    'idp held-out - idp seen',
    'lora-merged held-out - lora-merged seen',
  ]);
  expect(set).toMatchObject({ presetItems: 60, exploratory: null, source: { kind: 'live' } });
  expect(set?.declared[0]).toMatchObject({ isDecided: true, isEarly: false });
  expect(set?.declared[1]).toMatchObject({ isDecided: false, difference: { value: 0 } });
});

test('nothing is decided before the number of items that a run set, not by asking for less later, nor after a reload', async () => {
  const first = await makePage();
  await first.start();
  let scored = 0;
  first.fake.faults.fails = (name) => {
    if (name === 'score' && ++scored === 9) first.stores.evaluate.getState().stop();
    return null;
  };
  first.stores.evaluate.getState().runAccuracy(80);
  await until(() => first.stores.evaluate.getState().accuracyRun.status === 'stopped');
  first.fake.faults.fails = () => null;
  await first.run(40);
  first.stores.comparisons.getState().load();
  const set = await first.untilItems(40);
  expect(set?.presetItems).toBe(80);
  expect(set?.declared.every(({ isEarly, isDecided }) => isEarly && !isDecided)).toBe(true);
  expect(set?.declared[0]?.adjustedP).toBeLessThan(0.05);

  const next = await makePage(first.platform);
  next.stores.comparisons.getState().load();
  const found = await next.untilItems(40);
  expect(found?.presetItems).toBe(80);
  expect(found?.declared).toEqual(set?.declared);
});

test('a run of all facts, or a sweep, waits for what it asks too, however much is there when it is stopped', async () => {
  const page = await makePage();
  await page.start();
  page.stores.comparisons.getState().load();
  page.stores.sweep.getState().setPlan({
    withShipped: false,
    methods: [{ method: 'magnitude', levels: [0.6] }],
    regimes: ['compressed', 'prompt'],
    itemsPerRegime: 30,
  });
  page.stores.sweep.getState().start();
  await until(() => page.stores.sweep.getState().run.status === 'done');
  const swept = await page.untilItems(30);
  expect(swept).toMatchObject({ presetItems: 30, declared: [{ isDecided: true }] });

  let scored = 0;
  page.fake.faults.fails = (name) => {
    if (name === 'score' && ++scored === 25) page.stores.fates.getState().stop();
    return null;
  };
  page.stores.fates.getState().start();
  await until(() => page.stores.fates.getState().run.status === 'stopped');
  await until(() => page.live()?.presetItems === 36 * 3);
  const set = page.live();
  expect(set?.declared[0]?.items).toBeGreaterThan(30);
  expect(set?.declared.every(({ isEarly, isDecided }) => isEarly && !isDecided)).toBe(true);
});

test('what a person picks is computed apart and unadjusted, and the declared ones stay as they are', async () => {
  const { stores, start, run, live, untilItems } = await makePage();
  stores.comparisons.getState().load();
  await start();
  await run(40);
  const before = await untilItems(40);
  stores.comparisons.getState().pick([heldOut('prompt'), heldOut('idp')]);
  await until(() => live()?.exploratory !== null);
  expect(live()?.exploratory).toMatchObject({ isExploratory: true, adjustedP: null, isDecided: false, items: 40 });
  expect(live()?.declared).toEqual(before?.declared);
  stores.comparisons.getState().pick(null);
  await until(() => live()?.exploratory === null);
});

test('timing the regimes computes nothing anew', async () => {
  const { platform, stores, start, run, untilItems } = await makePage();
  stores.comparisons.getState().load();
  await start();
  await run(40);
  const set = await untilItems(40);
  let compared = 0;
  const { statistics } = platform;
  const { compute } = statistics;
  statistics.compute = (name, ...input) => {
    if (name === 'comparePacked') compared++;
    return compute(name, ...input);
  };
  stores.evaluate.getState().runLatency(12);
  await until(() => stores.evaluate.getState().latencyRun.status === 'done');
  expect(compared).toBe(0);
  expect((await untilItems(40))?.declared).toBe(set?.declared);
});

test('a text prompt can be picked, and is never declared', async () => {
  const { stores, start, run, live, untilItems } = await makePage();
  stores.board.getState().setTextPrompt('Answer in one word.');
  stores.board.getState().setShown('text', true);
  stores.comparisons.getState().load();
  await start();
  await run(40);
  const set = await untilItems(40);
  expect(set?.sides).toContainEqual(heldOut('text'));
  expect(named(set?.declared)?.filter((name) => name.includes('text'))).toEqual([]);
  stores.comparisons.getState().pick([heldOut('text'), heldOut('compressed')]);
  await until(() => live()?.exploratory !== null);
  expect(live()?.exploratory?.first.key).toBe('text');
});

test('control subjects count nowhere, and do not set how many items are waited for', async () => {
  const { stores, start, run, untilItems } = await makePage();
  stores.comparisons.getState().load();
  await start();
  await run(40);
  stores.evaluate.getState().runControl();
  await until(() => stores.evaluate.getState().live?.rows.some(({ accuracy }) => accuracy.control !== null) === true);
  const set = await untilItems(40);
  expect(set).toMatchObject({ presetItems: 40, availableItems: 36 * 3 });
  expect(set?.declared.every(({ items }) => items === 40)).toBe(true);
});

test('another recipe takes its own comparisons, and none of the one before', async () => {
  const { stores, start, run, live, untilItems } = await makePage();
  stores.comparisons.getState().load();
  await start();
  await run(40);
  await untilItems(40);
  const { recipe } = stores.recipe.getState();
  stores.recipe.getState().setPreset('magnitude-severe');
  expect(live()).toBeNull();
  await until(() => stores.comparisons.getState().live.status === 'none');
  stores.recipe.getState().setRecipe(recipe);
  await until(() => live() !== null);
  expect(toRecipeKey(live()?.recipe ?? null)).toBe(toRecipeKey(recipe));
});
