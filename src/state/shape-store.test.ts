import { expect, test } from 'vitest';
import { SHAPE_KEYS } from '../core/shape/shape-regimes.ts';
import { type FakeFaults, fakeEngine } from '../testing/fake-engine.ts';
import { type FakePlatform, fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { settle, until } from '../testing/until.ts';
import type { Run } from './evaluate-state.ts';
import { createStores } from './stores.ts';

async function makePage(faults: Partial<FakeFaults> = {}, kept?: FakePlatform, isStarted = true) {
  const fake = fakeEngine(faults);
  const platform = fakePlatform(kept);
  const stores = createStores({ platform, createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  const state = () => stores.shapes.getState();
  if (isStarted) {
    stores.engine.getState().runLive('auto');
    await until(() => stores.recipe.getState().variant.status === 'ready');
  }
  fake.log.length = 0;
  const untilRun = (status: Run['status']) => until(() => state().run.status === status);
  const called = (name: string) => fake.log.filter((line) => line.startsWith(name));
  return { fake, platform, stores, state, untilRun, called };
}

test('every regime of the shape is timed in rounds, and the weights are released at the end', async () => {
  const { fake, state, untilRun, called } = await makePage();
  state().start();
  await untilRun('done');
  await settle();
  expect(state().live?.rows.map(({ key }) => key)).toEqual(SHAPE_KEYS);
  expect(state().live?.rows[0]?.latency.ttftMs).toMatchObject({ n: 10, low: expect.any(Number) });
  expect(called('timeShape')).toHaveLength(SHAPE_KEYS.length * (2 + 10));
  expect(fake.log.at(0)).toBe('loadShape');
  expect(fake.log.at(-1)).toBe('releaseShape');
});

test('kernel times are read where the device has timestamp queries, and the gap is named where it has none', async () => {
  const without = await makePage();
  without.state().start();
  await without.untilRun('done');
  expect(without.called('profileShape')).toEqual([]);
  await until(() => without.state().live !== null);
  expect(without.state().live?.kernelGap).toBe('no-timestamps');

  const { state, untilRun, called } = await makePage({ features: ['timestamp-query'] });
  state().start();
  await untilRun('done');
  await until(() => state().live?.kernelGap === null);
  expect(called('profileShape')).toHaveLength(SHAPE_KEYS.length);
  expect(state().live?.rows[0]?.kernels).toMatchObject({ perTokenMs: { value: 1 }, kernelsPerToken: 12 });
});

test('Stop ends the timing at once, keeps the finished rounds and releases the weights', async () => {
  const { fake, state, untilRun, called } = await makePage();
  let runs = 0;
  fake.faults.fails = (name) => {
    if (name === 'timeShape' && ++runs === 14 + 7 * 3 + 1) state().stop();
    return null;
  };
  state().start();
  await untilRun('stopped');
  await until(() => called('releaseShape').length === 1);
  await until(() => state().live !== null);
  expect(state().live?.rows[0]?.latency.ttftMs).toMatchObject({ n: 3, low: null });
});

test('a refusal of the device is the run’s error, and what was made is released', async () => {
  const { fake, state, untilRun, called } = await makePage();
  const error = { code: 'limit-exceeded', message: 'Too large.', details: {} } as const;
  fake.faults.fails = (name) => (name === 'loadShape' ? { error } : null);
  state().start();
  await untilRun('failed');
  expect(state().run).toEqual({ status: 'failed', error });
  expect(state().live).toBeNull();
  await until(() => called('releaseShape').length === 1);
});

test('a round in which a question was asked is thrown away and named', async () => {
  const { fake, stores, state, untilRun } = await makePage();
  stores.board.getState().setQuestionText('Who?');
  let runs = 0;
  fake.faults.fails = (name) => {
    if (name === 'timeShape' && ++runs === 14 + 7 + 3) stores.board.getState().ask();
    return null;
  };
  state().start();
  await untilRun('done');
  await until(() => state().live !== null);
  expect(state().live?.rows[0]?.latency.discarded).toEqual([{ round: 2, reason: 'asked' }]);
});

test('a reload shows what was timed here, with device and date, before any engine runs', async () => {
  const first = await makePage();
  first.state().start();
  await first.untilRun('done');
  await settle();
  const second = await makePage({}, first.platform, false);
  await until(() => second.state().live !== null);
  expect(second.state().live).toEqual(first.state().live);
  expect(second.state().live?.source).toMatchObject({
    kind: 'live',
    deviceKind: 'webgpu',
    date: expect.stringMatching(/^20/),
  });
});

test('damaged entries are left out and told', async () => {
  const platform = fakePlatform();
  await platform.results.write(new Map([['recall-lab/shapes/x', { rows: 3 }]]));
  const { stores, state } = await makePage({}, platform, false);
  await until(() => stores.notices.getState().notices.length > 0);
  expect(stores.notices.getState().notices[0]?.text).toMatch(/^1 stored times of random weights were damaged/);
  expect(state().live).toBeNull();
});

test('as many layers are made as the device times within minutes, until a person chooses', async () => {
  const { stores, state } = await makePage();
  expect(state().numLayers).toBe(30);
  stores.engine.getState().runLive('wasm');
  await until(() => stores.engine.getState().engine.status === 'ready');
  expect(state().numLayers).toBe(4);
  state().setLayers(2);
  stores.engine.getState().runLive('webgpu');
  await until(() => stores.engine.getState().engine.status === 'ready');
  expect(state().numLayers).toBe(2);
});
