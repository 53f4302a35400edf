import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { seededRandom } from '../random.ts';
import type { RegimeKey } from '../recover/regime.ts';
import { changeOfTimes, compareTimes, type TimedRegime } from './compare-times.ts';
import { holm } from './holm.ts';
import { medianInterval, quantile } from './statistics.ts';

const ROUNDS = 30;
const START = '2026-11-22T02:00:00Z';

/** Rounds slow down and recover together, by a third at most; each run has noise of its own of a few per cent. */
function makeRuns(key: RegimeKey, ttft: number, perToken = 1, startedAt: string | null = START): TimedRegime {
  const [drift, noise] = [seededRandom(7), seededRandom(key.length)];
  const load = Array.from({ length: ROUNDS }, () => 1 + drift.uniform() / 3);
  const runs = (median: number) => load.map((slow) => median * slow * (1 + 0.04 * (noise.uniform() - 0.5)));
  return { key, startedAt, ttftMs: runs(ttft), perTokenMs: runs(perToken) };
}

const pairOf = ({ first, second }: { first: { key: string }; second: { key: string } }) =>
  `${first.key} - ${second.key}`;

describe('changeOfTimes', () => {
  it('gives the published p-value of the sign test: hind and fore legs of ten deer (Zar 1999, example 24.9)', () => {
    const hind = [142, 140, 144, 144, 142, 146, 149, 150, 142, 148];
    const fore = [138, 136, 147, 139, 143, 141, 143, 145, 136, 146];
    expect(changeOfTimes(hind, fore)).toMatchObject({ p: 0.109375, rounds: 10 });
  });

  it('is the median of what one takes more in the same round, within its interval', () => {
    const change = changeOfTimes([2, 3, 6], [1, 2, 4]);
    expect(change?.value).toBe(0.5);
    expect(change?.low).toBe(0.5);
    expect(change?.high).toBe(1);
  });

  it('is narrower than two times apart, where rounds are slow or fast for both', () => {
    const [one, other] = [makeRuns('idp', 11).ttftMs, makeRuns('compressed', 10).ttftMs];
    const change = changeOfTimes(one, other);
    const apart = medianInterval(one);
    const median = quantile(Float64Array.from(other).sort(), 0.5);
    expect((change?.high ?? 0) - (change?.low ?? 0)).toBeLessThan(((apart.high - apart.low) / median) * 0.5);
    expect(change?.low).toBeGreaterThan(0);
  });

  it('says nothing of a time below the clock, nor without rounds', () => {
    expect(changeOfTimes([1, 0], [1, 1])).toBeNull();
    expect(changeOfTimes([1, 1], [0, 1])).toBeNull();
    expect(changeOfTimes([], [])).toBeNull();
  });

  it('refuses runs that do not pair', () => {
    const error = expectAppError(() => changeOfTimes([1, 2], [1]), 'input-invalid');
    expect(error.message).toBe('2 runs cannot be paired with 1.');
  });
});

describe('compareTimes', () => {
  const regimes = [
    makeRuns('dense', 10),
    makeRuns('compressed', 10),
    makeRuns('prompt', 10),
    makeRuns('idp', 12),
    makeRuns('lora-merged', 10),
    makeRuns('lora-unmerged', 15, 2),
  ];

  it('declares each recovery against none and IDP against LoRA-merged, of both times, and adjusts them as one family', () => {
    const declared = compareTimes(regimes, 10).filter(({ isExploratory }) => !isExploratory);
    const pairs = [
      'prompt - compressed',
      'idp - compressed',
      'lora-merged - compressed',
      'lora-unmerged - compressed',
      'idp - lora-merged',
    ];
    expect(
      declared
        .filter(({ phase }) => phase === 'ttftMs')
        .map(pairOf)
        .sort(),
    ).toEqual([...pairs].sort());
    expect(
      declared
        .filter(({ phase }) => phase === 'perTokenMs')
        .map(pairOf)
        .sort(),
    ).toEqual([...pairs].sort());
    expect(declared.map(({ adjustedP }) => adjustedP)).toEqual(holm(declared.map(({ p }) => p)));
  });

  it('decides what is clear, and says of the rest how many rounds it would take', () => {
    const found = compareTimes(regimes, 10);
    const find = (pair: string) => found.find((each) => each.phase === 'ttftMs' && pairOf(each) === pair);
    expect(find('lora-unmerged - compressed')).toMatchObject({ isDecided: true, items: ROUNDS, subjects: null });
    expect(find('lora-unmerged - compressed')?.difference.value).toBeCloseTo(0.5, 1);
    expect(find('prompt - compressed')?.isDecided).toBe(false);
    expect(find('prompt - compressed')?.sampleSize?.needed ?? ROUNDS + 1).toBeGreaterThan(ROUNDS);
  });

  it('holds every regime against LoRA unmerged too, exploratory and unadjusted', () => {
    const found = compareTimes(regimes, 10).filter(({ isExploratory }) => isExploratory);
    expect(found.filter(({ phase }) => phase === 'ttftMs').map(pairOf)).toEqual(
      ['dense', 'compressed', 'prompt', 'idp', 'lora-merged'].map((key) => `${key} - lora-unmerged`),
    );
    expect(found.every(({ adjustedP, isDecided }) => adjustedP === null && !isDecided)).toBe(true);
  });

  it('decides nothing before the rounds that an interval needs, however clear it is', () => {
    const short = regimes.map((each) => ({
      ...each,
      ttftMs: each.ttftMs.slice(0, 9),
      perTokenMs: each.perTokenMs.slice(0, 9),
    }));
    const found = compareTimes(short, 10);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ isEarly, isDecided }) => isEarly && !isDecided)).toBe(true);
  });

  it('pairs no regimes of two timings, or of one whose start is not known', () => {
    const [idp, none] = [makeRuns('idp', 12), makeRuns('compressed', 10)];
    expect(compareTimes([idp, { ...none, startedAt: 'later' }], 10)).toEqual([]);
    expect(compareTimes([makeRuns('idp', 12, 1, null), { ...none, startedAt: null }], 10)).toEqual([]);
    expect(compareTimes([idp, none], 10)).toHaveLength(2);
  });

  it('leaves out a time that the clock does not tell, and keeps the other', () => {
    const [idp, none] = [makeRuns('idp', 12), makeRuns('compressed', 10)];
    const coarse = { ...idp, perTokenMs: idp.perTokenMs.map(() => 0) };
    expect(compareTimes([coarse, none], 10).map(({ phase }) => phase)).toEqual(['ttftMs']);
  });
});
