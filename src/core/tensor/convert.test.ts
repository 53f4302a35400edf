import { describe, expect, it } from 'vitest';
import { fromFloat32, toFloat32 } from './convert.ts';
import { fromBf16Bits, fromF16Bits } from './half.ts';

describe('toFloat32', () => {
  it('reads every dtype from bytes at an odd address', () => {
    const cases = [
      ['F64', new Float64Array([0.1, -3]), [Math.fround(0.1), -3]],
      ['F32', new Float32Array([0.1, -3]), [Math.fround(0.1), -3]],
      ['F16', new Uint16Array([0x3c00, 0xc000]), [1, -2]],
      ['BF16', new Uint16Array([0x3f80, 0xc000]), [1, -2]],
      ['I64', new BigInt64Array([5n, -7n]), [5, -7]],
      ['I32', new Int32Array([5, -7]), [5, -7]],
      ['I16', new Int16Array([5, -7]), [5, -7]],
      ['I8', new Int8Array([5, -7]), [5, -7]],
      ['U8', new Uint8Array([5, 255]), [5, 255]],
      ['BOOL', new Uint8Array([0, 1]), [0, 1]],
    ] as const;
    for (const [dtype, array, values] of cases) {
      const shifted = new Uint8Array(array.byteLength + 1);
      shifted.set(new Uint8Array(array.buffer), 1);
      expect([...toFloat32(shifted.subarray(1), dtype)], dtype).toEqual(values);
    }
  });

  it('copies, so that a later change of the file changes no tensor', () => {
    const bytes = fromFloat32(new Float32Array([1, 2]), 'F32');
    const values = toFloat32(bytes, 'F32');
    bytes.fill(0);
    expect([...values]).toEqual([1, 2]);
  });

  it('agrees with the scalar conversions on all halves', () => {
    const halves = Uint16Array.from({ length: 65_536 }, (_, half) => half);
    const bytes = new Uint8Array(halves.buffer);
    expect(toFloat32(bytes, 'F16')).toEqual(Float32Array.from(halves, (half) => fromF16Bits(half)));
    expect(toFloat32(bytes, 'BF16')).toEqual(Float32Array.from(halves, (half) => fromBf16Bits(half)));
  });
});

describe('fromFloat32', () => {
  it('undoes toFloat32 for F32, F16 and BF16', () => {
    for (const dtype of ['F32', 'F16', 'BF16'] as const) {
      const values = new Float32Array([0, -0, 1, -2, 0.5, 240]);
      expect(toFloat32(fromFloat32(values, dtype), dtype)).toEqual(values);
    }
  });
});
