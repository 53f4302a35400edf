import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainAlgebra } from '../core/linear-algebra/plain-algebra.ts';
import { normal, seededRandom } from '../core/random.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { OrtAlgebra } from './ort-algebra.ts';
import { createRuntime, type Runtime } from './session.ts';

// Entries below 10; both count in float64, in another order.
const TOLERANCE = 1e-9;

let runtime: Runtime;
let algebra: OrtAlgebra;
beforeAll(async () => {
  runtime = await createRuntime({ kind: 'wasm' });
  algebra = new OrtAlgebra(runtime);
});
afterAll(() => algebra.dispose());

function draw(count: number, seed: number): Float64Array<ArrayBuffer> {
  const random = seededRandom(seed);
  return Float64Array.from({ length: count }, () => normal(random));
}

/** `A A^T / n + I / 10` of a random `A` `[n, n]`. */
function positiveDefinite(n: number): Float64Array<ArrayBuffer> {
  const a = draw(n * n, n);
  const h = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += (a[i * n + k] ?? 0) * (a[j * n + k] ?? 0);
      h[i * n + j] = sum / n + (i === j ? 0.1 : 0);
    }
  }
  return h;
}

describe.each([1, 7, 128, 129, 200, 384])('of size %i', (n) => {
  test('the inverse root is that of the plain loops, and its input stays as it was', async () => {
    const h = positiveDefinite(n);
    const before = h.slice();
    const root = await algebra.inverseRoot(h, n);
    expect(maxDifference(root, await plainAlgebra.inverseRoot(h, n))).toBeLessThan(TOLERANCE);
    expect(h).toEqual(before);
    for (let row = 1; row < n; row++)
      expect(root.subarray(row * n, row * n + row).every((value) => value === 0)).toBe(true);
  });

  test('what settled columns take from those behind them is that of the plain loops', async () => {
    const k = Math.ceil(n / 3);
    const shape = { rows: 5, columns: 3 * k, blockSize: k };
    const root = draw(9 * k * k, 3);
    const [updates, plain] = [await algebra.openUpdates(root, shape), await plainAlgebra.openUpdates(root, shape)];
    for (const seed of [1, 2]) {
      const errors = draw(5 * k, seed);
      const taken = await updates.next(errors, k);
      expect(taken).toHaveLength(5 * k);
      expect(maxDifference(taken, await plain.next(errors, k))).toBeLessThan(TOLERANCE);
    }
    updates.dispose();
  });
});

test('a matrix that has no root is refused wherever that shows, and the next one gets its own', async () => {
  for (const bad of [0, 150, 383]) {
    const h = positiveDefinite(384);
    h[bad * 384 + bad] = -1;
    await expect(algebra.inverseRoot(h, 384)).rejects.toMatchObject({ code: 'run-failed' });
  }
  await expect(algebra.inverseRoot(positiveDefinite(200), 200)).resolves.toHaveLength(200 * 200);
});

test('one session serves all sizes, and it is made again after it was freed', async () => {
  const before = runtime.sessionsCreated;
  expect(before).toBeLessThanOrEqual(1);
  await algebra.dispose();
  await algebra.inverseRoot(positiveDefinite(200), 200);
  expect(runtime.sessionsCreated).toBe(before + 1);
});
