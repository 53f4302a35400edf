import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAsyncProperty } from '../../testing/check-property.ts';
import { AppError } from '../errors.ts';
import { normal, seededRandom } from '../random.ts';
import { plainAlgebra } from './plain-algebra.ts';

const draw = (count: number, seed: number) => {
  const random = seededRandom(seed);
  return Float64Array.from({ length: count }, () => normal(random));
};

/** `A A^T + I / 10` of a random `A` `[n, n]`. */
function positiveDefinite(n: number, seed: number): Float64Array<ArrayBuffer> {
  const a = draw(n * n, seed);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = i === j ? 0.1 : 0;
    for (let k = 0; k < n; k++) sum += (a[i * n + k] ?? 0) * (a[j * n + k] ?? 0);
    return sum;
  });
}

describe('inverseRoot', () => {
  it('gives an upper triangular U with H U^T U = 1', async () => {
    await checkAsyncProperty(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.nat(), async (n, seed) => {
        const h = positiveDefinite(n, seed);
        const u = await plainAlgebra.inverseRoot(h, n);
        const at = (i: number, j: number) => u[i * n + j] ?? 0;
        for (let i = 0; i < n; i++) {
          expect(at(i, i)).toBeGreaterThan(0);
          for (let j = 0; j < i; j++) expect(at(i, j)).toBe(0);
          for (let j = 0; j < n; j++) {
            let product = 0; // row i of H times column j of U^T U
            for (let k = 0; k < n; k++) {
              for (let l = 0; l < n; l++) product += (h[i * n + k] ?? 0) * at(l, k) * at(l, j);
            }
            expect(product).toBeCloseTo(i === j ? 1 : 0, 8);
          }
        }
      }),
    );
  });

  it('leaves the matrix that it was given as it was', async () => {
    const h = positiveDefinite(5, 1);
    const before = h.slice();
    await plainAlgebra.inverseRoot(h, 5);
    expect(h).toEqual(before);
  });

  it.each([
    ['a direction without length', [1, 1, 1, 1]],
    ['a negative one', [1, 0, 0, -1]],
    ['NaN', [1, Number.NaN, Number.NaN, 1]],
    ['infinity', [Number.POSITIVE_INFINITY, 0, 0, 1]],
  ])('refuses %s', async (_, h) => {
    const failed = plainAlgebra.inverseRoot(Float64Array.from(h), 2);
    await expect(failed).rejects.toBeInstanceOf(AppError);
    await expect(failed).rejects.toMatchObject({ code: 'run-failed', message: expect.stringMatching(/above 0.*\.$/) });
  });
});

it('gives each block what all the columns before it take from it, whatever the widths', async () => {
  const [rows, columns] = [3, 8];
  const root = draw(columns * columns, 4);
  const updates = await plainAlgebra.openUpdates(root, { rows, columns, blockSize: 3 });
  const errors = draw(rows * columns, 3); // [rows, columns]
  for (const [start, end, width] of [
    [0, 3, 3],
    [3, 6, 2],
  ] as const) {
    const block = Float64Array.from({ length: rows * (end - start) }, (_, i) => {
      return errors[Math.floor(i / (end - start)) * columns + start + (i % (end - start))] ?? 0;
    });
    const taken = await updates.next(block, width);
    expect(taken).toHaveLength(rows * width);
    for (let row = 0; row < rows; row++) {
      for (let c = 0; c < width; c++) {
        let product = 0;
        for (let k = 0; k < end; k++) product += (errors[row * columns + k] ?? 0) * (root[k * columns + end + c] ?? 0);
        expect(taken[row * width + c]).toBeCloseTo(product, 12);
      }
    }
  }
  updates.dispose();
});
