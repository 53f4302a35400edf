import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { seededRandom } from '../random.ts';
import { accuracy, difference, type PairedOutcome, recoveredShare, shareBySubject } from './outcomes.ts';
import { wilson } from './statistics.ts';

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
  const bounds = [items, [...items, ...items]].map((outcomes) => {
    const { low = 0, high = 0 } = accuracy(outcomes, 1) ?? {};
    return [low, high];
  });
  expect(bounds[0]).toEqual(bounds[1]);
});

it('gives Wilson’s interval where every subject has one item, and says so', () => {
  const firsts = make(90, 50).slice(0, 100);
  expect(accuracy(firsts, 1)).toEqual({ ...wilson(50, 100), method: 'wilson', items: 100, subjects: 100 });
});

it('draws subjects where one has several items, and says so', () => {
  const items = make(90, 50);
  expect(accuracy(items, 1)).toMatchObject({ value: 0.5, method: 'cluster-bootstrap', items: 300, subjects: 100 });
  const oneShared = [...items.slice(0, 100), ...items.slice(200, 201)];
  expect(accuracy(oneShared, 1)).toMatchObject({ method: 'cluster-bootstrap', items: 101, subjects: 100 });
});

it('is never certain: where all items are right or wrong, subjects stand for them', () => {
  expect(accuracy(make(100), 0)).toMatchObject({ ...wilson(100, 100), method: 'wilson', items: 300 });
  expect(accuracy(make(0), 0)).toMatchObject({ ...wilson(0, 100), method: 'wilson', items: 300 });
  const { low = 0, high = 0 } = difference(make(60, 60), 0, 1) ?? {};
  expect(high).toBe(wilson(0, 100).high);
  expect(low).toBe(-high);
  expect(difference(make(100, 0), 0, 1)).toMatchObject({ value: 1, low: 1 - high, high: 1, method: 'wilson' });
  expect(difference(make(100, 0), 1, 0)).toMatchObject({ value: -1, low: -1, high: high - 1, method: 'wilson' });
});

it('says of differences and recovered shares too how their interval was made, and of how much', () => {
  const made = { method: 'cluster-bootstrap', items: 300, subjects: 100 };
  expect(difference(make(90, 50), 0, 1)).toMatchObject(made);
  expect(recoveredShare(make(90, 50, 70), places)).toMatchObject(made);
});

it('holds every estimate between the bounds of its interval', () => {
  const answers = fc.array(fc.tuple(fc.nat({ max: 30 }), fc.boolean(), fc.boolean(), fc.boolean()), {
    minLength: 1,
    maxLength: 120,
  });
  checkProperty(
    fc.property(answers, fc.integer(), (drawn, seed) => {
      const outcomes = drawn.map(([subject, ...right]): PairedOutcome => ({ subject: `s${subject}`, right }));
      const options = { seed, resamples: 400 };
      const estimates = [
        accuracy(outcomes, 0, options),
        difference(outcomes, 0, 1, options),
        recoveredShare(outcomes, places, options),
      ];
      for (const estimate of estimates) {
        if (estimate === null) continue;
        expect(estimate.low).toBeLessThanOrEqual(estimate.value);
        expect(estimate.high).toBeGreaterThanOrEqual(estimate.value);
      }
    }),
  );
});

it('is the same difference with the other sign when the regimes change places', () => {
  checkProperty(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 20 }), fc.boolean(), fc.boolean()), { minLength: 1 }), (drawn) => {
      const outcomes = drawn.map(([subject, ...right]): PairedOutcome => ({ subject: `s${subject}`, right }));
      const there = difference(outcomes, 0, 1, { resamples: 200 });
      const back = difference(outcomes, 1, 0, { resamples: 200 });
      expect(back?.value).toBeCloseTo(-(there?.value ?? Number.NaN), 12);
      expect(back?.low).toBeCloseTo(-(there?.high ?? Number.NaN), 12);
      expect(back?.high).toBeCloseTo(-(there?.low ?? Number.NaN), 12);
    }),
  );
});

it('takes parts of items for a share, such as right tokens of all tokens', () => {
  const items = make(50).map(({ subject, right }) => ({ subject, part: right[0] ? 3 : 1 }));
  const estimate = shareBySubject(items, ({ part }) => [part, 4]);
  expect(estimate).toMatchObject({ value: 0.5, method: 'cluster-bootstrap', subjects: 100 });
});

it('narrows the interval of a difference where both regimes fail on the same items', () => {
  const nested = difference(make(90, 80), 0, 1);
  const apart = difference(
    make(90, 80).map(({ subject, right: [first = false] }, i) => ({ subject, right: [first, (i * 37) % 100 < 80] })),
    0,
    1,
  );
  expect(widthOf(nested)).toBeLessThan(widthOf(apart));
});

it('knows a difference better from the same items than from as many others, where regimes answer alike', () => {
  const share = fc.double({ min: 0.3, max: 0.7, noNaN: true });
  checkProperty(
    fc.property(fc.integer(), share, (seed, accuracyOfFirst) => {
      const random = seededRandom(seed);
      const outcomes = Array.from({ length: 200 }, (_, i): PairedOutcome => {
        const first = random.uniform() < accuracyOfFirst;
        return { subject: `s${i}`, right: [first, random.uniform() < 0.1 ? !first : first] };
      });
      const paired = difference(outcomes, 0, 1, { resamples: 400 });
      // Two samples apart: the squares of the widths add up.
      const unpaired = Math.hypot(widthOf(accuracy(outcomes, 0)), widthOf(accuracy(outcomes, 1)));
      expect(widthOf(paired)).toBeLessThan(unpaired);
    }),
  );
});

it('draws the same for one seed', () => {
  const outcomes = make(90, 50);
  expect(difference(outcomes, 0, 1, { seed: 5 })).toEqual(difference(outcomes, 0, 1, { seed: 5 }));
  expect(difference(outcomes, 0, 1, { seed: 5 })).not.toEqual(difference(outcomes, 0, 1, { seed: 6 }));
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

function widthOf(interval: { low: number; high: number } | null): number {
  return interval === null ? Number.NaN : interval.high - interval.low;
}
