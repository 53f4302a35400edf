import { expect, test, vi } from 'vitest';
import { applyRecipe } from '../core/compress/apply-recipe.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { Variant } from '../core/compress/variant.ts';
import { toWeightFormat } from '../core/onnx/weight-format.ts';
import { tinyCheckpoint } from '../testing/make-checkpoint.ts';
import { createRuntime } from './session.ts';
import { WeightStore } from './weight-store.ts';
import { variantWeightsSize } from './weights.ts';

const checkpoint = tinyCheckpoint();
const compress = (step: object) => applyRecipe(checkpoint, parseRecipe({ version: 1, steps: [step] }));
const round = (bits: number) => compress({ method: 'rtn', bits, groupSize: 16, symmetric: false });
const dense = await applyRecipe(checkpoint, null);
const pruned = await compress({ method: 'magnitude', sparsity: 0.5, granularity: 'per-output' });
const [four, eight] = [await round(4), await round(8)];

const runtime = await createRuntime({ kind: 'wasm' });
const [denseBytes, fourBytes, eightBytes] = [dense, four, eight].map((variant) =>
  variantWeightsSize(runtime, variant),
) as [number, number, number];

/** A store with so many bytes to fill, and the most that were ever held. */
async function makeStore(budgetBytes: number) {
  const runtime = await createRuntime({ kind: 'wasm' });
  const evicted: string[] = [];
  const store = new WeightStore(runtime, budgetBytes, (key) => evicted.push(key));
  let peakBytes = 0;
  const count = runtime.count.bind(runtime);
  vi.spyOn(runtime, 'count').mockImplementation((bytes) => {
    count(bytes);
    peakBytes = Math.max(peakBytes, runtime.ownedBytes);
  });
  const add = (key: string, variant: Variant) => store.add(key, toWeightFormat(variant), variant);
  return { runtime, store, evicted, add, peakBytes: () => peakBytes };
}

test('a set takes as many bytes as are reckoned for it', async () => {
  const { runtime, add } = await makeStore(9 * denseBytes);
  expect(add('dense', dense).sizeBytes).toBe(denseBytes);
  expect(add('four', four).sizeBytes).toBe(fourBytes);
  expect(runtime.ownedBytes).toBe(denseBytes + fourBytes);
});

test('the budget is not passed even while a set is made: as many give way as must, those used longest ago first', async () => {
  const budget = denseBytes + fourBytes + eightBytes - 1;
  const { store, evicted, add, peakBytes } = await makeStore(budget);
  add('four', four);
  add('eight', eight);
  store.find('four');
  add('dense', dense);
  expect(evicted).toEqual(['eight']);
  add('pruned', pruned);
  expect(evicted).toEqual(['eight', 'four', 'dense']);
  expect(store.find('pruned')).not.toBeNull();
  expect(peakBytes()).toBeLessThanOrEqual(budget);
});

test('a set that is larger than the budget stands alone', async () => {
  const { runtime, evicted, add, peakBytes } = await makeStore(fourBytes);
  add('four', four);
  add('dense', dense);
  expect(evicted).toEqual(['four']);
  expect([runtime.ownedBytes, peakBytes()]).toEqual([denseBytes, denseBytes]);
});

test('the buffers of a set that gave way serve the next one of its format', async () => {
  const { add, peakBytes } = await makeStore(1.2 * denseBytes);
  const first = add('dense', dense);
  const tensors = [...first.tensors.values()];
  expect([...add('pruned', pruned).tensors.values()]).toEqual(tensors);
  expect(peakBytes()).toBe(denseBytes);
});
