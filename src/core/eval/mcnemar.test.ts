import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import { mcnemar } from './mcnemar.ts';

/** One item a subject: `first` subjects are right under the first regime only, `second` under the second only. */
const pairs = (first: number, second: number, alike = 0) => [
  ...new Array<number>(first).fill(1),
  ...new Array<number>(alike).fill(0),
  ...new Array<number>(second).fill(-1),
];

const DIFFERENCES = fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 12 });

/** Every assignment of signs, one by one. */
function countSigns(differences: readonly number[]): number {
  const observed = Math.abs(differences.reduce((sum, each) => sum + each, 0));
  let extreme = 0;
  for (let signs = 0; signs < 2 ** differences.length; signs++) {
    const sum = differences.reduce((total, each, i) => total + ((signs >> i) & 1 ? each : -each), 0);
    if (Math.abs(sum) >= observed) extreme++;
  }
  return extreme / 2 ** differences.length;
}

describe('mcnemar', () => {
  it.each([
    // statsmodels, test_nonparametric.py, computed with Vassar College's page.
    [121, 59, 0.000004, 6],
    [70, 59, 0.378688, 6],
    [80, 59, 0.089452, 6],
    [30, 60, 0.00206, 6],
    [10, 30, 0.002221, 6],
    [10, 10, 1, 6],
    // Fay 2016, vignette "Exact McNemar's Test" of R's exact2x2: 2 P(X <= 2 | 11) = 134 / 2048.
    [9, 2, 0.06543, 5],
    // Aoki, R's binom.test(c(35, 28)) on cabinet support in January and April.
    [28, 35, 0.45, 3],
    // Bentur 2009 in Fagerland, Lydersen and Laake 2013, BMC Medical Research Methodology 13:91: 2 P(X <= 1 | 8) = 18 / 256.
    [1, 7, 0.0703, 4],
  ])('gives the published p-value of %i against %i discordant subjects', (first, second, p, digits) => {
    expect(mcnemar(pairs(first, second, 30))).toBeCloseTo(p, digits);
  });

  it('tells Agresti’s approval ratings (86 against 150) apart as clearly as the approximate test does', () => {
    // Agresti 1990, p. 350: z^2 = 17.36, p = 3.1e-5; with a continuity correction 63^2 / 236 = 16.82, p = 4.1e-5. The exact one lies between.
    const p = mcnemar(pairs(86, 150));
    expect(p).toBeGreaterThan(3.1e-5);
    expect(p).toBeLessThan(4.1e-5);
  });

  it('is what counting all assignments of signs gives, however many items a subject has', () => {
    checkProperty(
      fc.property(DIFFERENCES, (differences) => {
        expect(mcnemar(differences)).toBeCloseTo(countSigns(differences), 12);
      }),
    );
  });

  it('is the same whichever regime comes first and in whatever order subjects come', () => {
    checkProperty(
      fc.property(DIFFERENCES, (differences) => {
        const p = mcnemar(differences);
        expect(mcnemar(differences.map((each) => -each))).toBe(p);
        expect(mcnemar([...differences].reverse())).toBeCloseTo(p, 14);
      }),
    );
  });

  it('does not call items of one subject independent', () => {
    expect(mcnemar([6])).toBe(1);
    expect(mcnemar([1, 1, 1, 1, 1, 1])).toBe(2 / 64);
  });

  it('is 1 without discordant subjects', () => {
    expect(mcnemar([])).toBe(1);
    expect(mcnemar([0, 0, 0])).toBe(1);
  });

  it('stays a probability with 3,000 subjects, all of them discordant', () => {
    expect(mcnemar(pairs(1500, 1500))).toBe(1);
    // The normal approximation with continuity correction: z = (200 - 1) / sqrt(3000).
    expect(mcnemar(pairs(1600, 1400))).toBeCloseTo(0.00028, 5);
    // 2^-2999 is no double: the smallest one stands for it.
    expect(mcnemar(pairs(3000, 0))).toBe(Number.MIN_VALUE);
  });

  it('refuses parts of items', () => {
    expectAppError(() => mcnemar([1, 0.5]), 'input-invalid');
    expectAppError(() => mcnemar([Number.NaN]), 'input-invalid');
  });
});
