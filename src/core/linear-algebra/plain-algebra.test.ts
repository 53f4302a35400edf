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

it('subtracts the product from the columns behind a block, and from no other', async () => {
  const [rows, columns, from, k] = [3, 7, 4, 2];
  const target = draw(rows * columns, 2);
  const before = target.slice();
  const [errors, root] = [draw(rows * k, 3), draw(columns * columns, 4)];
  await plainAlgebra.subtractProduct(target, { rows, columns, from, k }, errors, root);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let product = 0;
      for (let i = 0; i < k && column >= from; i++) {
        product += (errors[row * k + i] ?? 0) * (root[(from - k + i) * columns + column] ?? 0);
      }
      const at = row * columns + column;
      expect(target[at]).toBeCloseTo((before[at] ?? 0) - product, 12);
    }
  }
});
