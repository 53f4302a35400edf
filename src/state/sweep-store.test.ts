import { expect, test } from 'vitest';
import { toStep } from '../core/compress/levels.ts';
import { fakeEngine } from '../testing/fake-engine.ts';
import { fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { drawn, openSweep, PLAN } from '../testing/open-sweep.ts';
import { settle, until } from '../testing/until.ts';
import { createStores } from './stores.ts';

/** Dense, and three recipes alone and with a prompt whose twins share the items. */
const ANSWERS = 60 * (1 + 3 * 2);

test('every level of every method is measured in every regime, against the dense model', async () => {
  const { state, calls, untilRun, point } = await openSweep();
  state().start();
  await untilRun('done');
  expect(state().run).toEqual({ status: 'done', total: ANSWERS });
  expect(state().live?.points.map(({ method, level, regime }) => [method, level, regime])).toEqual([
    [null, null, 'dense'],
    ['magnitude', 0.5, 'compressed'],
    ['magnitude', 0.5, 'prompt'],
    ['magnitude', 0.6, 'compressed'],
    ['magnitude', 0.6, 'prompt'],
    ['rtn', 2, 'compressed'],
    ['rtn', 2, 'prompt'],
  ]);
  expect(point(null, null, 'dense')).toMatchObject({
    accuracy: { value: 1, n: 60 },
    klDivergence: { value: 0, low: 0, high: 0 },
    sameTop: { value: 1, low: 1, high: 1 },
  });
  const compressed = point('magnitude', 0.5, 'compressed');
  // The fake's answers: 0.2 nats over two tokens an item.
  expect(compressed?.klDivergence?.value).toBeCloseTo(0.1, 9);
  expect(compressed?.perplexity?.value).toBeGreaterThan(Math.exp(0.05));
  expect(compressed?.storedBytes).toBe(1_000_000);
  // Each recipe is built once, and at the end the page's own again.
  expect(calls('loadRecipe')).toHaveLength(4);
});

test('a repair is measured on facts that it never saw, and said to be of another recipe where it is', async () => {
  const { fake, state, untilRun, point } = await openSweep();
  const asked = new Map<string, string[]>();
  fake.isRight = (regimeId, itemId) => {
    asked.set(regimeId, [...(asked.get(regimeId) ?? []), itemId]);
    return true;
  };
  state().start();
  await untilRun('done');
  expect(point('magnitude', 0.6, 'prompt')).toMatchObject({ transferredFrom: null, accuracy: { n: 60 } });
  expect(point('magnitude', 0.5, 'prompt')?.transferredFrom).toBe('Magnitude 60 %');
  expect(point('magnitude', 0.5, 'compressed')?.transferredFrom).toBeNull();
  const twins = [...asked].filter(([id]) => id.startsWith('prompt | magnitude 0.6'));
  expect(twins.map(([id]) => id.slice(-1)).sort()).toEqual(['a', 'b']);
  for (const [id, items] of twins) {
    const folds = new Set(items.map((item) => (Number(item.split('/')[1]?.split('?')[0]) < 10 ? 'a' : 'b')));
    expect([...folds]).toEqual([id.endsWith('a') ? 'b' : 'a']);
  }
});

test('points stream in block by block with intervals around them', async () => {
  const { fake, state, point } = await openSweep();
  const seen: (readonly [number, number] | null)[] = [];
  state().start();
  for (let block = 0; block < 5; block++) {
    const release = fake.hold('score');
    await until(() => fake.isHolding('score'));
    await drawn();
    const accuracy = point('magnitude', 0.5, 'compressed')?.accuracy ?? null;
    seen.push(accuracy && [accuracy.n, accuracy.high - accuracy.low]);
    release();
  }
  // The dense model has two blocks, then come two of the first recipe.
  expect(seen.map((each) => each?.[0] ?? null)).toEqual([null, null, null, 40, 60]);
  expect(seen[4]?.[1]).toBeGreaterThan(0);
  expect(seen[3]?.[1]).toBeGreaterThan(seen[4]?.[1] ?? 1);
  expect(state().run.status).toBe('running');
});

test('Stop keeps what is there, and a later start goes on from it', async () => {
  const { fake, state, calls, untilRun, point } = await openSweep();
  let runs = 0;
  fake.faults.fails = (name) => {
    if (name === 'score' && ++runs === 4) state().stop();
    return null;
  };
  state().start();
  await untilRun('stopped');
  expect(state().run).toMatchObject({ status: 'stopped', done: 100, total: ANSWERS });
  expect(state().now).toBeNull();
  expect(point('magnitude', 0.5, 'compressed')?.accuracy?.n).toBe(40);
  expect(state().left).toBe(6); // all but the dense model
  fake.log.length = 0;
  state().start();
  await untilRun('done');
  expect(calls('score dense')).toEqual([]);
  expect(calls('score compressed | magnitude 0.5')).toHaveLength(1);
});

test('a reload shows what was measured and measures only the rest', async () => {
  const first = await openSweep();
  first.state().start();
  await first.untilRun('done');
  const second = await openSweep({}, first.platform);
  await drawn();
  expect(second.state().live?.points).toEqual(first.state().live?.points);
  expect(second.state().left).toBe(0);
  second.state().setPlan({ ...PLAN, methods: [{ method: 'magnitude', levels: [0.5, 0.6, 0.7] }] });
  await drawn();
  expect(second.state().left).toBe(2);
  second.state().start();
  await second.untilRun('done');
  expect(second.calls('loadRecipe')).toHaveLength(2);
  expect(second.state().live?.points).toHaveLength(7);
});

test('the plan of the last visit comes back', async () => {
  const first = await openSweep();
  const platform = fakePlatform(first.platform);
  const stores = createStores({ platform, createClient: first.fake.createClient, baseUrl: PACK_URL });
  expect(stores.sweep.getState().plan).toEqual(PLAN);
});

test('what was evaluated without its fidelity is scored once more, and evaluation does not score it again', async () => {
  const { fake, stores, state, calls, untilRun } = await openSweep();
  stores.evaluate.getState().runAccuracy(60);
  await until(() => stores.evaluate.getState().accuracyRun.status === 'done');
  expect(state().live).toBeNull();
  fake.log.length = 0;
  state().start();
  await untilRun('done');
  expect(calls('score dense')).toHaveLength(2);
  fake.log.length = 0;
  stores.evaluate.getState().runAccuracy(60);
  await until(() => stores.evaluate.getState().accuracyRun.status === 'done');
  expect(calls('score')).toEqual([]);
});

test('a recipe that the engine refuses is left out and told, the others are measured', async () => {
  const error = { code: 'recipe-invalid', message: 'It does not fit.', details: {} } as const;
  let built = 0;
  const { state, untilRun } = await openSweep({
    fails: (name) => (name === 'loadRecipe' && ++built === 3 ? { error } : null),
  });
  state().start();
  await untilRun('done');
  expect(state().leftOut).toEqual([{ label: 'Magnitude 60 %', error }]);
  expect(state().live?.points.map(({ level }) => level)).toEqual([null, 0.5, 0.5, 2, 2]);
});

test('a regime that fails its golden gate is left out and told', async () => {
  const { state, untilRun } = await openSweep({
    hasWebgpu: false,
    failsGate: ({ recovery }) => recovery.kind === 'prompt',
  });
  state().start();
  await untilRun('done');
  expect(state().leftOut.map(({ error }) => error.code)).toEqual(new Array(3).fill('golden-mismatch'));
  expect(state().live?.points.map(({ regime }) => regime)).not.toContain('prompt');
});

test('a worker that dies in mid-sweep is replaced and the sweep goes on', async () => {
  const { fake, state, untilRun } = await openSweep();
  let runs = 0;
  fake.faults.fails = (name) => (name === 'score' && ++runs === 3 ? { lost: 'worker-timeout' } : null);
  state().start();
  await untilRun('done');
  expect(state().live?.points).toHaveLength(7);
  expect(state().leftOut).toEqual([]);
});

test('one run has the engine at a time: evaluation ends a sweep, and a sweep an evaluation', async () => {
  const { fake, stores, state, untilRun } = await openSweep();
  const release = fake.hold('score');
  state().start();
  await until(() => fake.isHolding('score'));
  stores.evaluate.getState().runAccuracy(40);
  expect(state().run.status).toBe('stopped');
  state().start();
  expect(stores.evaluate.getState().accuracyRun.status).toBe('stopped');
  release();
  await untilRun('done');
  expect(stores.evaluate.getState().accuracyRun.status).toBe('stopped');
});

test('a question is answered while a sweep runs', async () => {
  const { fake, stores, state, untilRun } = await openSweep();
  const release = fake.hold('loadRecipe');
  state().start();
  await until(() => fake.isHolding('loadRecipe'));
  stores.board.getState().setQuestionText('Who?');
  stores.board.getState().ask();
  release();
  await untilRun('done');
  const cells = stores.board.getState().columns.map(({ cell }) => cell.status);
  expect(new Set(cells)).toEqual(new Set(['done']));
});

test('sensitivity compresses every layer and every matrix alone, by the recipe of the page', async () => {
  const { stores, state, calls, untilRun } = await openSweep();
  state().startSensitivity();
  await untilRun('done');
  expect(state().runOf).toBe('sensitivity');
  const map = state().live?.sensitivity;
  expect(map?.label).toBe('Magnitude 60 %');
  expect(map?.cells).toHaveLength(2 * 8);
  expect(map?.cells[8]).toMatchObject({ layer: 1, matrix: 'all', accuracy: { n: 60 } });
  expect(map?.cells[9]?.matrix).toBe('self_attn.q_proj');
  expect(calls('score alone 1.mlp.up_proj | magnitude 0.6')).toHaveLength(2);
  stores.recipe.getState().setPreset('rtn-severe');
  await drawn();
  expect(state().live?.sensitivity ?? null).toBeNull();
  stores.recipe.getState().setPreset('magnitude-mild');
  await drawn();
  expect(state().live?.sensitivity).toEqual(map);
});

test('a change of the page recipe ends a sensitivity run and leaves a sweep alone', async () => {
  const { fake, stores, state, untilRun } = await openSweep();
  const release = fake.hold('score');
  state().start();
  await until(() => fake.isHolding('score'));
  stores.recipe.getState().setPreset('rtn-severe');
  expect(state().run.status).toBe('running');
  state().startSensitivity();
  await settle();
  stores.recipe.getState().setPreset('magnitude-mild');
  expect(state()).toMatchObject({ runOf: 'sensitivity', run: { status: 'stopped' } });
  release();
  await settle();
  expect(state().run.status).toBe('stopped');
  state().start();
  await untilRun('done');
});

test('a page recipe that cannot be run has no sensitivity, and says why', async () => {
  const { stores, state, untilRun } = await openSweep();
  const step = { method: 'magnitude', sparsity: Number.NaN, granularity: 'global' } as const;
  stores.recipe.getState().setRecipe({ version: 1, steps: [step] });
  state().startSensitivity();
  await untilRun('failed');
  expect(state().run).toMatchObject({ error: { code: 'recipe-invalid' } });
});

test('a page recipe that removes whole units is measured layer by layer', async () => {
  const { stores, state, untilRun } = await openSweep();
  stores.recipe.getState().setRecipe({ version: 1, steps: [toStep('neurons', 0.5)] });
  state().startSensitivity();
  await untilRun('done');
  expect(state().live?.sensitivity?.cells.map(({ layer, matrix }) => [layer, matrix])).toEqual([
    [0, 'all'],
    [1, 'all'],
  ]);
});

test('without a model a sweep says so', async () => {
  const fake = fakeEngine();
  const stores = createStores({ platform: fakePlatform(), createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  stores.sweep.getState().start();
  await until(() => stores.sweep.getState().run.status === 'failed');
  expect(stores.sweep.getState().run).toMatchObject({ error: { message: expect.stringMatching(/Run live/) } });
});
