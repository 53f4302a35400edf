import { expect, test } from 'vitest';
import { accuracy } from '../core/eval/outcomes.ts';
import { computeStatistic } from './statistics-calls.ts';
import {
  createPlainStatistics,
  createStatistics,
  type StatisticsListeners,
  type StatisticsOptions,
  type ToStatistics,
} from './statistics-client.ts';

const ANSWERS = Array.from({ length: 40 }, (_, i) => ({ subject: `s${i >> 1}`, right: [i % 3 === 0] }));
const EXPECTED = accuracy(ANSWERS, 0);

/** A worker whose answers come when the test lets them. */
function holdWorker(options: Pick<StatisticsOptions, 'whenIdle'> = {}) {
  const calls: ToStatistics[] = [];
  const held: { listeners: StatisticsListeners | null; isEnded: boolean } = { listeners: null, isEnded: false };
  const spawn = (listeners: StatisticsListeners) => {
    held.listeners = listeners;
    return {
      postMessage: (message: ToStatistics) => void calls.push(structuredClone(message)),
      terminate: () => {
        held.isEnded = true;
      },
    };
  };
  const statistics = createStatistics({ spawn, ...options });
  return { statistics, calls, held };
}

test('a call crosses to the worker as data, and its answer finds the one who asked', async () => {
  const { statistics, calls, held } = holdWorker();
  const first = statistics.compute('accuracy', ANSWERS, 0);
  const second = statistics.compute('difference', ANSWERS, 0, 0);
  for (const { id, name, input } of calls.reverse()) {
    held.listeners?.onMessage({ id, output: structuredClone(computeStatistic(name, input)) });
  }
  expect(await first).toEqual(EXPECTED);
  expect(await second).toMatchObject({ value: 0 });
});

test('a long call does not hold up the others: each kind has a worker', async () => {
  const ports: ToStatistics[][] = [];
  const listeners: StatisticsListeners[] = [];
  const spawn = (own: StatisticsListeners) => {
    const calls: ToStatistics[] = [];
    ports.push(calls);
    listeners.push(own);
    return { postMessage: (message: ToStatistics) => void calls.push(message), terminate: () => {} };
  };
  const statistics = createStatistics({ spawn });
  const long = statistics.compute('reportFates', []);
  const short = statistics.compute('accuracy', ANSWERS, 0);
  void statistics.compute('accuracy', ANSWERS, 0);
  expect(ports.map((calls) => calls.map(({ name }) => name))).toEqual([['reportFates'], ['accuracy', 'accuracy']]);
  const call = ports[1]?.[0];
  if (call === undefined) throw new Error('nothing was posted');
  listeners[1]?.onMessage({ id: call.id, output: computeStatistic(call.name, call.input) });
  expect(await short).toEqual(EXPECTED);
  listeners[0]?.onError();
  expect(await long).toMatchObject({ facts: 0 });
});

test('long calls wait until the page has nothing to draw, each in its turn, and short ones do not', async () => {
  const idle: (() => void)[] = [];
  const { statistics, calls, held } = holdWorker({ whenIdle: () => new Promise((resolve) => idle.push(resolve)) });
  const asked = [statistics.compute('reportFates', []), statistics.compute('guessedShare', [])];
  void statistics.compute('accuracy', ANSWERS, 0);
  const names = () => calls.map(({ name }) => name);
  await Promise.resolve();
  expect(names()).toEqual(['accuracy']);
  idle[0]?.();
  await expect.poll(names).toEqual(['accuracy', 'reportFates']);
  expect(idle).toHaveLength(2);
  // What still waits when the workers are given up is computed all the same, once.
  held.listeners?.onError();
  idle[1]?.();
  expect(await Promise.all(asked)).toHaveLength(2);
  expect(calls).toHaveLength(2);
});

test('what a statistic throws is thrown where it was asked', async () => {
  const { statistics, calls, held } = holdWorker();
  const asked = statistics.compute('accuracy', ANSWERS, 0);
  held.listeners?.onMessage({
    id: calls[0]?.id ?? 0,
    error: { code: 'input-invalid', message: 'No such regime.', details: {} },
  });
  await expect(asked).rejects.toMatchObject({ code: 'input-invalid', message: 'No such regime.' });
});

test('a worker that cannot run is ended, and what it was asked is computed all the same', async () => {
  const { statistics, held } = holdWorker();
  const asked = statistics.compute('accuracy', ANSWERS, 0);
  held.listeners?.onError();
  expect(await asked).toEqual(EXPECTED);
  expect(held.isEnded).toBe(true);
  expect(await statistics.compute('accuracy', ANSWERS, 0)).toEqual(EXPECTED);
});

test('a browser without module workers computes in the page', async () => {
  const statistics = createStatistics({
    spawn: () => {
      throw new TypeError('Worker is not defined');
    },
  });
  expect(await statistics.compute('accuracy', ANSWERS, 0)).toEqual(EXPECTED);
  expect(await createPlainStatistics().compute('accuracy', ANSWERS, 0)).toEqual(EXPECTED);
});
