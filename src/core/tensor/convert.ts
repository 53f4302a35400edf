import { fromF16Bits, toBf16Bits, toF16Bits } from './half.ts';
import type { Dtype } from './tensor.ts';

// Every platform with WebGPU or WebAssembly is little-endian, as safetensors is: typed arrays read the bytes as they lie.

/** Bytes of one element of a dtype. */
export const DTYPE_BYTES: Readonly<Record<Dtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

let f16Table: Float32Array | null = null;

/** All 65,536 binary16 values; a look-up is several times faster than decoding each. */
function f16Values(): Float32Array {
  f16Table ??= Float32Array.from({ length: 65_536 }, (_, half) => fromF16Bits(half));
  return f16Table;
}

/**
 * Little-endian bytes of a dtype as float32, `[bytes / DTYPE_BYTES]`; always a copy.
 * Exact for F32, F16, BF16, I16, I8, U8 and BOOL; F64, I64 and I32 are rounded to the nearest float32.
 */
export function toFloat32(bytes: Uint8Array, dtype: Dtype): Float32Array<ArrayBuffer> {
  const { buffer } = new Uint8Array(bytes); // a copy starts at 0, so every typed array is aligned
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F16': {
      const table = f16Values();
      const halves = new Uint16Array(buffer);
      const values = new Float32Array(halves.length);
      for (let i = 0; i < halves.length; i++) values[i] = table[halves[i] ?? 0] ?? 0;
      return values;
    }
    case 'BF16': {
      const halves = new Uint16Array(buffer);
      const words = new Uint32Array(halves.length);
      for (let i = 0; i < halves.length; i++) words[i] = (halves[i] ?? 0) << 16;
      return new Float32Array(words.buffer);
    }
    case 'F64':
      return new Float32Array(new Float64Array(buffer));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer), Number);
    case 'I32':
      return new Float32Array(new Int32Array(buffer));
    case 'I16':
      return new Float32Array(new Int16Array(buffer));
    case 'I8':
      return new Float32Array(new Int8Array(buffer));
    case 'U8':
      return new Float32Array(new Uint8Array(buffer));
    case 'BOOL':
      return Float32Array.from(new Uint8Array(buffer), (byte) => (byte === 0 ? 0 : 1));
    default:
      return dtype satisfies never;
  }
}

/** Float32 values as little-endian bytes of F32, F16 or BF16, rounded half to even. */
export function fromFloat32(values: Float32Array, dtype: 'F32' | 'F16' | 'BF16'): Uint8Array<ArrayBuffer> {
  if (dtype === 'F32') return new Uint8Array(new Float32Array(values).buffer);
  const toBits = dtype === 'F16' ? toF16Bits : toBf16Bits;
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = toBits(values[i] ?? 0);
  return new Uint8Array(halves.buffer);
}
