import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import { seededRandom } from '../random.ts';
import type { LoraModule } from '../recover/repair.ts';
import { singularValues } from './singular-values.ts';

function loraOf(r: number, [out, inputs]: readonly [number, number], values: () => number, scale = 1): LoraModule {
  return {
    r,
    scale,
    shape: [out, inputs],
    a: Float32Array.from({ length: r * inputs }, values),
    b: Float32Array.from({ length: out * r }, values),
  };
}

it('finds the one singular value of an outer product: the product of both lengths', () => {
  const lora: LoraModule = { r: 1, scale: -2, shape: [2, 3], a: Float32Array.of(2, 3, 6), b: Float32Array.of(3, 4) };
  expect([...singularValues(lora)]).toEqual([70]);
});

it('reads the diagonal of scaled orthogonal vectors, largest first', () => {
  const lora: LoraModule = {
    r: 3,
    scale: 0.5,
    shape: [3, 3],
    a: Float32Array.of(2, 0, 0, 0, 8, 0, 0, 0, 4),
    b: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
  };
  expect([...singularValues(lora)]).toEqual([4, 2, 1]);
});

it('gives zeros beyond the rank: for an adapter not trained yet, and for one wider than the matrix', () => {
  const random = seededRandom(5);
  const untrained = loraOf(4, [6, 5], () => random.uniform() - 0.5);
  expect([...singularValues({ ...untrained, b: new Float32Array(24) })]).toEqual([0, 0, 0, 0]);
  const wide = singularValues(loraOf(4, [2, 7], () => random.uniform() - 0.5));
  expect(wide[1]).toBeGreaterThan(0);
  expect((wide[2] ?? 1) / (wide[0] ?? 0)).toBeLessThan(1e-6);
});

it('keeps the sum of squares, which is that of all changed weights, for any adapter', () => {
  checkProperty(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 2 ** 30 }), (r, seed) => {
      const random = seededRandom(seed);
      const lora = loraOf(r, [9, 7], () => random.uniform() - 0.5, 1.5);
      let squares = 0;
      for (let o = 0; o < 9; o++) {
        for (let i = 0; i < 7; i++) {
          let sum = 0;
          for (let k = 0; k < r; k++) sum += (lora.b[o * r + k] ?? 0) * (lora.a[k * 7 + i] ?? 0);
          squares += (lora.scale * sum) ** 2;
        }
      }
      const values = singularValues(lora);
      expect(values).toHaveLength(r);
      expect(values.reduce((sum, value) => sum + value ** 2, 0) / squares).toBeCloseTo(1, 6);
      expect([...values]).toEqual([...values].sort((x, y) => y - x));
    }),
  );
});

it('refuses an adapter that holds no numbers', () => {
  const lora: LoraModule = { r: 1, scale: 1, shape: [1, 1], a: Float32Array.of(Number.NaN), b: Float32Array.of(1) };
  expectAppError(() => singularValues(lora), 'run-failed');
});
