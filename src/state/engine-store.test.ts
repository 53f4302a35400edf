import { expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { DeviceChoice } from '../engine/protocol.ts';
import { type FakeFaults, fakeEngine } from '../testing/fake-engine.ts';
import { makeManifest } from '../testing/make-pack.ts';
import { settle, until } from '../testing/until.ts';
import { DENSE_REGIME } from './engine-faults.ts';
import type { EnginePhase } from './engine-state.ts';
import { createEngineStore } from './engine-store.ts';

const IDP: Regime = {
  id: 'idp | x',
  recipe: makeManifest().recipes[0]?.recipe ?? null,
  recovery: { kind: 'idp', repairId: 'magnitude-mild/pool-routed-a' },
};
const TOTAL_BYTES = makeManifest().files.length * 100;
const NEVER = new AbortController().signal;

function makeStore(faults: Partial<FakeFaults> = {}) {
  const fake = fakeEngine(faults);
  const marks: (DeviceChoice | null)[] = [];
  const clock = { nowMs: 0 };
  const engine = createEngineStore({
    createClient: fake.createClient,
    readPack: async () => ({ baseUrl: '/packs/toy/', manifest: makeManifest() }),
    now: () => clock.nowMs,
    crashMark: { set: (choice) => marks.push(choice), clear: () => marks.push(null) },
    onCacheNotice: () => {},
  });
  const phase = () => engine.store.getState().engine;
  const { runLive, stopLoading } = engine.store.getState();
  const until_ = (status: EnginePhase['status']) => until(() => phase().status === status);
  return { fake, engine, phase, runLive, stopLoading, marks, clock, untilStatus: until_ };
}

test('a start goes through loading to ready and tells bytes on the way', async () => {
  const { fake, engine, phase, runLive, untilStatus } = makeStore();
  const seen: EnginePhase[] = [];
  engine.store.subscribe(({ engine }) => seen.push(engine));
  expect(phase()).toEqual({ status: 'off' });
  runLive('auto');
  await untilStatus('ready');
  expect(phase()).toMatchObject({ device: { kind: 'webgpu' }, badge: null, sizeBytes: TOTAL_BYTES });
  expect(seen).toContainEqual({
    status: 'loading',
    choice: 'auto',
    progress: { phase: 'compiling', loadedBytes: TOTAL_BYTES, totalBytes: TOTAL_BYTES, label: 'decoder' },
  });
  expect(fake.log).toEqual(['start auto', 'loadPack', 'prepareRegime dense', 'time dense']);
  expect(engine.store.getState().prepared.get('dense')?.gate.status).toBe('passed');
});

test('a software adapter starts on wasm, and one click overrides it', async () => {
  const { phase, runLive, untilStatus } = makeStore({ isSoftware: true });
  runLive('auto');
  await untilStatus('ready');
  expect(phase()).toMatchObject({ device: { kind: 'wasm' } });
  runLive('webgpu');
  expect(phase()).toMatchObject({ status: 'loading', choice: 'webgpu' });
  await untilStatus('ready');
  expect(phase()).toMatchObject({ device: { kind: 'webgpu' } });
});

test('WebGPU asked for where there is none fails with a sentence, and wasm can still be chosen', async () => {
  const { phase, runLive, untilStatus } = makeStore({ hasWebgpu: false });
  runLive('webgpu');
  await untilStatus('failed');
  expect(phase()).toMatchObject({ error: { code: 'no-webgpu' } });
  runLive('wasm');
  await untilStatus('ready');
});

test.each(['start', 'loadPack', 'prepareRegime', 'time'] as const)(
  'Stop during %s turns the engine off for good',
  async (name) => {
    const { fake, phase, runLive, stopLoading, untilStatus } = makeStore({ ignoresStop: true });
    const release = fake.hold(name);
    runLive('auto');
    await until(() => fake.isHolding(name));
    stopLoading();
    expect(phase()).toEqual({ status: 'off' });
    release();
    await settle();
    expect(phase()).toEqual({ status: 'off' });
    runLive('auto');
    await untilStatus('ready');
  },
);

test('the last choice wins over one that is still loading', async () => {
  const { fake, phase, runLive, untilStatus } = makeStore();
  const release = fake.hold('loadPack');
  runLive('webgpu');
  await until(() => fake.isHolding('loadPack'));
  runLive('wasm');
  release();
  await untilStatus('ready');
  await settle();
  expect(phase()).toMatchObject({ device: { kind: 'wasm' } });
});

test('a failed download fails with its error and can be tried again', async () => {
  const { fake, phase, runLive, untilStatus } = makeStore();
  const error = { code: 'download-failed', message: 'The host answered 404.', details: {} } as const;
  fake.faults.fails = (name) => (name === 'loadPack' ? { error } : null);
  runLive('auto');
  await untilStatus('failed');
  expect(phase()).toEqual({ status: 'failed', error });
  fake.faults.fails = () => null;
  runLive('auto');
  await untilStatus('ready');
});

test('a device lost outside any call is restarted twice, then wasm takes over with a badge', async () => {
  const { fake, phase, runLive, untilStatus } = makeStore();
  runLive('auto');
  await untilStatus('ready');
  for (const attempt of [1, 2]) {
    fake.lose('device-lost');
    expect(phase()).toMatchObject({ status: 'restarting', attempt, error: { code: 'device-lost' } });
    await untilStatus('ready');
    expect(phase()).toMatchObject({ device: { kind: 'webgpu' }, badge: null });
  }
  fake.lose('device-lost');
  await untilStatus('ready');
  expect(phase()).toMatchObject({ device: { kind: 'wasm' } });
  expect(phase()).toMatchObject({ badge: expect.stringMatching(/^Fell back to wasm: .*device-lost/) });
  fake.lose('worker-failed');
  expect(phase()).toMatchObject({ status: 'restarting', attempt: 1 });
  await untilStatus('ready');
  expect(phase()).toMatchObject({ device: { kind: 'wasm' }, badge: expect.any(String) });
});

test.each([
  ['auto', {}, 'webgpu', 'A hardware adapter was found.'],
  ['auto', { isSoftware: true }, 'wasm', 'There is no hardware adapter.'],
  ['auto', { hasWebgpu: false }, 'wasm', 'There is no hardware adapter.'],
  ['webgpu', { isSoftware: true }, 'webgpu', 'You chose webgpu.'],
] as const)('a restart after %s with %o opens %s again, for the first reason', async (choice, faults, kind, reason) => {
  const { fake, phase, runLive, untilStatus } = makeStore(faults);
  runLive(choice);
  await untilStatus('ready');
  for (let i = 0; i < 2; i++) {
    expect(phase()).toMatchObject({ device: { kind, reason } });
    fake.lose('worker-failed');
    await untilStatus('ready');
  }
  expect(phase()).toMatchObject({ device: { kind, reason } });
  expect(fake.log.filter((line) => line.startsWith('start'))).toEqual([
    `start ${choice}`,
    `start ${kind}`,
    `start ${kind}`,
  ]);
});

test('a fall-back is the reason for wasm, through restarts too, until the person chooses', async () => {
  const { fake, phase, runLive, untilStatus } = makeStore({ failsGate: (_, kind) => kind === 'webgpu' });
  runLive('auto');
  await untilStatus('ready');
  const reason = expect.stringMatching(/^Fell back to wasm: the golden check of "dense" failed/);
  expect(phase()).toMatchObject({ device: { kind: 'wasm', reason } });
  fake.lose('worker-failed');
  await untilStatus('ready');
  expect(phase()).toMatchObject({ device: { kind: 'wasm', reason }, badge: reason });
  runLive('wasm');
  await untilStatus('ready');
  expect(phase()).toMatchObject({ device: { kind: 'wasm', reason: 'You chose wasm.' }, badge: null });
});

test('losses more than five minutes apart never lead to wasm', async () => {
  const { fake, phase, runLive, clock, untilStatus } = makeStore();
  runLive('auto');
  for (let i = 0; i < 5; i++) {
    await untilStatus('ready');
    clock.nowMs += 3 * 60_000;
    fake.lose('device-lost');
  }
  await untilStatus('ready');
  expect(phase()).toMatchObject({ device: { kind: 'webgpu' } });
});

test('a worker that times out on wasm is given up after two restarts, and a click starts over', async () => {
  const { fake, phase, runLive, untilStatus } = makeStore({ hasWebgpu: false });
  runLive('auto');
  await untilStatus('ready');
  fake.faults.fails = (name) => (name === 'loadPack' ? { lost: 'worker-timeout' } : null);
  fake.lose('worker-timeout');
  await untilStatus('failed');
  expect(phase()).toMatchObject({ error: { code: 'worker-timeout' } });
  expect(fake.log.filter((line) => line === 'loadPack')).toHaveLength(3);
  fake.faults.fails = () => null;
  runLive('auto');
  await untilStatus('ready');
});

test('a call in flight rejects with the loss, and a call while restarting says why it cannot run', async () => {
  const { fake, engine, runLive, untilStatus } = makeStore();
  runLive('auto');
  await untilStatus('ready');
  fake.hold('score');
  const call = engine.call('score', { regime: DENSE_REGIME, items: [] });
  await until(() => fake.isHolding('score'));
  fake.lose('device-lost');
  await expect(call).rejects.toMatchObject({ code: 'device-lost' });
  await expect(engine.call('score', { regime: DENSE_REGIME, items: [] })).rejects.toMatchObject({
    code: 'device-lost',
  });
  await untilStatus('ready');
});

test('a dense gate that fails on WebGPU moves the start to wasm with a badge', async () => {
  const { fake, phase, runLive, untilStatus } = makeStore({ failsGate: (_, kind) => kind === 'webgpu' });
  runLive('auto');
  await untilStatus('ready');
  expect(phase()).toMatchObject({
    device: { kind: 'wasm' },
    badge: expect.stringMatching(/golden check of "dense" failed/),
  });
  expect(fake.log).toContain('start wasm');
});

test('a dense gate that fails on wasm too shows no number at all', async () => {
  const { phase, runLive, untilStatus } = makeStore({ failsGate: () => true });
  runLive('auto');
  await untilStatus('failed');
  expect(phase()).toMatchObject({ error: { code: 'golden-mismatch' } });
});

test('a regime whose gate fails on WebGPU is refused there and passes on wasm', async () => {
  const { engine, phase, runLive, untilStatus } = makeStore({
    failsGate: (regime, kind) => kind === 'webgpu' && regime.id === IDP.id,
  });
  runLive('auto');
  await untilStatus('ready');
  await expect(engine.prepare(IDP, NEVER)).rejects.toMatchObject({ code: 'golden-mismatch' });
  expect(phase().status).toBe('restarting');
  await untilStatus('ready');
  expect(phase()).toMatchObject({ device: { kind: 'wasm' } });
  await expect(engine.prepare(IDP, NEVER)).resolves.toMatchObject({ gate: { status: 'passed' } });
});

test('a regime whose gate fails on wasm stays refused while the others answer', async () => {
  const { engine, phase, runLive, untilStatus } = makeStore({ failsGate: (regime) => regime.id === IDP.id });
  runLive('wasm');
  await untilStatus('ready');
  for (let i = 0; i < 2; i++) {
    await expect(engine.prepare(IDP, NEVER)).rejects.toMatchObject({ code: 'golden-mismatch' });
  }
  expect(phase().status).toBe('ready');
  expect(engine.store.getState().prepared.get(IDP.id)?.gate.status).toBe('failed');
});

test('a regime is prepared once per worker', async () => {
  const { fake, engine, runLive, untilStatus } = makeStore();
  runLive('auto');
  await untilStatus('ready');
  await engine.prepare(IDP, NEVER);
  await engine.prepare(IDP, NEVER);
  expect(fake.log.filter((line) => line.includes(IDP.id))).toHaveLength(1);
  fake.lose('device-lost');
  await untilStatus('ready');
  expect(engine.store.getState().prepared.has(IDP.id)).toBe(false);
  await engine.prepare(IDP, NEVER);
  expect(fake.log.filter((line) => line.includes(IDP.id))).toHaveLength(2);
});

test('a start leaves a mark until it has ended, so that a tab it kills is noticed', async () => {
  const { fake, runLive, marks, untilStatus } = makeStore();
  const release = fake.hold('loadPack');
  runLive('webgpu');
  await until(() => fake.isHolding('loadPack'));
  expect(marks).toEqual(['webgpu']);
  release();
  await untilStatus('ready');
  expect(marks).toEqual(['webgpu', null]);
});

test('a pack that cannot be read fails the start with its own error', async () => {
  const fake = fakeEngine();
  const engine = createEngineStore({
    createClient: fake.createClient,
    readPack: () => Promise.reject(new AppError('pack-invalid', 'The manifest is damaged.')),
    now: () => 0,
    crashMark: { set: () => {}, clear: () => {} },
    onCacheNotice: () => {},
  });
  engine.store.getState().runLive('auto');
  await until(() => engine.store.getState().engine.status === 'failed');
  expect(engine.store.getState().engine).toMatchObject({ error: { code: 'pack-invalid' } });
});
