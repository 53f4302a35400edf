import { AppError } from '../errors.ts';
import { roundHalfEven, roundToF16 } from '../tensor/half.ts';
import type { Bits, GroupSize, QuantizedMatrix } from './variant.ts';

/** Every bit width and group size that exists, in the order a form offers them. */
export const BITS: readonly Bits[] = [2, 3, 4, 8];
export const GROUP_SIZES: readonly GroupSize[] = [16, 32, 64, 128];

// Round to nearest as docs/pack-format.md writes it down: float32 after every operation, halves to even.

/** How a matrix is put on a grid. */
export interface GridOptions {
  bits: Bits;
  groupSize: GroupSize;
  symmetric: boolean;
  scaleDtype: 'F16' | 'F32';
}

/** Weights `[out, in]` rounded to a grid of `2^bits` levels per group; throws `recipe-invalid` where groups do not divide. */
export function quantize(
  weight: Float32Array<ArrayBuffer>,
  shape: readonly [out: number, inputs: number],
  { bits, groupSize, symmetric, scaleDtype }: GridOptions,
): QuantizedMatrix {
  checkGroups(shape[1], groupSize);
  const levels = 2 ** bits - 1;
  const numGroups = weight.length / groupSize;
  const scales = new Float32Array(numGroups);
  const zeroPoints = new Uint8Array(numGroups);
  for (let group = 0; group < numGroups; group++) {
    let low = 0;
    let high = 0;
    for (let i = group * groupSize; i < (group + 1) * groupSize; i++) {
      const value = weight[i] ?? 0;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    // Math.fround after each operation: float32 arithmetic, as the contract asks.
    const range = Math.fround(symmetric ? 2 * Math.max(high, -low) : high - low);
    const exact = Math.fround(range / levels);
    const rounded = scaleDtype === 'F16' ? roundToF16(exact) : exact;
    if (!Number.isFinite(rounded)) refuseScale(exact, scaleDtype);
    const scale = rounded === 0 ? 1 : rounded;
    scales[group] = scale;
    zeroPoints[group] = symmetric ? 2 ** (bits - 1) : clamp(roundHalfEven(Math.fround(-low / scale)), levels);
  }
  const codes = snap(weight, scales, zeroPoints, groupSize, levels);
  return {
    kind: 'quantized',
    shape,
    bits,
    groupSize,
    symmetric,
    scaleDtype,
    codes,
    scales,
    zeroPoints,
    inputScales: null,
    mask: null,
    pattern: null,
  };
}

/** Other weights on a matrix's own grid: scales, zero points and mask stay, codes are made anew. */
export function requantize(weight: Float32Array<ArrayBuffer>, grid: QuantizedMatrix): QuantizedMatrix {
  const codes = snap(
    toScaled(weight, grid.inputScales),
    grid.scales,
    grid.zeroPoints,
    grid.groupSize,
    2 ** grid.bits - 1,
  );
  if (grid.mask !== null) {
    for (let i = 0; i < codes.length; i++) {
      if (grid.mask[i] === 0) codes[i] = grid.zeroPoints[Math.floor(i / grid.groupSize)] ?? 0;
    }
  }
  return { ...grid, codes };
}

/** Every row of `weight` `[out, in]` times `inputScales` `[in]`, in float32. */
export function toScaled(
  weight: Float32Array<ArrayBuffer>,
  inputScales: Float32Array | null,
): Float32Array<ArrayBuffer> {
  return inputScales === null ? weight : weight.map((value, i) => value * (inputScales[i % inputScales.length] ?? 1));
}

/** The weights `[out, in]` that codes stand for: `(code - zeroPoint) * scale`, over the scale of the input where there is one. */
export function dequantize(matrix: QuantizedMatrix): Float32Array<ArrayBuffer> {
  const { codes, scales, zeroPoints, groupSize, inputScales } = matrix;
  const weight = new Float32Array(codes.length);
  for (let group = 0; group < scales.length; group++) {
    const scale = scales[group] ?? 1;
    const zero = zeroPoints[group] ?? 0;
    for (let i = group * groupSize; i < (group + 1) * groupSize; i++) weight[i] = ((codes[i] ?? 0) - zero) * scale;
  }
  if (inputScales !== null) {
    for (let i = 0; i < weight.length; i++) weight[i] = (weight[i] ?? 0) / (inputScales[i % inputScales.length] ?? 1);
  }
  return weight;
}

/** `clamp(round(w / scale) + zeroPoint, 0, levels)` for every weight. */
function snap(
  weight: Float32Array<ArrayBuffer>,
  scales: Float32Array,
  zeroPoints: Uint8Array,
  groupSize: number,
  levels: number,
): Uint8Array<ArrayBuffer> {
  const codes = new Uint8Array(weight.length);
  for (let group = 0; group < scales.length; group++) {
    const scale = scales[group] ?? 1;
    const zero = zeroPoints[group] ?? 0;
    for (let i = group * groupSize; i < (group + 1) * groupSize; i++) {
      codes[i] = toCode(weight[i] ?? 0, scale, zero, levels);
    }
  }
  return codes;
}

/** The code of one float32 weight on a grid of levels 0 to `levels`. */
export function toCode(weight: number, scale: number, zero: number, levels: number): number {
  return clamp(roundHalfEven(Math.fround(weight / scale)) + zero, levels);
}

/** Refuses groups that do not divide the inputs of a matrix. */
export function checkGroups(inputs: number, groupSize: number): void {
  if (inputs % groupSize === 0) return;
  throw new AppError(
    'recipe-invalid',
    `Groups of ${groupSize} do not divide the ${inputs} inputs of a matrix. Choose a smaller group size or exclude the matrix.`,
    { field: 'groupSize', observed: groupSize, allowed: `a divisor of ${inputs}` },
  );
}

function refuseScale(scale: number, dtype: 'F16' | 'F32'): never {
  throw new AppError(
    'recipe-invalid',
    `A group of weights needs the scale ${scale}, which ${dtype} cannot hold. Exclude the matrix, or choose scaleDtype F32.`,
    { field: 'scaleDtype', observed: scale, allowed: dtype },
  );
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
