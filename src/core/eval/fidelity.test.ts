import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import { compareRows, compareTarget, estimateFidelity, type FidelityOutcome } from './fidelity.ts';

/** Two rows of logits of one length. */
const ROWS = fc
  .integer({ min: 1, max: 12 })
  .chain((length) =>
    fc.tuple(
      ...[0, 1].map(() =>
        fc.array(fc.double({ min: -40, max: 40, noNaN: true }), { minLength: length, maxLength: length }),
      ),
    ),
  );

describe('compareRows', () => {
  it('gives the divergence and the likelihoods that a hand gets', () => {
    // Shares 1/2 1/4 1/4 against 1/4 1/2 1/4: KL = 1/2 ln 2 - 1/4 ln 2.
    const dense = [0.5, 0.25, 0.25].map(Math.log);
    const other = [0.25, 0.5, 0.25].map(Math.log);
    const row = compareRows(dense, other, 1);
    expect(row.klDivergence).toBeCloseTo(Math.log(2) / 4, 14);
    expect(row.denseNll).toBeCloseTo(Math.log(4), 14);
    expect(row.nll).toBeCloseTo(Math.log(2), 14);
    expect(row.isSameTop).toBe(false);
    expect(compareRows(dense, [3, 1, 2], 0).isSameTop).toBe(true);
  });

  it('takes the divergence from the dense model, not to it', () => {
    const dense = [0.9, 0.1].map(Math.log);
    const other = [0.5, 0.5].map(Math.log);
    expect(compareRows(dense, other, 0).klDivergence).toBeCloseTo(0.9 * Math.log(1.8) + 0.1 * Math.log(0.2), 14);
    expect(compareRows(other, dense, 0).klDivergence).toBeCloseTo(0.5 * Math.log(5 / 9) + 0.5 * Math.log(5), 14);
  });

  it('is never below 0, and 0 for equal rows', () => {
    checkProperty(
      fc.property(ROWS, ([dense = [], other = []]) => {
        expect(compareRows(dense, other, 0).klDivergence).toBeGreaterThanOrEqual(0);
        expect(compareRows(dense, dense, 0)).toMatchObject({ klDivergence: 0, isSameTop: true });
      }),
    );
  });

  it('does not change when all logits of a row move together', () => {
    checkProperty(
      fc.property(ROWS, fc.double({ min: -1000, max: 1000, noNaN: true }), ([dense = [], other = []], shift) => {
        const still = compareRows(dense, other, 0);
        const moved = compareRows(
          dense,
          other.map((logit) => logit + shift),
          0,
        );
        expect(moved.klDivergence).toBeCloseTo(still.klDivergence, 9);
        expect(moved.nll).toBeCloseTo(still.nll, 9);
      }),
    );
  });

  it('leaves out what the dense model rules out, and is infinite for what only the other one does', () => {
    const never = Number.NEGATIVE_INFINITY;
    expect(compareRows([0, never], [0, 0], 0).klDivergence).toBeCloseTo(Math.log(2), 14);
    expect(compareRows([0, 0], [0, never], 0).klDivergence).toBe(Number.POSITIVE_INFINITY);
  });

  it('refuses rows of unlike length, an id outside them and logits that are no numbers', () => {
    expect(compareRows([1], [1], 0).klDivergence).toBe(0);
    expectAppError(() => compareRows([1, 2], [1], 0), 'input-invalid');
    expectAppError(() => compareRows([1, 2], [1, 2], 2), 'input-invalid');
    expectAppError(() => compareRows([1, Number.NaN], [1, 2], 0), 'run-failed');
    expectAppError(() => compareRows([1, 2], [Number.NaN, 2], 1), 'run-failed');
  });
});

describe('compareTarget', () => {
  it('adds up the rows of a target', () => {
    const dense = Float32Array.of(0, 1, 2, 0);
    const other = Float32Array.of(1, 0, 3, 0);
    const rows = [compareRows([0, 1], [1, 0], 1), compareRows([2, 0], [3, 0], 0)];
    expect(compareTarget(dense, other, 2, [1, 0])).toEqual({
      tokens: 2,
      nll: (rows[0]?.nll ?? 0) + (rows[1]?.nll ?? 0),
      klDivergence: (rows[0]?.klDivergence ?? 0) + (rows[1]?.klDivergence ?? 0),
      sameTop: 1,
    });
  });
});

describe('estimateFidelity', () => {
  const make = (subject: string, nll: number, klDivergence: number, sameTop: number): FidelityOutcome => ({
    subject,
    fidelity: { tokens: 2, nll, klDivergence, sameTop },
  });
  const outcomes = Array.from({ length: 40 }, (_, i) => make(`s${i}`, i % 2, 0.1 * (i % 4), i % 3 === 0 ? 1 : 2));

  it('is per token of all targets together', () => {
    const figures = estimateFidelity([make('a', 2, 0.4, 1), make('b', 4, 0, 2)]);
    expect(figures?.perplexity.value).toBeCloseTo(Math.exp(6 / 4), 12);
    expect(figures?.klDivergence.value).toBeCloseTo(0.1, 12);
    expect(figures?.sameTop.value).toBeCloseTo(3 / 4, 12);
  });

  it('has intervals around its values, wider where subjects stand for several items', () => {
    const alone = estimateFidelity(outcomes);
    const pairs = estimateFidelity(outcomes.map((outcome, i) => ({ ...outcome, subject: `s${i % 4}` })));
    for (const figures of [alone, pairs]) {
      for (const { value, low, high } of Object.values(figures ?? {})) {
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
      }
    }
    const width = (figures: typeof alone) => (figures ? figures.klDivergence.high - figures.klDivergence.low : 0);
    expect(width(pairs)).toBeGreaterThan(width(alone));
  });

  it('is null without items', () => {
    expect(estimateFidelity([])).toBeNull();
  });
});
