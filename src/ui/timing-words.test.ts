import { expect, test } from 'vitest';
import { countDiscarded, toRunText, toTimingText } from './timing-words.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');
const slowed = (round: number) => ({ round, reason: 'slowed' }) as const;
const first = { timerResolutionMs: 0.1, startedAt: '2026-11-22T01:00:00.000Z', discarded: [slowed(3), slowed(5)] };
const second = { ...first, startedAt: '2026-11-22T02:00:00.000Z', discarded: [slowed(4)] };

test('a round that was thrown away is one round, however many regimes took turns in it', () => {
  expect(countDiscarded([first, first, null, first])).toBe(2);
  expect(plain(toTimingText([first, first], 1.5))).toBe(
    'The clock moves in steps of 0.10 ms. Rounds 3 and 5 were thrown away: the processor was slowed: a fixed loop took more than 1.5 times as long. ',
  );
});

test('times of several timings say so, and whose rounds were thrown away', () => {
  const text = toTimingText([second, first], 1.5);
  expect(text).toContain('The times are of 2 timings: only regimes of one took turns.');
  expect(text).toContain('Rounds 3 and 5 of timing 1 were thrown away');
  expect(text).toContain('Round 4 of timing 2 was thrown away');
  expect(countDiscarded([second, first])).toBe(3);
});

test('what a run was is said with the length of its question and the tokens behind it', () => {
  const run = { contextTokens: 14, newTokens: 8 };
  expect(toRunText([run, null, run])).toBe(
    'Each run is one question of 14 tokens behind the begin token, then 8 new tokens, the first of them from the prefill. ',
  );
  expect(toRunText([run, { ...run, contextTokens: 9 }])).toContain('one question of 9 or 14 tokens');
  expect(toRunText([{ ...run, contextTokens: null }])).toContain(
    'one question (its length was not kept), then 8 new tokens',
  );
});

test('nothing is said where nothing was timed', () => {
  expect(toRunText([null])).toBe('');
  expect(toTimingText([null], 1.5)).toBe('');
  expect(countDiscarded([])).toBe(0);
});
