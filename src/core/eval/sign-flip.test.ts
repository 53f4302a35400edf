import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { mcnemar } from './mcnemar.ts';
import { signFlip } from './sign-flip.ts';

/** Darwin's maize, crossed minus self-fertilised, in eighths of an inch (Fisher 1935, section 21). */
const MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

describe('signFlip', () => {
  it('gives Fisher’s p-value of Darwin’s maize, 5.267 %, as far as draws tell it', () => {
    const draws = 200_000;
    const error = 3 * Math.sqrt((0.05267 * (1 - 0.05267)) / draws);
    expect(Math.abs(signFlip(MAIZE, { resamples: draws }) - 0.05267)).toBeLessThan(error);
    expect(mcnemar(MAIZE)).toBeCloseTo(0.05267, 5);
  });

  it('is the exact test of whole numbers but for the error of drawing', () => {
    checkProperty(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 12 }), fc.integer(), (differences, seed) => {
        // 20,000 draws: five standard errors of a share of one half.
        expect(Math.abs(signFlip(differences, { seed, resamples: 20_000 }) - mcnemar(differences))).toBeLessThan(0.018);
      }),
      20,
    );
  });

  it('does not ask which regime comes first, nor in what unit the differences are', () => {
    const p = signFlip(MAIZE);
    expect(signFlip(MAIZE.map((each) => -each))).toBe(p);
    expect(signFlip(MAIZE.map((each) => each * 1e-9))).toBe(p);
  });

  it('is 1 where nothing differs, and never 0', () => {
    expect(signFlip([])).toBe(1);
    expect(signFlip([0, 0])).toBe(1);
    expect(signFlip(new Array<number>(200).fill(3), { resamples: 999 })).toBe(1 / 1000);
  });

  it('says nothing of differences that are not finite', () => {
    expect(signFlip([1, Number.NEGATIVE_INFINITY])).toBeNaN();
    expect(signFlip([1, Number.NaN])).toBeNaN();
  });
});
