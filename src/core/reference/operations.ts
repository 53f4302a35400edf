import type { ModelConfig } from '../checkpoint/checkpoint.ts';

/** Rows of `width` numbers each. */
export interface Matrix {
  data: Float32Array; // [rows, width]
  width: number;
}

/** `x W^T` of rows `[n, in]` and a linear weight `[out, in]`, summed in float64: `[n, out]`. */
export function multiply(x: Matrix, weight: Float32Array, out: number): Matrix {
  const rows = x.data.length / x.width;
  const data = new Float32Array(rows * out);
  for (let row = 0; row < rows; row++) {
    for (let o = 0; o < out; o++) {
      let sum = 0;
      for (let i = 0; i < x.width; i++) sum += (x.data[row * x.width + i] ?? 0) * (weight[o * x.width + i] ?? 0);
      data[row * out + o] = sum;
    }
  }
  return { data, width: out };
}

/** `x / sqrt(mean(x^2) + eps) * weight`, row by row (Zhang and Sennrich 2019, arXiv 1910.07467). */
export function rmsNorm(x: Matrix, weight: Float32Array, eps: number): Matrix {
  const data = new Float32Array(x.data.length);
  for (let start = 0; start < data.length; start += x.width) {
    let squares = 0;
    for (let i = 0; i < x.width; i++) squares += (x.data[start + i] ?? 0) ** 2;
    const factor = 1 / Math.sqrt(squares / x.width + eps);
    for (let i = 0; i < x.width; i++) data[start + i] = (x.data[start + i] ?? 0) * factor * (weight[i] ?? 0);
  }
  return { data, width: x.width };
}

/**
 * Rotary positions (Su et al. 2021, arXiv 2104.09864) of rows `[length, heads * headDim]` from position `start` on:
 * in every head, elements j and j + headDim / 2 turn by `position * theta^(-2 j / headDim)`.
 */
export function rotate(x: Matrix, start: number, { headDim, ropeTheta }: ModelConfig): Matrix {
  const data = new Float32Array(x.data.length);
  const half = headDim / 2;
  for (let head = 0; head < data.length; head += headDim) {
    const position = start + Math.floor(head / x.width);
    for (let j = 0; j < half; j++) {
      const angle = position * ropeTheta ** ((-2 * j) / headDim);
      const [first, second] = [x.data[head + j] ?? 0, x.data[head + half + j] ?? 0];
      data[head + j] = first * Math.cos(angle) - second * Math.sin(angle);
      data[head + half + j] = second * Math.cos(angle) + first * Math.sin(angle);
    }
  }
  return { data, width: x.width };
}

/** `exp(x) / sum(exp(x))`, the largest taken off first. */
export function softmax(scores: Float64Array): Float64Array {
  const largest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const powers = scores.map((score) => Math.exp(score - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** `x / (1 + exp(-x))`. */
export function silu(x: number): number {
  return x / (1 + Math.exp(-x));
}
