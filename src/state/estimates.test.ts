import { expect, test } from 'vitest';
import { wilson } from '../core/eval/statistics.ts';
import { createPlainStatistics } from '../engine/statistics-client.ts';
import { type Answers, createEstimates } from './estimates.ts';

const { toAccuracy, toDamage, toRecovered, toMedian, isSettled } = createEstimates(createPlainStatistics());

function makeAnswers(count: number, perSubject: number, right: (i: number) => boolean[]): Answers[] {
  return Array.from({ length: count }, (_, i) => ({ subject: `s${Math.floor(i / perSubject)}`, right: right(i) }));
}

test('without items there is no accuracy', async () => {
  expect(await toAccuracy([], 'final')).toBeNull();
});

test('items of one subject each get the Wilson interval', async () => {
  const answers = makeAnswers(50, 1, (i) => [i % 5 !== 0]);
  expect(await toAccuracy(answers, 'final')).toEqual({ ...wilson(40, 50), n: 50, method: 'wilson', subjects: 50 });
});

test('items that share subjects get a wider interval than as many independent ones', async () => {
  // Each subject is known in all of its five forms or in none.
  const shared = await toAccuracy(
    makeAnswers(200, 5, (i) => [Math.floor(i / 5) % 2 === 0]),
    'final',
  );
  const alone = await toAccuracy(
    makeAnswers(200, 1, (i) => [i % 2 === 0]),
    'final',
  );
  if (shared === null || alone === null) throw new Error('there must be an estimate');
  expect(shared.value).toBe(alone.value);
  expect(shared.high - shared.low).toBeGreaterThan(1.8 * (alone.high - alone.low));
});

test('all right is never certain: the interval counts subjects', async () => {
  const answers = makeAnswers(30, 3, () => [true]);
  expect(await toAccuracy(answers, 'final')).toEqual({ ...wilson(10, 10), n: 30, method: 'wilson', subjects: 10 });
});

test('damage is the paired difference, recovered share what a repair brings back of it', async () => {
  const answers = makeAnswers(200, 1, (i) => [true, i % 2 === 0, i % 2 === 0 || i % 4 === 1]);
  expect(await toDamage(answers, 'final')).toMatchObject({ value: 0.5, n: 200 });
  expect((await toRecovered(answers, 'final'))?.value).toBeCloseTo(0.5, 9);
});

test('a damage whose interval touches 0 has no recovered share', async () => {
  const answers = makeAnswers(20, 1, (i) => [i !== 0, i !== 1, true]);
  expect(await toRecovered(answers, 'final')).toBeNull();
});

test('timing is settled when every median is known within five percent', async () => {
  const runs = (spread: number) => {
    const times = Array.from({ length: 10 }, (_, i) => 100 + (i % 2 === 0 ? spread : -spread));
    return { ttftMs: times, perTokenMs: times, routingMs: [], timerResolutionMs: 0.1 };
  };
  expect(await isSettled([runs(4), runs(1)])).toBe(true);
  expect(await isSettled([runs(4), runs(30)])).toBe(false);
});

test('a median of fewer than ten runs has no interval and settles nothing', async () => {
  expect(await toMedian([3, 1, 2], 'final')).toEqual({ value: 2, low: null, high: null, n: 3 });
  expect(await toMedian(new Array(9).fill(5), 'final')).toMatchObject({ low: null, high: null });
  expect(await toMedian(new Array(10).fill(5), 'final')).toEqual({ value: 5, low: 5, high: 5, n: 10 });
  const times = new Array(9).fill(5);
  const few = { ttftMs: times, perTokenMs: times, routingMs: [], timerResolutionMs: 0.1 };
  expect(await isSettled([few])).toBe(false);
});
