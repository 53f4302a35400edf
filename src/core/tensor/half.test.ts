import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { fromBf16Bits, fromF16Bits, roundHalfEven, roundToF16, toBf16Bits, toF16Bits } from './half.ts';

const halves = Array.from({ length: 65_536 }, (_, half) => half);

describe('binary16', () => {
  it('keeps every one of the 65,536 values through a round trip', () => {
    const changed = halves.filter((half) => {
      const value = fromF16Bits(half);
      return Number.isNaN(value) ? !Number.isNaN(fromF16Bits(toF16Bits(value))) : toF16Bits(value) !== half;
    });
    expect(changed).toEqual([]);
  });

  it('takes the even neighbour exactly half way between any two neighbours, and the nearer one beside it', () => {
    const finite = halves.slice(0, 0x7bff);
    const wrong = finite.filter((half) => {
      const even = half % 2 === 0 ? half : half + 1;
      const middle = (fromF16Bits(half) + fromF16Bits(half + 1)) / 2;
      const beside = toF16Bits(nextFloat(middle, -1)) === half && toF16Bits(nextFloat(middle, 1)) === half + 1;
      return !beside || toF16Bits(middle) !== even || toF16Bits(-middle) !== (0x8000 | even);
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [65_519.996, 0x7bff],
    [65_520, 0x7c00],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [-(2 ** -25), 0x8000],
    [1.5 * 2 ** -25, 0x0001],
    [-0, 0x8000],
    [1 / 3, 0x3555],
  ])('writes %d as the published bits', (value, half) => {
    expect(toF16Bits(value)).toBe(half);
  });

  it('never moves a value by more than half a step', () => {
    checkProperty(
      fc.property(fc.float({ min: -65_504, max: 65_504, noNaN: true }), (value) => {
        const step = Math.max(2 ** -24, 2 ** (Math.floor(Math.log2(Math.abs(value) || 1)) - 10));
        expect(Math.abs(roundToF16(value) - value)).toBeLessThanOrEqual(step / 2);
      }),
    );
  });
});

describe('bfloat16', () => {
  it('keeps every one of the 65,536 values through a round trip', () => {
    const changed = halves.filter((half) => {
      const value = fromBf16Bits(half);
      return Number.isNaN(value) ? !Number.isNaN(fromBf16Bits(toBf16Bits(value))) : toBf16Bits(value) !== half;
    });
    expect(changed).toEqual([]);
  });

  it('takes the even neighbour exactly half way, and the nearer one beside it', () => {
    const wrong = halves.slice(0, 0x7f7f).filter((half) => {
      const middle = (fromBf16Bits(half) + fromBf16Bits(half + 1)) / 2;
      return toBf16Bits(middle) !== (half % 2 === 0 ? half : half + 1) || toBf16Bits(nextFloat(middle, 1)) !== half + 1;
    });
    expect(wrong).toEqual([]);
  });
});

describe('roundHalfEven', () => {
  it.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, 0],
    [-1.5, -2],
    [2.4999999, 2],
    [-3.7, -4],
  ])('rounds %d to %d', (value, rounded) => {
    expect(roundHalfEven(value)).toBeCloseTo(rounded, 15);
  });
});

/** The float32 one step above or below a positive one. */
function nextFloat(value: number, by: 1 | -1): number {
  const word = new Uint32Array(new Float32Array([value]).buffer);
  word[0] = (word[0] ?? 0) + by;
  return new Float32Array(word.buffer)[0] ?? 0;
}
