import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDrawable } from './estimate.ts';
import { toPosition, toScale, toSpan } from './scale.ts';

describe('a chart axis', () => {
  it('covers every finite value with at most five evenly spaced ticks', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), { minLength: 1 }), (values) => {
        const scale = toScale(values);
        expect(scale.max).toBeGreaterThanOrEqual(Math.max(...values) * (1 - 1e-9));
        expect(scale.max).toBeLessThanOrEqual(Math.max(...values) * 2.5);
        expect(scale.ticks.length).toBeLessThanOrEqual(6);
        expect(new Set(scale.ticks).size).toBe(scale.ticks.length);
      }),
    );
  });

  it('names no value but 0 when there is nothing to show', () => {
    expect(toScale([])).toEqual({ max: 1, ticks: [0] });
    expect(toScale([0, Number.NaN, Number.POSITIVE_INFINITY, -3])).toEqual({ max: 1, ticks: [0] });
  });

  it('ends on round numbers', () => {
    expect(toScale([37]).ticks).toEqual([0, 10, 20, 30, 40]);
    expect(toScale([0.3]).ticks).toEqual([0, 0.1, 0.2, 0.3]);
  });

  it('keeps marks inside the plot', () => {
    const scale = toScale([10]);
    expect(toPosition(-5, scale)).toBe('0%');
    expect(toPosition(1e12, scale)).toBe('100%');
  });
});

describe('an estimate to draw', () => {
  it('is nothing without a finite value', () => {
    expect(toDrawable({ value: Number.NaN, low: 0, high: 1, n: 3 })).toBeNull();
    expect(toDrawable({ value: Number.POSITIVE_INFINITY, low: 0, high: 1, n: 3 })).toBeNull();
    expect(toDrawable(null)).toBeNull();
  });

  it('has no interval where none was computed', () => {
    expect(toDrawable({ value: 4, low: null, high: null, n: 3 })).toEqual({ value: 4, low: null, high: null, n: 3 });
  });

  it('loses an interval that is not finite and keeps its value', () => {
    expect(toDrawable({ value: 4, low: Number.NaN, high: Number.POSITIVE_INFINITY, n: 1 })).toEqual({
      value: 4,
      low: 4,
      high: 4,
      n: 1,
    });
  });
});

describe('an axis for differences', () => {
  it('holds 0 and every finite value between round ends', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1 }), (parts) => {
        const values = parts.map((part) => part / 1e6);
        const { from, to, ticks } = toSpan([...values, Number.NaN]);
        expect(from).toBeLessThanOrEqual(Math.min(0, ...values) + 1e-9);
        expect(to).toBeGreaterThanOrEqual(Math.max(0, ...values) - 1e-9);
        expect(ticks).toContain(0);
        expect(ticks.length).toBeLessThanOrEqual(9);
      }),
    );
  });

  it('has a length even where there is nothing to show', () => {
    expect(toSpan([])).toEqual({ from: 0, to: 1, ticks: [0, 1] });
    expect(toSpan([-0.12, 0.31])).toEqual({ from: -0.2, to: 0.4, ticks: [-0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4] });
  });
});
