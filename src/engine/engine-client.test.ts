import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WireError } from '../core/errors.ts';
import { createEngineClient, type SpawnWorker, type WorkerListeners } from './engine-client.ts';
import { type FromWorker, PROTOCOL_VERSION, type ToWorker } from './protocol.ts';

/** The worker's end of the line, driven by the test; the client under test is the real one. */
class ScriptedWorker {
  readonly sent: ToWorker[] = [];
  isTerminated = false;
  readonly listeners: WorkerListeners;

  constructor(listeners: WorkerListeners) {
    this.listeners = listeners;
  }

  say(message: FromWorker): void {
    this.listeners.onMessage(message);
  }

  postMessage(message: ToWorker): void {
    this.sent.push(message);
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

const workers: ScriptedWorker[] = [];
const spawn: SpawnWorker = (listeners) => {
  const worker = new ScriptedWorker(listeners);
  workers.push(worker);
  return worker;
};

function latest(): ScriptedWorker {
  const worker = workers.at(-1);
  if (!worker) throw new Error('no worker was started');
  return worker;
}

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

function requests(worker: ScriptedWorker) {
  return worker.sent.flatMap((message) => (message.type === 'request' ? [message] : []));
}

/** The id of the n-th request that reached the worker. */
function requestId(worker: ScriptedWorker, n: number): number {
  const request = requests(worker)[n];
  if (!request) throw new Error(`request ${n} was not sent`);
  return request.id;
}

const SCORE_INPUT = { regime: { id: 'r', recipe: null, recovery: { kind: 'none' } }, items: [] } as const;

const ready: FromWorker = { type: 'ready', version: PROTOCOL_VERSION };

beforeEach(() => {
  vi.useFakeTimers();
  workers.length = 0;
});
afterEach(() => vi.useRealTimers());

describe('calls', () => {
  test('nothing is sent before the handshake, and calls go out one at a time, in order', async () => {
    const client = createEngineClient(spawn);
    const first = client.call('score', SCORE_INPUT);
    const second = client.call('score', SCORE_INPUT);
    await settle();
    expect(latest().sent.map((message) => message.type)).toEqual(['hello']);
    latest().say(ready);
    await settle();
    expect(requests(latest())).toHaveLength(1);
    latest().say({ type: 'result', id: requestId(latest(), 0), output: [1] });
    expect(await first).toEqual([1]);
    await settle();
    expect(requests(latest())).toHaveLength(2);
    latest().say({ type: 'result', id: requestId(latest(), 1), output: [2] });
    expect(await second).toEqual([2]);
  });

  test('events reach their own call, and late words of an ended one are ignored', async () => {
    const client = createEngineClient(spawn);
    const events: unknown[] = [];
    const call = client.call('loadRecipe', { recipe: null }, { onEvent: (event) => events.push(event.label) });
    await settle();
    latest().say(ready);
    await settle();
    const id = requestId(latest(), 0);
    const event = { phase: 'compiling', loadedBytes: 0, totalBytes: 0, label: 'graph' };
    latest().say({ type: 'event', id, event });
    latest().say({ type: 'error', id, error: { code: 'recipe-invalid', message: 'No.', details: {} } });
    await expect(call).rejects.toMatchObject({ code: 'recipe-invalid', message: 'No.' });
    latest().say({ type: 'event', id, event });
    latest().say({ type: 'result', id, output: null });
    expect(events).toEqual(['graph']);
  });

  test('stopping a waiting call takes it out of the line; stopping the running one asks the worker', async () => {
    const client = createEngineClient(spawn);
    const running = new AbortController();
    const waiting = new AbortController();
    const first = client.call('score', SCORE_INPUT, { signal: running.signal });
    const second = client.call('score', SCORE_INPUT, { signal: waiting.signal });
    await settle();
    latest().say(ready);
    await settle();
    waiting.abort();
    await expect(second).rejects.toMatchObject({ code: 'stopped' });
    running.abort();
    const id = requestId(latest(), 0);
    expect(latest().sent.at(-1)).toEqual({ type: 'cancel', id });
    latest().say({ type: 'error', id, error: { code: 'stopped', message: 'Stopped.', details: {} } });
    await expect(first).rejects.toMatchObject({ code: 'stopped' });
    expect(requests(latest())).toHaveLength(1);
  });
});

describe('a lost worker', () => {
  async function startedCall() {
    const client = createEngineClient(spawn);
    const lost: WireError[] = [];
    client.onLost((error) => lost.push(error));
    const call = client.call('score', SCORE_INPUT);
    const next = client.call('score', SCORE_INPUT);
    const outcomes = Promise.allSettled([call, next]);
    await settle();
    latest().say(ready);
    await settle();
    return { client, lost, outcomes };
  }

  test('silence past the deadline ends the worker and rejects every call with one error', async () => {
    const { lost, outcomes } = await startedCall();
    await vi.advanceTimersByTimeAsync(21_000);
    expect(latest().isTerminated).toBe(true);
    expect(lost.map((error) => error.code)).toEqual(['worker-timeout']);
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'worker-timeout' } });
  });

  test('a long call lives on as long as its steps go by, and is ended soon after they cease', async () => {
    const client = createEngineClient(spawn);
    const outcome = Promise.allSettled([client.call('score', SCORE_INPUT)]);
    await settle();
    latest().say(ready);
    await settle();
    for (let step = 0; step < 10; step++) {
      await vi.advanceTimersByTimeAsync(15_000);
      latest().say({ type: 'alive', id: requestId(latest(), 0) });
    }
    expect(latest().isTerminated).toBe(false);
    await vi.advanceTimersByTimeAsync(21_000);
    expect((await outcome)[0]).toMatchObject({ reason: { code: 'worker-timeout' } });
  });

  test('an emulated GPU is given more time for a step than any other device', async () => {
    const client = createEngineClient(spawn);
    const start = client.call('start', { choice: 'webgpu' });
    await settle();
    latest().say(ready);
    await settle();
    const adapter = { vendor: 'google', architecture: 'swiftshader', device: '', description: '', isSoftware: true };
    latest().say({ type: 'result', id: requestId(latest(), 0), output: { kind: 'webgpu', adapter } });
    await start;
    const outcome = Promise.allSettled([client.call('score', SCORE_INPUT)]);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(latest().isTerminated).toBe(false);
    await vi.advanceTimersByTimeAsync(21_000);
    expect((await outcome)[0]).toMatchObject({ reason: { code: 'worker-timeout' } });
  });

  test('a worker that ignores Stop is ended too', async () => {
    const client = createEngineClient(spawn);
    const stop = new AbortController();
    const call = client.call('score', SCORE_INPUT, { signal: stop.signal });
    const outcome = Promise.allSettled([call]);
    await settle();
    latest().say(ready);
    await settle();
    stop.abort();
    await vi.advanceTimersByTimeAsync(21_000);
    expect((await outcome)[0]).toMatchObject({ reason: { code: 'worker-timeout' } });
  });

  test('a lost device is told once, and calls after it fail until the restart, which starts a fresh worker', async () => {
    const { client, lost, outcomes } = await startedCall();
    const old = latest();
    const error: WireError = { code: 'device-lost', message: 'The GPU went away.', details: {} };
    old.say({ type: 'lost', error });
    old.say({ type: 'lost', error });
    await outcomes;
    expect(lost).toEqual([error]);
    await expect(client.call('score', SCORE_INPUT)).rejects.toMatchObject({ code: 'device-lost' });
    const restarted = client.restart();
    expect(workers).toHaveLength(2);
    latest().say(ready);
    await restarted;
    const call = client.call('score', SCORE_INPUT);
    await settle();
    old.say({ type: 'result', id: requestId(latest(), 0), output: [9] }); // from beyond the grave
    latest().say({ type: 'result', id: requestId(latest(), 0), output: [4] });
    expect(await call).toEqual([4]);
  });

  test('a script that cannot be loaded, and one of another version, say so', async () => {
    const client = createEngineClient(spawn);
    const call = Promise.allSettled([client.call('score', SCORE_INPUT)]);
    await settle();
    latest().listeners.onError('404');
    expect((await call)[0]).toMatchObject({ reason: { code: 'worker-failed', details: { raw: '404' } } });

    const other = createEngineClient(spawn);
    const second = Promise.allSettled([other.call('score', SCORE_INPUT)]);
    await settle();
    latest().say({ type: 'ready', version: PROTOCOL_VERSION + 1 });
    expect((await second)[0]).toMatchObject({
      reason: { code: 'worker-failed', message: expect.stringContaining('Reload') },
    });
  });

  test('a handshake that never comes is given up', async () => {
    const client = createEngineClient(spawn);
    const call = Promise.allSettled([client.call('score', SCORE_INPUT)]);
    await vi.advanceTimersByTimeAsync(31_000);
    expect((await call)[0]).toMatchObject({ reason: { code: 'worker-timeout' } });
  });

  test('a restart that another one overtakes is ended, not left waiting', async () => {
    const client = createEngineClient(spawn);
    const first = Promise.allSettled([client.restart()]);
    const second = client.restart();
    expect((await first)[0]).toMatchObject({ status: 'rejected', reason: { code: 'stopped' } });
    latest().say(ready);
    await second;
    expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
  });

  test('after dispose nothing runs and nobody is told', async () => {
    const { client, lost, outcomes } = await startedCall();
    client.dispose();
    await outcomes;
    expect(latest().isTerminated).toBe(true);
    await expect(client.call('score', SCORE_INPUT)).rejects.toMatchObject({ code: 'worker-failed' });
    expect(lost).toEqual([]);
  });
});
