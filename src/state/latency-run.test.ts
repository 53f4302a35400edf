import { expect, test } from 'vitest';
import { makeEvaluation } from '../testing/make-evaluation.ts';
import { settle, until } from '../testing/until.ts';

test('regimes are timed in rounds of one run each after a warm-up, one twin of each', async () => {
  const { state, timed, row, untilRun, fake } = await makeEvaluation();
  fake.timeOf = (regimeId, run) => ({
    ttftMs: (regimeId === 'dense' ? 10 : 20) + (run % 7),
    perTokenMs: 4 + (run % 3),
  });
  let question = '';
  fake.faults.fails = (name, input) => {
    if (name === 'time') question = (input as { context: string }).context;
    return null;
  };
  state().runLatency(12);
  await untilRun('latencyRun', 'done');
  const keys = ['compressed', 'dense', 'idp', 'lora-merged', 'prompt'];
  expect(timed().slice(0, 10)).toEqual([
    'dense',
    'dense',
    'compressed',
    'compressed',
    'prompt',
    'prompt',
    'idp',
    'idp',
    'lora-merged',
    'lora-merged',
  ]);
  const rounds = timed().slice(10);
  for (let i = 0; i < rounds.length; i += 5) expect(rounds.slice(i, i + 5).sort()).toEqual(keys);
  expect(rounds).toHaveLength(60);
  expect(row('dense').latency?.ttftMs).toMatchObject({ n: 12 });
  // Its words are the fake engine's tokens.
  expect(row('idp').latency).toMatchObject({ contextTokens: question.split(/\s+/).length, newTokens: 8 });
  expect(row('dense').latency?.ttftMs.value).toBeLessThan(row('idp').latency?.ttftMs.value ?? 0);
});

test('timing ends after ten rounds where every interval is narrow', async () => {
  const { state, row, untilRun } = await makeEvaluation();
  state().runLatency(50);
  await untilRun('latencyRun', 'done');
  expect(row('idp').latency?.ttftMs.n).toBe(10);
  // Ten rounds of five regimes, not the fifty that were allowed.
  expect(state().latencyRun).toEqual({ status: 'done', total: 50 });
});

test('a hidden tab ends the timing, keeps the finished rounds and says so', async () => {
  const { fake, platform, state, row, timed, untilRun } = await makeEvaluation();
  let runs = 0;
  // 10 warm-up runs, 4 rounds of 5, and into the fifth.
  fake.faults.fails = (name) => {
    if (name === 'time' && ++runs === 33) platform.setHidden(true);
    return null;
  };
  state().runLatency(50);
  await untilRun('latencyRun', 'failed');
  expect(state().latencyRun).toMatchObject({
    error: { code: 'stopped', message: expect.stringMatching(/4 finished rounds/) },
  });
  expect(row('dense').latency?.ttftMs.n).toBe(4);
  expect(timed()).toHaveLength(33);
});

test('Stop while timing keeps the finished rounds', async () => {
  const { fake, state, row, untilRun } = await makeEvaluation();
  let runs = 0;
  fake.faults.fails = (name) => {
    if (name === 'time' && ++runs === 33) state().stop();
    return null;
  };
  state().runLatency(50);
  await untilRun('latencyRun', 'stopped');
  expect(row('dense').latency?.ttftMs).toMatchObject({ n: 4, low: null, high: null });
});

/** Times that spread too far for timing to end early, so that it goes on to the round that a test ends it in. */
const SPREAD = (_: string, run: number) => ({ ttftMs: 20 + (run % 13), perTokenMs: 5 + (run % 7) });

/** A page that has timed `before` rounds, then timed anew until `end` in the first run after `rounds` more. */
async function makeTimedTwice(
  before: number,
  rounds: number,
  end: (page: Awaited<ReturnType<typeof makeEvaluation>>) => void,
) {
  const page = await makeEvaluation();
  const { fake, state, untilRun } = page;
  fake.timeOf = SPREAD;
  const timeUntil = (round: number, then: () => void) => {
    let runs = 0;
    fake.faults.fails = (name) => {
      // 10 warm-up runs, rounds of 5, and into the next one.
      if (name === 'time' && ++runs === 10 + 5 * round + 1) then();
      return null;
    };
    state().runLatency(50);
  };
  timeUntil(before, () => state().stop());
  await untilRun('latencyRun', 'stopped');
  await settle();
  timeUntil(rounds, () => end(page));
  await until(() => state().latencyRun.status === 'stopped' || state().latencyRun.status === 'failed');
  return page;
}

test.each([
  [30, 9, 30],
  [30, 10, 10],
  [4, 3, 4],
  [4, 5, 5],
])('after %d runs, %d new ones leave %d, here and in the storage', async (before, rounds, left) => {
  const page = await makeTimedTwice(before, rounds, ({ state }) => state().stop());
  const { ttftMs } = page.row('dense').latency ?? {};
  expect(ttftMs?.n).toBe(left);
  expect(ttftMs?.low === null).toBe(left < 10);
  const second = await makeEvaluation({}, page.platform, false);
  await until(() => second.state().live !== null);
  expect(second.row('dense').latency?.ttftMs).toEqual(ttftMs);
});

test('a hidden tab says so where the earlier runs stay', async () => {
  const { state, row } = await makeTimedTwice(12, 4, ({ platform }) => platform.setHidden(true));
  expect(state().latencyRun).toMatchObject({
    error: { message: expect.stringMatching(/4 finished rounds are too few/) },
  });
  expect(row('dense').latency?.ttftMs.n).toBe(12);
});

test('a round in which a question was asked is thrown away', async () => {
  const { fake, stores, state, row, untilRun, timed } = await makeEvaluation();
  stores.board.getState().setQuestionText('Who?');
  let runs = 0;
  fake.faults.fails = (name) => {
    if (name === 'time' && ++runs === 33) stores.board.getState().ask();
    return null;
  };
  state().runLatency(50);
  await untilRun('latencyRun', 'done');
  expect(row('dense').latency?.ttftMs.n).toBe(10);
  expect(timed()).toHaveLength(10 + 5 * 11);
});

test('a device that is replaced between two rounds ends the timing: no figure mixes two devices', async () => {
  const { fake, stores, state, row, untilRun } = await makeEvaluation();
  stores.board.getState().setQuestionText('Who?');
  let runs = 0;
  let answers = 0;
  // 10 warm-up runs, and the last one of the fifth round.
  fake.faults.fails = (name) => {
    if (name === 'time' && ++runs === 35) stores.board.getState().ask();
    return name === 'generate' && ++answers === 1 ? { lost: 'device-lost' } : null;
  };
  state().runLatency(50);
  await untilRun('latencyRun', 'failed');
  expect(state().latencyRun).toMatchObject({ error: { code: 'stopped', message: expect.stringMatching(/replaced/) } });
  expect(row('dense').latency?.ttftMs.n).toBe(4);
});
