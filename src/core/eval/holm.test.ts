import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import '../../testing/to-be-all-close.ts';
import { TOLERANCES } from '../../testing/tolerances.ts';
import { holm, holmFactors } from './holm.ts';

const P_VALUES = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 });

/** SAS/STAT 13.1 User's Guide, example 67.5: raw p-values of 24 tests. */
const SAS = [
  0.28282, 0.30688, 0.71022, 0.77175, 0.7818, 0.88581, 0.54685, 0.84978, 0.24228, 0.58977, 0.03498, 0.41607, 0.31631,
  0.05254, 0.45061, 0.75758, 0.12496, 0.49485, 0.21572, 0.50505, 0.94372, 0.8126, 0.77596, 0.36889,
];

describe('holm', () => {
  it('gives the column "Stepdown Bonferroni" of the SAS manual', () => {
    expect(holm(SAS)).toBeAllClose(
      SAS.map((p) => (p === 0.03498 ? 0.8395 : 1)),
      TOLERANCES.published,
    );
  });

  it('gives the example of the stdlib project, which agrees with R’s p.adjust', () => {
    expect(holm([0.319, 0.201, 0.4, 0.374, 0.113])).toBeAllClose([0.957, 0.804, 0.957, 0.957, 0.565], {
      relative: 0,
      absolute: 1e-12,
    });
  });

  it('decides as Holm’s sequence of thresholds does: of .01, .04, .03 and .005 the first and the last', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => p < 0.05)).toEqual([true, false, false, true]);
  });

  it('lies between the raw p-value and Bonferroni’s, keeps the order of the p-values, and is at most 1', () => {
    checkProperty(
      fc.property(P_VALUES, (raw) => {
        const adjusted = holm(raw);
        for (const [i, p] of raw.entries()) {
          const own = adjusted[i] ?? Number.NaN;
          expect(own).toBeGreaterThanOrEqual(p);
          expect(own).toBeLessThanOrEqual(Math.min(1, raw.length * p));
          for (const [j, other] of raw.entries()) if (other <= p) expect(adjusted[j]).toBeLessThanOrEqual(own);
        }
      }),
    );
  });

  it('rises with every p-value of the family', () => {
    checkProperty(
      fc.property(P_VALUES, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (raw, place, larger) => {
        const risen = raw.map((p, i) => (i === place % raw.length ? Math.max(p, larger) : p));
        const [before, after] = [holm(raw), holm(risen)];
        for (const [i, p] of before.entries()) expect(after[i]).toBeGreaterThanOrEqual(p - 1e-15);
      }),
    );
  });

  it('multiplies the smallest of m by m, the next by m - 1, and so on', () => {
    expect(holmFactors([0.01, 0.04, 0.03, 0.005])).toEqual([3, 1, 2, 4]);
  });

  it('leaves a family of one as it is, and an empty one empty', () => {
    expect(holm([0.03])).toEqual([0.03]);
    expect(holm([])).toEqual([]);
  });

  it('refuses what is no probability', () => {
    for (const p of [-0.1, 1.1, Number.NaN]) expectAppError(() => holm([0.5, p]), 'input-invalid');
  });
});
