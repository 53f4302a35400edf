const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** Adding and subtracting 1.5 * 2^52 leaves a double no room for a fraction, and the hardware rounds half to even. */
const ROUNDING_SHIFT = 1.5 * 2 ** 52;

/** `x` rounded to the nearest integer, halves to the even one; exact for |x| below 2^51. */
export function roundHalfEven(x: number): number {
  return x + ROUNDING_SHIFT - ROUNDING_SHIFT;
}

/** The binary16 (IEEE 754) nearest to a float32, halves to even, as its 16 bits; NaN stays NaN, overflow is infinity. */
export function toF16Bits(value: number): number {
  float[0] = value;
  const word = bits[0] ?? 0;
  const sign = (word >>> 16) & 0x8000;
  const size = word & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00; // NaN
  if (size >= 0x477ff000) return sign | 0x7c00; // from 65,520 on the nearest is infinity
  if (size >= 0x38800000) return sign | ((size + 0xfff + ((size >>> 13) & 1) - (112 << 23)) >>> 13); // normal, 2^-14 and up
  return sign | roundHalfEven(Math.abs(float[0] ?? 0) * 2 ** 24); // subnormal: multiples of 2^-24
}

/** The number that 16 bits stand for as binary16; exact. */
export function fromF16Bits(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** A number rounded to the nearest binary16, halves to even, as float32. */
export function roundToF16(value: number): number {
  return fromF16Bits(toF16Bits(value));
}

/** Numbers as they are once stored in a dtype, as float32. */
export function roundToDtype(values: ArrayLike<number>, dtype: 'F16' | 'F32'): Float32Array<ArrayBuffer> {
  const rounded = new Float32Array(values);
  // Not `from` with a function, which is many times as slow: whole matrices come by here.
  for (let i = 0; dtype === 'F16' && i < rounded.length; i++) rounded[i] = roundToF16(values[i] ?? 0);
  return rounded;
}

/** The bfloat16 nearest to a float32, halves to even, as its 16 bits; NaN stays NaN. */
export function toBf16Bits(value: number): number {
  float[0] = value;
  const word = bits[0] ?? 0;
  if ((word & 0x7fffffff) > 0x7f800000) return (word >>> 16) | 0x40; // a quiet NaN, so that no rounding makes it infinite
  return ((word + 0x7fff + ((word >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The number that 16 bits stand for as bfloat16; exact. */
export function fromBf16Bits(half: number): number {
  bits[0] = half << 16;
  return float[0] ?? 0;
}
