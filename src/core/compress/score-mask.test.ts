import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { PATTERN_NAMES, PATTERNS } from './pruning-amount.ts';
import { fitsPattern, maskRows, maskRuns } from './score-mask.ts';

const scores = fc.array(fc.oneof(fc.double({ min: 0, max: 8, noNaN: true }), fc.constantFrom(0, 1, 2)), {
  minLength: 48,
  maxLength: 48,
});

it('clears exactly as many of every run as asked, and only ever the smallest', () => {
  checkProperty(
    fc.property(scores, fc.constantFrom(4, 8, 16, 48), fc.nat(48), (list, run, most) => {
      const count = Math.min(most, run);
      const mask = maskRuns(Float64Array.from(list), run, count);
      for (let start = 0; start < list.length; start += run) {
        const own = list.slice(start, start + run).map((score, i) => ({ score, keep: mask[start + i] }));
        const gone = own.filter(({ keep }) => keep === 0).map(({ score }) => score);
        const kept = own.filter(({ keep }) => keep === 1).map(({ score }) => score);
        expect(gone).toHaveLength(count);
        expect(Math.max(...gone)).toBeLessThanOrEqual(Math.min(...kept));
      }
    }),
  );
});

it('takes the lower index first where scores are equal', () => {
  expect([...maskRuns(Float64Array.of(1, 0, 1, 1), 4, 2)]).toEqual([0, 0, 1, 1]);
  expect([...maskRuns(Float64Array.of(0, -0, 0, -0), 4, 1)]).toEqual([0, 1, 1, 1]);
});

it.each(PATTERN_NAMES)('%s keeps N of every M', (pattern) => {
  checkProperty(
    fc.property(scores, (list) => {
      const mask = maskRows(Float64Array.from(list), 16, pattern) ?? new Uint8Array();
      expect(fitsPattern(mask, pattern)).toBe(true);
      expect(mask.reduce((sum, keep) => sum + keep, 0)).toBe((48 * PATTERNS[pattern].kept) / PATTERNS[pattern].of);
    }),
  );
});

it('gives no mask where nothing goes', () => {
  expect(maskRows(Float64Array.of(1, 2, 3, 4), 4, 0.2)).toBeNull();
});

it('a mask that keeps one more or fewer in a group follows no pattern', () => {
  expect(fitsPattern(Uint8Array.of(1, 1, 0, 0, 0, 1, 0, 1), '2:4')).toBe(true);
  expect(fitsPattern(Uint8Array.of(1, 1, 0, 0, 0, 1, 0, 0), '2:4')).toBe(false);
  expect(fitsPattern(Uint8Array.of(1, 1, 1, 0, 0, 1, 0, 0), '2:4')).toBe(false);
  expect(fitsPattern(Uint8Array.of(1, 1, 1, 0, 0, 1, 0, 0), '4:8')).toBe(true);
  expect(fitsPattern(Uint8Array.of(1, 0, 1, 0, 1, 0), '2:4')).toBe(false);
});
