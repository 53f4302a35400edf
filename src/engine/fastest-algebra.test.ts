import { expect, test } from 'vitest';
import { plainAlgebra } from '../core/linear-algebra/plain-algebra.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { FastestAlgebra } from './fastest-algebra.ts';
import { createRuntime } from './session.ts';

test('without a GPU nothing is tried, and ONNX Runtime computes the updates in float64', async () => {
  const algebra = new FastestAlgebra(await createRuntime({ kind: 'wasm' }));
  const root = Float64Array.from({ length: 36 }, (_, i) => Math.sin(i));
  const errors = Float64Array.from({ length: 8 }, (_, i) => Math.cos(i));
  const shape = { rows: 4, columns: 6, blockSize: 2 };
  const [updates, plain] = [await algebra.openUpdates(root, shape), await plainAlgebra.openUpdates(root, shape)];
  expect(maxDifference(await updates.next(errors, 2), await plain.next(errors, 2))).toBeLessThan(1e-12);
  expect(algebra.choice).toBeNull();
  updates.dispose();
  await algebra.dispose();
});
