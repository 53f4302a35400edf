import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dequantize, quantize } from '../compress/grid.ts';
import type { Bits } from '../compress/variant.ts';
import { normal, seededRandom } from '../random.ts';
import { type PackedMatrix, packMatrix, transpose } from './weight-format.ts';

const SHAPE = [5, 96] as const;
const GROUP_SIZE = 32;

function makeWeight(): Float32Array<ArrayBuffer> {
  const random = seededRandom(3);
  return Float32Array.from({ length: SHAPE[0] * SHAPE[1] }, () => normal(random));
}

/** Reads the layout as MatMulNBits does, `bits` wide. */
function unpack({ codes, scales, zeroPoints }: PackedMatrix, bits: number): Float32Array {
  const [out, inputs] = SHAPE;
  const groups = inputs / GROUP_SIZE;
  const read = (bytes: Uint8Array, index: number) =>
    ((bytes[(index * bits) >> 3] ?? 0) >> ((index * bits) % 8)) & (2 ** bits - 1);
  const rowBytes = zeroPoints.length / out;
  return Float32Array.from({ length: out * inputs }, (_, i) => {
    const row = Math.floor(i / inputs);
    const group = Math.floor((i % inputs) / GROUP_SIZE);
    const zero = read(zeroPoints.subarray(row * rowBytes, (row + 1) * rowBytes), group);
    return (read(codes, i) - zero) * (scales[row * groups + group] ?? 0);
  });
}

test.each([2, 3, 4, 8] as const)('a %i-bit matrix read back from its packed form is the same', (bits: Bits) => {
  const options = { bits, groupSize: GROUP_SIZE, symmetric: false, scaleDtype: 'F16' } as const;
  const matrix = quantize(makeWeight(), SHAPE, options);
  const packed = packMatrix(matrix);
  expect(unpack(packed, bits === 3 ? 4 : bits)).toEqual(dequantize(matrix));
});

test('zero points of a row start at a byte of their own', () => {
  const matrix = quantize(makeWeight(), SHAPE, { bits: 2, groupSize: GROUP_SIZE, symmetric: false, scaleDtype: 'F16' });
  // 3 groups of 2 bits fill 6 of 8 bits.
  expect(packMatrix(matrix).zeroPoints).toHaveLength(SHAPE[0]);
});

test('transposing puts element [row, column] at [column, row]', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (out, inputs) => {
      const weight = Float32Array.from({ length: out * inputs }, (_, i) => i);
      const turned = transpose(weight, out, inputs);
      for (let row = 0; row < out; row++) {
        for (let column = 0; column < inputs; column++) {
          expect(turned[column * out + row]).toBe(weight[row * inputs + column]);
        }
      }
    }),
  );
});
