import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import { readGolden, readGoldenCheckpoint } from '../../testing/fixtures.ts';
import { roundToF16 } from '../tensor/half.ts';
import { BITS, dequantize, GROUP_SIZES, type GridOptions, quantize, requantize } from './grid.ts';
import { magnitude } from './magnitude.ts';
import { rtn } from './rtn.ts';

const golden = readGolden();
const tensor = readGoldenCheckpoint().tensors.get(`${golden.rtnMatrix}.weight`);
if (tensor === undefined) throw new Error('the fixture lacks the matrix that its answers are about');
const weight = tensor.data;
const [out = 0, inputs = 0] = tensor.shape;

const cases = BITS.flatMap((bits) =>
  ([16, 32] as const).flatMap((groupSize) => [true, false].map((symmetric) => ({ bits, groupSize, symmetric }))),
);

it.each(cases)(
  'makes the same codes, scales and zero points as PyTorch, bit for bit, for $bits bits, groups of $groupSize, symmetric: $symmetric',
  ({ bits, groupSize, symmetric }) => {
    const name = `rtn/${bits}-${symmetric ? 'symmetric' : 'asymmetric'}-${groupSize}`;
    const grid = quantize(weight, [out, inputs], { bits, groupSize, symmetric, scaleDtype: 'F16' });
    expect(grid.scales).toEqual(golden.tensor(`${name}/scales`).data);
    expect([...grid.zeroPoints]).toEqual([...golden.tensor(`${name}/zero-points`).data]);
    expect([...grid.codes]).toEqual([...golden.tensor(`${name}/codes`).data]);
  },
);

const options: fc.Arbitrary<GridOptions> = fc.record({
  bits: fc.constantFrom(...BITS),
  groupSize: fc.constantFrom(...GROUP_SIZES),
  symmetric: fc.boolean(),
  scaleDtype: fc.constantFrom('F16', 'F32'),
});
/** Sizes of real weights; far smaller ones make scales that even float32 rounds coarsely. */
const values = fc.float({ min: -64, max: 64, noNaN: true }).map((value) => (Math.abs(value) < 2 ** -40 ? 0 : value));
const weights = fc.array(values, { minLength: 128, maxLength: 128 }).map((list) => Float32Array.from(list));

describe('any weights on any grid', () => {
  it('lie within half a step of what they were, with scales in F32', () => {
    checkProperty(
      fc.property(weights, options, (given, grid) => {
        const quantized = quantize(given, [1, 128], { ...grid, scaleDtype: 'F32' });
        const back = dequantize(quantized);
        given.forEach((value, i) => {
          const scale = quantized.scales[Math.floor(i / grid.groupSize)] ?? 0;
          const zero = quantized.zeroPoints[Math.floor(i / grid.groupSize)] ?? 0;
          const isClipped = Math.round(value / scale) + zero > 2 ** grid.bits - 1;
          // One part in a million for the rounding of scale and product to float32.
          if (!isClipped) expect(Math.abs((back[i] ?? 0) - value)).toBeLessThanOrEqual(scale * (0.5 + 2 ** -16));
        });
      }),
    );
  });

  it('are clipped only at the upper end of a symmetric grid, by at most one step', () => {
    checkProperty(
      fc.property(weights, options, (given, grid) => {
        const quantized = quantize(given, [1, 128], { ...grid, scaleDtype: 'F32' });
        const back = dequantize(quantized);
        given.forEach((value, i) => {
          const scale = quantized.scales[Math.floor(i / grid.groupSize)] ?? 0;
          expect(Math.abs((back[i] ?? 0) - value)).toBeLessThanOrEqual(scale * 1.001);
        });
      }),
    );
  });

  it('keep zero exactly', () => {
    checkProperty(
      fc.property(weights, options, (given, grid) => {
        given[5] = 0;
        expect(dequantize(quantize(given, [1, 128], grid))[5]).toBe(0);
      }),
    );
  });

  it('have scales that F16 holds, and no code above the levels', () => {
    checkProperty(
      fc.property(weights, options, (given, grid) => {
        const { scales, codes } = quantize(given, [1, 128], { ...grid, scaleDtype: 'F16' });
        for (const scale of scales) expect(roundToF16(scale)).toBe(scale);
        expect(Math.max(...codes)).toBeLessThan(2 ** grid.bits);
      }),
    );
  });

  it('are not moved by being put on the same grid again', () => {
    checkProperty(
      fc.property(weights, options, (given, grid) => {
        const quantized = quantize(given, [1, 128], grid);
        expect(requantize(dequantize(quantized), quantized)).toEqual(quantized);
      }),
    );
  });
});

it('gives a group without range the scale 1', () => {
  const { scales, codes } = quantize(new Float32Array(32), [1, 32], { ...rtn.defaultOptions, scaleDtype: 'F16' });
  expect([...scales]).toEqual([1]);
  expect(new Set(codes)).toEqual(new Set([0]));
});

it('rounds halves to the even code', () => {
  // Levels 15 over 0 to 15: the scale is 1, so the codes are the rounded weights.
  const given = new Float32Array(16);
  given.set([0.5, 1.5, 2.5, 3.5, 15]);
  const { codes } = quantize(given, [1, 16], { bits: 4, groupSize: 16, symmetric: false, scaleDtype: 'F32' });
  expect([...codes.slice(0, 5)]).toEqual([0, 2, 2, 4, 15]);
});

it('refuses groups that do not divide the inputs, with both numbers', () => {
  const options = { bits: 4, groupSize: 32, symmetric: false, scaleDtype: 'F16' } as const;
  const error = expectAppError(() => quantize(new Float32Array(48), [1, 48], options), 'recipe-invalid');
  expect(error.message).toMatch(/32.*48/);
  expect(quantize(new Float32Array(48), [1, 48], { ...options, groupSize: 16 }).scales).toHaveLength(3);
});

it('refuses weights whose scale F16 cannot hold, and takes them with scales in F32', () => {
  const huge = new Float32Array(16).fill(3e6);
  const options = { bits: 2, groupSize: 16, symmetric: false } as const;
  expectAppError(() => quantize(huge, [1, 16], { ...options, scaleDtype: 'F16' }), 'recipe-invalid');
  expect([...dequantize(quantize(huge, [1, 16], { ...options, scaleDtype: 'F32' }))]).toEqual([...huge]);
});

it('takes other bits for the matrices that the step names, and leaves excluded ones alone', () => {
  const matrix = {
    kind: 'dense',
    shape: [1, 16],
    weight: new Float32Array(16).fill(1),
    mask: null,
    pattern: null,
  } as const;
  const all = new Map([
    ['a', matrix],
    ['b', matrix],
    ['c', matrix],
  ]);
  const step = { ...rtn.defaultOptions, groupSize: 16, bitsPerMatrix: { b: 2 }, exclude: ['c'] } as const;
  const result = new Map(rtn.apply(all, step));
  expect(result.get('a')).toMatchObject({ kind: 'quantized', bits: 4 });
  expect(result.get('b')).toMatchObject({ kind: 'quantized', bits: 2 });
  expect(result.has('c')).toBe(false);
});

it('keeps pruned weights at zero, whether pruning comes before or after', () => {
  const matrix = { kind: 'dense', shape: [out, inputs], weight, mask: null, pattern: null } as const;
  const halve = { method: 'magnitude', sparsity: 0.5, granularity: 'per-layer' } as const;
  const grid = { ...rtn.defaultOptions, bits: 2 } as const;
  const orders = [
    [magnitude.apply, halve, rtn.apply, grid],
    [rtn.apply, grid, magnitude.apply, halve],
  ] as const;
  for (const [first, firstStep, second, secondStep] of orders) {
    const once = new Map(first(new Map([['a', matrix]]), firstStep as never));
    const result = new Map(second(once, secondStep as never)).get('a');
    if (result?.kind !== 'quantized') throw new Error('it must stay quantized');
    const back = dequantize(result);
    expect(result.mask?.filter((keep) => keep === 0)).toHaveLength(weight.length / 2);
    expect(back.filter((_, i) => result.mask?.[i] === 0).every((value) => value === 0)).toBe(true);
  }
});
