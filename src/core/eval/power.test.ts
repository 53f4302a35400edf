import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import { seededRandom } from '../random.ts';
import { mcnemar } from './mcnemar.ts';
import { itemsNeeded, subjectsNeeded } from './power.ts';

describe('subjectsNeeded', () => {
  it.each([
    // powerandsamplesize.com, McNemar's Z-test, two-sided, after Connor 1987, p. 209: 45 % and 5 %; R's MESS gives 22.0 before rounding up.
    [0.4, 0.5, 23],
    // The example of a calculator after Connor 1987: 30 % and 15 % discordant, odds ratio 2.
    [0.15, 0.45, 155],
  ])('needs, for a difference of %d with %d discordant, the published %i pairs', (difference, discordance, pairs) => {
    expect(subjectsNeeded(difference, discordance)).toBe(pairs);
    expect(subjectsNeeded(-difference, discordance)).toBe(pairs);
  });

  it('needs more subjects for a smaller difference and for more noise around it', () => {
    const shares = fc.double({ min: 0.01, max: 0.5, noNaN: true });
    checkProperty(
      fc.property(shares, shares, (difference, more) => {
        const needed = subjectsNeeded(difference, difference + more);
        expect(subjectsNeeded(difference / 2, difference + more)).toBeGreaterThanOrEqual(needed);
        expect(subjectsNeeded(difference, difference + 2 * more)).toBeGreaterThanOrEqual(needed);
      }),
    );
  });

  it('needs more subjects for a stricter level', () => {
    const level = fc.double({ min: 1e-4, max: 0.2, noNaN: true });
    checkProperty(
      fc.property(level, fc.double({ min: 0.01, max: 0.5, noNaN: true }), (alpha, difference) => {
        const needed = subjectsNeeded(difference, 0.5, alpha);
        expect(subjectsNeeded(difference, 0.5, alpha / 2)).toBeGreaterThanOrEqual(needed);
      }),
    );
  });

  it('gives the exact test a power near 80 %', () => {
    const random = seededRandom(3);
    const subjects = subjectsNeeded(0.1, 0.3);
    const draw = () => {
      const u = random.uniform();
      return u < 0.2 ? 1 : u < 0.3 ? -1 : 0;
    };
    let seen = 0;
    for (let trial = 0; trial < 1000; trial++) if (mcnemar(Array.from({ length: subjects }, draw)) < 0.05) seen++;
    // 1,000 experiments vary by 1.3 %; the exact test is somewhat less powerful than the approximate one of the formula.
    expect(seen / 1000).toBeGreaterThan(0.72);
    expect(seen / 1000).toBeLessThan(0.84);
  });

  it('refuses a difference of nothing, and one larger than the discordance allows', () => {
    expectAppError(() => subjectsNeeded(0, 0.2), 'input-invalid');
    expectAppError(() => subjectsNeeded(0.5, 0.2), 'input-invalid');
    expectAppError(() => subjectsNeeded(Number.NaN, 0.2), 'input-invalid');
  });
});

describe('itemsNeeded', () => {
  const differences = [
    ...new Array<number>(45).fill(1),
    ...new Array<number>(5).fill(-1),
    ...new Array<number>(50).fill(0),
  ];

  it('plans for the difference at hand, or for the one asked for', () => {
    expect(itemsNeeded(differences, 100)).toEqual({ difference: 0.4, needed: 23, have: 100 });
    expect(itemsNeeded(differences, 100, { wanted: 0.1 })).toEqual({
      difference: 0.1,
      needed: subjectsNeeded(0.1, 0.5),
      have: 100,
    });
  });

  it('asks for as many more items as answers of one subject are alike', () => {
    const threefold = differences.map((each) => 3 * each);
    expect(itemsNeeded(threefold, 300)).toEqual({ difference: 0.4, needed: 3 * 23, have: 300 });
  });

  it('is null where there is no difference to see', () => {
    expect(itemsNeeded([1, -1, 0], 3)).toBeNull();
    expect(itemsNeeded([], 0)).toBeNull();
  });

  it('can plan for a difference that the subjects at hand do not show at all', () => {
    expect(itemsNeeded([0, 0, 0, 0], 4, { wanted: 0.5 })).toEqual({
      difference: 0.5,
      needed: subjectsNeeded(0.5, 0.5),
      have: 4,
    });
  });
});
