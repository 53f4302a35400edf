import { expect, test } from 'vitest';
import { makeEvaluation } from '../testing/make-evaluation.ts';
import { settle, until } from '../testing/until.ts';

/** Usable facts of the folds A and B of the toy world, all in three forms. */
const FACTS = 36;

test('every shown regime scores the same items, twins apart, and live counts grow block by block', async () => {
  const { stores, state, row, scored, untilRun } = await makeEvaluation();
  const counts: (number | undefined)[] = [];
  stores.evaluate.subscribe(({ live }) => {
    counts.push(live?.rows.find(({ key }) => key === 'idp')?.accuracy.heldOut?.n);
  });
  state().runAccuracy(60);
  await untilRun('accuracyRun', 'done');
  // 60 items: dense and compressed once, each of three repairs by both twins; every item is seen by one and held out from the other.
  expect(state().accuracyRun).toEqual({ status: 'done', total: 60 * 8 });
  expect(row('dense').accuracy).toMatchObject({ all: { value: 1, n: 60 }, seen: null, heldOut: null });
  expect(row('idp').accuracy).toMatchObject({ all: null, seen: { n: 60 }, heldOut: { n: 60 }, control: null });
  expect(scored().slice(0, 8)).toEqual([
    'dense',
    'compressed',
    'prompt',
    'prompt',
    'idp',
    'idp',
    'lora-merged',
    'lora-merged',
  ]);
  expect(counts).toContain(40);
  expect(counts.at(-1)).toBe(60);
});

test('damage and recovered share are paired, and hidden where there is no damage to recover', async () => {
  const { fake, state, row, untilRun } = await makeEvaluation();
  fake.isRight = (regimeId, itemId) => !regimeId.startsWith('compressed') || itemId.endsWith('?0');
  state().runAccuracy(FACTS * 3);
  await untilRun('accuracyRun', 'done');
  expect(state().live?.damage?.value).toBeCloseTo(2 / 3, 9);
  expect(row('idp').recovered?.value).toBeCloseTo(1, 9);
  expect(row('dense').recovered).toBeNull();
  expect(row('compressed').recovered).toBeNull();

  const whole = await makeEvaluation();
  whole.fake.isRight = () => true;
  whole.state().runAccuracy(40);
  await whole.untilRun('accuracyRun', 'done');
  expect(whole.state().live?.damage).toMatchObject({ value: 0 });
  expect(whole.row('idp').recovered).toBeNull();
});

test('seen and held-out come from the twin that did and did not see the fact', async () => {
  const { fake, state, row, untilRun } = await makeEvaluation();
  const folds = new Map(
    ['capital', 'river'].flatMap((id) => Array.from({ length: 24 }, (_, i) => [`${id}/${i}`, i < 10 ? 'a' : 'b'])),
  );
  // A repair that knows exactly what it was trained on.
  fake.isRight = (regimeId, itemId) => regimeId.endsWith(`-${folds.get(itemId.split('?')[0] ?? '')}`);
  state().runAccuracy(FACTS);
  await untilRun('accuracyRun', 'done');
  expect(row('lora-merged').accuracy).toMatchObject({ seen: { value: 1, n: FACTS }, heldOut: { value: 0, n: FACTS } });
});

test('nothing is computed twice: more items add to what is there', async () => {
  const { fake, state, scored, untilRun } = await makeEvaluation();
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'done');
  expect(scored()).toHaveLength(8);
  fake.log.length = 0;
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'done');
  expect(scored()).toEqual([]);
  state().runAccuracy(60);
  await untilRun('accuracyRun', 'done');
  expect(scored()).toHaveLength(8);
});

test('Stop keeps what is finished, and a later run goes on from there', async () => {
  const { fake, state, row, scored, untilRun } = await makeEvaluation();
  let runs = 0;
  fake.faults.fails = (name) => {
    if (name === 'score' && ++runs === 5) state().stop();
    return null;
  };
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'stopped');
  await settle();
  expect(state().accuracyRun).toEqual({ status: 'stopped', done: 160, total: 320 });
  expect(row('prompt').accuracy.heldOut?.n).toBe(40);
  fake.log.length = 0;
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'done');
  expect(scored()).toEqual(['idp', 'idp', 'lora-merged', 'lora-merged']);
});

test('Pause keeps what is finished, and Resume goes on with the same run', async () => {
  const { fake, state, scored, untilRun } = await makeEvaluation();
  let runs = 0;
  fake.faults.fails = (name) => {
    if (name === 'score' && ++runs === 5) state().pause();
    return null;
  };
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'paused');
  await settle();
  expect(state().accuracyRun).toEqual({ status: 'paused', done: 160, total: 320 });
  fake.log.length = 0;
  state().resume();
  await untilRun('accuracyRun', 'done');
  expect(scored()).toEqual(['idp', 'idp', 'lora-merged', 'lora-merged']);
});

test('a paused run can be stopped, and another recipe ends it', async () => {
  const { fake, stores, state } = await makeEvaluation();
  const pauseEarly = async () => {
    const release = fake.hold('score');
    state().runAccuracy(40);
    await until(() => fake.isHolding('score'));
    state().pause();
    release();
    expect(state().accuracyRun.status).toBe('paused');
  };
  await pauseEarly();
  state().stop();
  expect(state().accuracyRun.status).toBe('stopped');
  await pauseEarly();
  stores.recipe.getState().setPreset('magnitude-severe');
  expect(state().accuracyRun.status).toBe('stopped');
});

test.each(['prepareRegime', 'score'] as const)('Stop during %s ends the run at once', async (name) => {
  const { fake, state, untilRun } = await makeEvaluation();
  const release = fake.hold(name);
  state().runAccuracy(40);
  await until(() => fake.isHolding(name));
  state().stop();
  expect(state().accuracyRun.status).toBe('stopped');
  release();
  await settle();
  expect(state().accuracyRun.status).toBe('stopped');
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'done');
});

test('a worker that dies in mid-run is replaced and the run goes on, twice', async () => {
  const { fake, stores, state, scored, untilRun } = await makeEvaluation();
  let runs = 0;
  fake.faults.fails = (name) => (name === 'score' && [3, 6].includes(++runs) ? { lost: 'worker-timeout' } : null);
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'done');
  expect(stores.engine.getState().engine).toMatchObject({ status: 'ready', device: { kind: 'webgpu' } });
  expect(scored()).toHaveLength(10);
});

test('a third loss moves the run to wasm, where it begins anew under its own device', async () => {
  const { fake, stores, state, row, untilRun } = await makeEvaluation();
  let runs = 0;
  fake.faults.fails = (name) => (name === 'score' && [3, 4, 5].includes(++runs) ? { lost: 'device-lost' } : null);
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'done');
  expect(stores.engine.getState().engine).toMatchObject({ device: { kind: 'wasm' }, badge: expect.any(String) });
  expect(state().live?.source).toMatchObject({ kind: 'live', deviceKind: 'wasm' });
  expect(row('dense').accuracy.all?.n).toBe(40);
});

test('a device that never recovers fails the run with its error and keeps what was finished', async () => {
  const { fake, state, row, untilRun } = await makeEvaluation({ hasWebgpu: false });
  let runs = 0;
  fake.faults.fails = (name) => (name === 'score' && ++runs > 4 ? { lost: 'worker-failed' } : null);
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'failed');
  expect(state().accuracyRun).toMatchObject({ error: { code: 'worker-failed' } });
  expect(row('compressed').accuracy.all?.n).toBe(40);
});

test('an error that is no loss fails the run at once', async () => {
  const { fake, state, scored, untilRun } = await makeEvaluation();
  const error = { code: 'run-failed', message: 'The run failed.', details: {} } as const;
  fake.faults.fails = (name) => (name === 'score' ? { error } : null);
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'failed');
  expect(state().accuracyRun).toEqual({ status: 'failed', error });
  expect(scored()).toHaveLength(1);
});

test('a regime whose gate fails on wasm gets no number; the others are finished and the failure is told', async () => {
  const { state, untilRun } = await makeEvaluation({
    hasWebgpu: false,
    failsGate: (regime) => regime.id.startsWith('idp'),
  });
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'failed');
  expect(state().accuracyRun).toMatchObject({ error: { code: 'golden-mismatch' } });
  expect(state().live?.rows.map(({ key }) => key)).toEqual(['dense', 'compressed', 'prompt', 'lora-merged']);
});

test('a regime whose gate fails on WebGPU moves the whole run to wasm', async () => {
  const { state, row, untilRun } = await makeEvaluation({
    failsGate: (regime, kind) => kind === 'webgpu' && regime.id.startsWith('idp'),
  });
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'done');
  expect(state().live?.source.deviceKind).toBe('wasm');
  expect(row('dense').accuracy.all?.n).toBe(40);
});

test('another recipe stops the run, and each recipe has its own figures', async () => {
  const { stores, state, untilRun, fake } = await makeEvaluation();
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'done');
  const release = fake.hold('score');
  state().runAccuracy(72);
  await until(() => fake.isHolding('score'));
  stores.recipe.getState().setPreset('magnitude-severe');
  expect(state().accuracyRun.status).toBe('stopped');
  expect(state().live).toBeNull();
  release();
  stores.recipe.getState().setPreset('magnitude-mild');
  await until(() => state().live !== null);
  expect(state().live?.recipeLabel).toBe('Magnitude 60 %');
  expect(state().live?.rows.map(({ key }) => key)).toContain('idp');
});

test('a run asked for without an engine says what to do', async () => {
  const { state, untilRun } = await makeEvaluation({}, undefined, false);
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'failed');
  expect(state().accuracyRun).toMatchObject({ error: { code: 'input-invalid' } });
});

test('control subjects are scored on demand and shown apart', async () => {
  const { state, row, untilRun } = await makeEvaluation();
  state().runControl();
  await untilRun('accuracyRun', 'done');
  // Two control subjects in two relations and three forms; a repair is asked through both twins.
  expect(row('compressed').accuracy).toMatchObject({ all: null, control: { n: 12 } });
  expect(row('idp').accuracy).toMatchObject({ seen: null, heldOut: null, control: { n: 24 } });
});

test('accuracy and latency share one set in the order of the board', async () => {
  const { state, untilRun, stores } = await makeEvaluation();
  stores.board.getState().setShown('prefix', true);
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'done');
  state().runLatency(10);
  await untilRun('latencyRun', 'done');
  expect(state().live?.rows.map(({ key }) => key)).toEqual([
    'dense',
    'compressed',
    'prompt',
    'idp',
    'lora-merged',
    'prefix',
  ]);
  for (const { latency, accuracy, size } of state().live?.rows ?? []) {
    expect(latency).not.toBeNull();
    expect(accuracy.all ?? accuracy.heldOut).not.toBeNull();
    expect(size).not.toBeNull();
  }
});

test('one run has the engine at a time: starting the other kind stops the first', async () => {
  const { fake, state, untilRun } = await makeEvaluation();
  const release = fake.hold('score');
  state().runAccuracy(40);
  await until(() => fake.isHolding('score'));
  state().runLatency(10);
  expect(state().accuracyRun.status).toBe('stopped');
  release();
  await untilRun('latencyRun', 'done');
});

test('a reload keeps the results, under the device they were made on, before any engine runs', async () => {
  const first = await makeEvaluation();
  first.state().runAccuracy(40);
  await first.untilRun('accuracyRun', 'done');
  first.state().runLatency(10);
  await first.untilRun('latencyRun', 'done');
  await settle();
  const second = await makeEvaluation({}, first.platform, false);
  await until(() => second.state().live !== null);
  expect(second.state().live).toEqual(first.state().live);
  expect(second.state().accuracyRun.status).toBe('idle');
  await second.start();
  second.state().runAccuracy(40);
  await second.untilRun('accuracyRun', 'done');
  expect(second.scored()).toEqual([]);
});

test('results of one device are not shown under another', async () => {
  const { state, stores, untilRun, start } = await makeEvaluation();
  state().runAccuracy(40);
  await untilRun('accuracyRun', 'done');
  stores.engine.getState().runLive('wasm');
  await until(() => stores.engine.getState().engine.status === 'ready');
  expect(state().live).toBeNull();
  await start('webgpu');
  expect(state().live?.source.deviceKind).toBe('webgpu');
});
