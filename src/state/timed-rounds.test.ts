import { expect, test } from 'vitest';
import { type TimedRoundsOptions, timeRounds } from './timed-rounds.ts';
import type { Timings } from './timings.ts';

/** Rounds of two units whose fixed loop takes what `loopOf` says of a round, counted from 1 after the warm-up. */
async function time(loopOf: (round: number) => number, overrides: Partial<TimedRoundsOptions<string>> = {}) {
  const units = ['a', 'b'];
  const order: string[] = [];
  let last: readonly Timings[] = [];
  const rounds = await timeRounds({
    units,
    maxRounds: 6,
    timerResolutionMs: 0.1,
    startedAt: '2026-01-01',
    prepare: async (unit) => void order.push(`prepare ${unit}`),
    time: async (unit) => {
      order.push(unit);
      // Two warm-up runs each, then two runs a round.
      const round = Math.ceil((order.filter((each) => units.includes(each)).length - 4) / 2);
      return { ttftMs: round, routingMs: 0, perTokenMs: 1, fixedLoopMs: loopOf(round) };
    },
    isSettled: async () => false,
    wasDisturbed: () => false,
    whenQuiet: async () => undefined,
    isHidden: () => false,
    onHidden: () => () => true,
    onProgress: () => undefined,
    onRound: (runs) => {
      last = runs;
      return true;
    },
    ...overrides,
  });
  return { rounds, runs: last, order };
}

test('units are warmed up before the first round, and take turns in every one', async () => {
  const { rounds, order, runs } = await time(() => 2);
  expect(rounds).toBe(6);
  expect(order.slice(0, 6)).toEqual(['prepare a', 'a', 'a', 'prepare b', 'b', 'b']);
  const timed = order.slice(6);
  for (let i = 0; i < timed.length; i += 2) expect(timed.slice(i, i + 2).sort()).toEqual(['a', 'b']);
  expect(runs[0]).toEqual({
    ttftMs: [1, 2, 3, 4, 5, 6],
    perTokenMs: [1, 1, 1, 1, 1, 1],
    routingMs: [0, 0, 0, 0, 0, 0],
    timerResolutionMs: 0.1,
    startedAt: '2026-01-01',
    discarded: [],
  });
});

test('rounds on a slowed processor are thrown away, named and made up for', async () => {
  const { rounds, runs } = await time((round) => (round === 2 || round === 4 ? 3.1 : 2));
  expect(rounds).toBe(6);
  expect(runs[1]?.ttftMs).toEqual([1, 3, 5, 6, 7, 8]);
  expect(runs[1]?.discarded).toEqual([
    { round: 2, reason: 'slowed' },
    { round: 4, reason: 'slowed' },
  ]);
});

test('rounds that came before the processor was seen at its speed are judged by it too', async () => {
  const { runs } = await time((round) => (round < 3 ? 4 : 2));
  expect(runs[0]?.ttftMs).toEqual([3, 4, 5, 6, 7, 8]);
  expect(runs[0]?.discarded?.map(({ round }) => round)).toEqual([1, 2]);
});

test('a loop that is half as slow again is still the same processor', async () => {
  const { runs } = await time((round) => (round % 2 === 0 ? 3 : 2));
  expect(runs[0]?.discarded).toEqual([]);
});

test('a processor that stays slowed ends the timing after twice the rounds', async () => {
  const { rounds, runs } = await time((round) => (round === 1 ? 1 : 9));
  expect(rounds).toBe(1);
  expect(runs[0]?.discarded).toHaveLength(11);
});

test('a round in which a question was asked is named with its reason', async () => {
  const answers = [false, false, false, true];
  const { runs } = await time(() => 2, { wasDisturbed: () => answers.shift() ?? false });
  expect(runs[0]?.discarded).toEqual([{ round: 2, reason: 'asked' }]);
  expect(runs[0]?.ttftMs).toHaveLength(6);
});
