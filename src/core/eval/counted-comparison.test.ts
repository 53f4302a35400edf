import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.ts';
import { type ComparisonInput, compareDeclared } from './comparisons.ts';
import { type CountedComparison, compareCounted } from './counted-comparison.ts';
import { holm } from './holm.ts';

const SIDES = {
  first: { key: 'idp', exposure: 'held-out' },
  second: { key: 'compressed', exposure: 'held-out' },
} as const;
const INTERVAL = { low: -0.1, high: 0.1 };

/** Subjects with one item each: so many better under the first, alike, and worse. */
function count(better: number, alike: number, worse: number): CountedComparison {
  return { ...SIDES, ...INTERVAL, items: better + alike + worse, least: -1, counts: [worse, alike, better] };
}

/** Right answers by item, two items a subject, as `compareDeclared` takes them. */
function makeAnswers(): { input: ComparisonInput; counted: CountedComparison } {
  const random = seededRandom(3);
  const items = Array.from({ length: 400 }, (_, i) => ({ id: `i${i}`, subject: `s${i >> 1}` }));
  const answer = (share: number) => new Map(items.map(({ id }) => [id, random.uniform() < share]));
  const [none, repaired] = [answer(0.5), answer(0.57)];
  const counts = [0, 0, 0, 0, 0];
  for (let i = 0; i < items.length; i += 2) {
    const differenceOf = (id: string) => Number(repaired.get(id)) - Number(none.get(id));
    const place = 2 + differenceOf(`i${i}`) + differenceOf(`i${i + 1}`);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  const regimes = [
    { key: 'compressed' as const, heldOut: none, seen: new Map() },
    { key: 'idp' as const, heldOut: repaired, seen: new Map() },
  ];
  return {
    input: { items, regimes, presetItems: items.length },
    counted: { ...SIDES, ...INTERVAL, items: items.length, least: -2, counts },
  };
}

describe('compareCounted', () => {
  it('finds of counted subjects what the declared comparison finds of the answers', () => {
    const { input, counted } = makeAnswers();
    const [expected] = compareDeclared(input);
    const [found] = compareCounted([counted]);
    expect(found).toEqual({ ...expected, difference: { ...found?.difference } });
    expect(found?.difference.value).toBeCloseTo(expected?.difference.value ?? Number.NaN, 14);
  });

  it('adjusts p over all that it is given, and decides below 5 % after that', () => {
    // 2 P(X <= 2 | 11) = 134 / 2048 (Fay 2016), and statsmodels' 10 against 30 and 121 against 59.
    const family = [count(9, 20, 2), count(10, 5, 30), count(121, 100, 59)];
    const found = compareCounted(family);
    const p = found.map((each) => each.p);
    expect(p[0]).toBeCloseTo(134 / 2048, 12);
    expect(p[1]).toBeCloseTo(0.002221, 6);
    expect(found.map(({ adjustedP }) => adjustedP)).toEqual(holm(p));
    expect(found.map(({ isDecided }) => isDecided)).toEqual([false, true, true]);
    expect(found.map(({ difference }) => Math.sign(difference.value))).toEqual([1, -1, 1]);
  });

  it('says how many items an undecided comparison would need, and asks none of one that is decided', () => {
    const [undecided, decided] = compareCounted([count(9, 200, 2), count(121, 100, 59)]);
    expect(undecided?.sampleSize?.needed).toBeGreaterThan(211);
    expect(decided?.sampleSize).toBeNull();
  });

  it('finds nothing where no subject differs', () => {
    expect(compareCounted([{ ...count(0, 50, 0), least: 0, counts: [50] }])).toMatchObject([
      { p: 1, isDecided: false, difference: { value: 0 }, subjects: 50 },
    ]);
  });
});
