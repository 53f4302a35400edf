import { expect, test } from 'vitest';
import { createPlainStatistics } from '../engine/statistics-client.ts';
import { createEstimates } from './estimates.ts';
import { toLatency } from './latency-figures.ts';

const { toMedian } = createEstimates(createPlainStatistics());

const repeat = (count: number, of: (i: number) => number) => Array.from({ length: count }, (_, i) => of(i));

test('prefill is what is left of each run without its routing, with an interval of its own', async () => {
  // The routing of odd runs is long where the prefill is short, so that no difference of medians gives the prefill's.
  const routingMs = repeat(11, (i) => (i % 2 === 0 ? 1 : 4));
  const ttftMs = routingMs.map((routing, i) => routing + (i % 2 === 0 ? 20 : 10));
  const latency = await toLatency({ ttftMs, routingMs, perTokenMs: ttftMs, timerResolutionMs: 0.1 }, toMedian);
  expect(latency?.prefillMs).toMatchObject({ value: 20, n: 11 });
  expect(latency?.routingMs).toMatchObject({ value: 1, low: expect.any(Number), high: expect.any(Number) });
  expect(latency).toMatchObject({ timerResolutionMs: 0.1, discarded: [] });
});

test('runs say how long their question was and what followed; those of before had eight new tokens behind a question of unknown length', async () => {
  const times = repeat(10, (i) => 5 + i);
  const runs = { ttftMs: times, routingMs: times, perTokenMs: times, timerResolutionMs: 0.1 };
  expect(await toLatency({ ...runs, contextTokens: 14, newTokens: 6 }, toMedian)).toMatchObject({
    contextTokens: 14,
    newTokens: 6,
  });
  expect(await toLatency(runs, toMedian)).toMatchObject({ contextTokens: null, newTokens: 8 });
});

test('a regime that routes nothing has no time of routing, and its prefill is the whole time to the first token', async () => {
  const times = repeat(10, (i) => 5 + i);
  const runs = { ttftMs: times, routingMs: repeat(10, () => 0), perTokenMs: times, timerResolutionMs: 0.1 };
  const latency = await toLatency(runs, toMedian);
  expect(latency?.routingMs).toBeNull();
  expect(latency?.prefillMs).toEqual(latency?.ttftMs);
});

test('without runs there is nothing to show', async () => {
  const runs = { ttftMs: [], routingMs: [], perTokenMs: [], timerResolutionMs: 0.1 };
  expect(await toLatency(runs, toMedian)).toBeNull();
});
