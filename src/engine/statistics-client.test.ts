import { expect, test } from 'vitest';
import { accuracy } from '../core/eval/outcomes.ts';
import { computeStatistic } from './statistics-calls.ts';
import {
  createPlainStatistics,
  createStatistics,
  type StatisticsListeners,
  type ToStatistics,
} from './statistics-client.ts';

const ANSWERS = Array.from({ length: 40 }, (_, i) => ({ subject: `s${i >> 1}`, right: [i % 3 === 0] }));
const EXPECTED = accuracy(ANSWERS, 0);

/** A worker whose answers come when the test lets them. */
function holdWorker() {
  const calls: ToStatistics[] = [];
  const held: { listeners: StatisticsListeners | null; isEnded: boolean } = { listeners: null, isEnded: false };
  const statistics = createStatistics((listeners) => {
    held.listeners = listeners;
    return {
      postMessage: (message) => void calls.push(structuredClone(message)),
      terminate: () => {
        held.isEnded = true;
      },
    };
  });
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
  const statistics = createStatistics((own) => {
    const calls: ToStatistics[] = [];
    ports.push(calls);
    listeners.push(own);
    return { postMessage: (message) => void calls.push(message), terminate: () => {} };
  });
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
  const statistics = createStatistics(() => {
    throw new TypeError('Worker is not defined');
  });
  expect(await statistics.compute('accuracy', ANSWERS, 0)).toEqual(EXPECTED);
  expect(await createPlainStatistics().compute('accuracy', ANSWERS, 0)).toEqual(EXPECTED);
});
