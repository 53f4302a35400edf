import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBits,
  formatBytes,
  formatCount,
  formatDate,
  formatMs,
  formatPoints,
  formatProbability,
  formatRate,
  formatRatio,
  formatShare,
  UNKNOWN,
} from './format.ts';

/** No-break spaces as plain ones, to keep the expectations readable. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('numbers on the page', () => {
  it('carry their units', () => {
    expect(plain(formatShare(0.8742))).toBe('87.4 %');
    expect(plain(formatPoints(-0.37))).toBe('−37.0 points');
    expect(plain(formatShare(-0.34, 0))).toBe('−34 %');
    expect(plain(formatShare(-0.0001, 0))).toBe('0 %');
    expect(plain(formatPoints(0.051))).toBe('+5.1 points');
    expect(plain(formatMs(12.345))).toBe('12.3 ms');
    expect(plain(formatMs(0.613))).toBe('0.61 ms');
    expect(plain(formatMs(61_500))).toBe('61.5 s');
    expect(plain(formatRate(240.4))).toBe('240 tokens/s');
    expect(plain(formatBytes(1_937_412))).toBe('1.94 MB');
    expect(plain(formatBytes(812))).toBe('812 B');
    expect(plain(formatBits(4.5))).toBe('4.50 bits');
    expect(formatCount(77_312)).toBe('77,312');
    expect(formatRatio(77_312, 8_192)).toBe('9.44×');
    expect(formatDate('2026-11-21T10:00:00Z')).toBe('21 Nov 2026');
  });

  it('round up to the next unit instead of printing 1000 of one', () => {
    expect(plain(formatBytes(999_600))).toBe('1.00 MB');
  });

  it('say that a probability is small instead of printing zero', () => {
    expect(plain(formatProbability(0.0002))).toBe('< 0.1 %');
    expect(plain(formatProbability(0))).toBe('0.0 %');
  });

  it('never print NaN, Infinity or a ratio to nothing', () => {
    const formats = [
      formatShare,
      formatPoints,
      formatMs,
      formatRate,
      formatBytes,
      formatCount,
      formatProbability,
      formatBits,
    ];
    for (const format of formats) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null]) {
        expect(format(value)).toBe(UNKNOWN);
      }
    }
    expect(formatRatio(5, 0)).toBe(UNKNOWN);
    expect(formatRate(0)).toBe(UNKNOWN);
    fc.assert(
      fc.property(fc.double(), fc.constantFrom(...formats), (value, format) => {
        expect(format(value)).not.toMatch(/NaN|Infinity|∞/);
      }),
    );
  });

  it('print a text that is no date as it came', () => {
    expect(formatDate('yesterday')).toBe('yesterday');
  });
});
