import { expect, it } from 'vitest';
import { accuracy, difference, type PairedOutcome, recoveredShare } from './outcomes.ts';

const places = { dense: 0, variant: 1, regime: 2 };
/** Subjects of which the first `counts[i]` of 100 are right under regime i, three items each. */
const make = (...counts: number[]): PairedOutcome[] =>
  Array.from({ length: 300 }, (_, i) => {
    const subject = i % 100;
    return { subject: `s${subject}`, right: counts.map((count) => subject < count) };
  });

it('gives shares, differences and recovered shares of the same items', () => {
  const outcomes = make(90, 50, 70);
  expect(accuracy(outcomes, 1)?.value).toBe(0.5);
  expect(difference(outcomes, 0, 1)?.value).toBeCloseTo(0.4, 12);
  expect(recoveredShare(outcomes, places)?.value).toBeCloseTo(0.5, 12);
});

it('counts subjects, not items, as the units of an interval', () => {
  const items = make(90, 50, 70);
  const firsts = items.slice(0, 100);
  const values = [items, firsts].map((outcomes) => accuracy(outcomes, 1));
  expect(values[0]).toEqual(values[1]);
});

it('narrows the interval of a difference where both regimes fail on the same items', () => {
  const nested = difference(make(90, 80), 0, 1);
  const apart = difference(
    make(90, 80).map(({ subject, right: [first = false] }, i) => ({ subject, right: [first, (i * 37) % 100 < 80] })),
    0,
    1,
  );
  const width = (interval: typeof nested) => (interval?.high ?? 0) - (interval?.low ?? 0);
  expect(width(nested)).toBeLessThan(width(apart));
});

it('hides the recovered share while the damage may be nothing', () => {
  expect(recoveredShare(make(90, 90, 95), places)).toBeNull();
  expect(recoveredShare(make(90, 89, 95), places)).toBeNull();
  expect(recoveredShare(make(90, 70, 95), places)?.value).toBeCloseTo(1.25, 12);
});

it('is below 0 where a repair breaks more than it mends', () => {
  expect(recoveredShare(make(90, 50, 40), places)?.value).toBeCloseTo(-0.25, 12);
});

it('is null without items', () => {
  expect(accuracy([], 0)).toBeNull();
  expect(recoveredShare([], places)).toBeNull();
});
