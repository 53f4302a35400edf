import { expect, test } from 'vitest';
import { tensorShapes } from '../checkpoint/shapes.ts';
import { SMOLLM2_135M } from '../checkpoint/smollm2.ts';
import { SHAPE_FORMS, toShapeSpec } from './shape-regimes.ts';
import { createRandomWeights, measureShape, toShapeRegimeSize, toShapeWeights } from './shape-weights.ts';

const countOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

test('the dense form asks for exactly the parameters of SmolLM2-135M, and for the tables of the rotation', () => {
  const weights = toShapeWeights(toShapeSpec(SMOLLM2_135M, 'dense', false));
  const parameters = [...tensorShapes(SMOLLM2_135M).values()].reduce((sum, shape) => sum + countOf(shape), 0);
  const asked = weights.filter(({ name }) => !/^(cos|sin)_cache$/.test(name)).map(({ shape }) => countOf(shape));
  expect(parameters).toBe(134_515_008);
  expect(asked.reduce((sum, count) => sum + count, 0)).toBe(parameters);
});

test('half of the neurons takes half of the feed-forward weights, four bits less than a fifth of what is linear', () => {
  const { formBytes } = measureShape(SMOLLM2_135M, false);
  const feedForward = 30 * 3 * 576 * 1536 * 4;
  const linear = feedForward + 30 * (2 * 576 * 576 + 2 * 576 * 192) * 4;
  expect(formBytes.dense - formBytes.pruned).toBe(feedForward / 2);
  expect(formBytes.dense - formBytes['four-bit']).toBeGreaterThan(0.8 * linear);
  expect(formBytes.lora).toBeGreaterThan(formBytes.dense);
});

test('what is bound is held once for all forms, what graphs carry once for each', () => {
  const bound = measureShape(SMOLLM2_135M, false);
  const carried = measureShape(SMOLLM2_135M, true);
  const together = SHAPE_FORMS.reduce((sum, form) => sum + bound.formBytes[form], 0);
  expect(bound.totalBytes).toBeLessThan(together / 1.5);
  expect(carried.totalBytes).toBeGreaterThan(together);
  // The table of embeddings is the largest: 49,152 rows of 576 numbers.
  expect(bound.largestBytes).toBe(49_152 * 576 * 4);
});

test('random weights are small, differ, and come alike every time; the rotation is the model’s own', () => {
  const weight = { name: 'w', type: 'float32', shape: [1000, 700] } as const;
  const values = createRandomWeights(SMOLLM2_135M).toValues(weight);
  const again = createRandomWeights(SMOLLM2_135M).toValues(weight);
  // Value by value; `toEqual` takes seconds over so many.
  expect(again.length).toBe(values.length);
  expect(again.every((value, i) => value === values[i])).toBe(true);
  expect(new Set(values).size).toBeGreaterThan(200_000);
  expect(values.every((value) => Math.abs(value) < 0.2)).toBe(true);
  const cos = createRandomWeights(SMOLLM2_135M).toValues({ name: 'cos_cache', type: 'float32', shape: [128, 32] });
  expect(cos[0]).toBe(1);
});

test('a repair adds what it is made of: matrices of rank 8 beside every linear one, or its vectors', () => {
  const measured = measureShape(SMOLLM2_135M, false);
  const extra = (key: 'dense' | 'lora-unmerged' | 'lora-merged' | 'prompt' | 'idp') =>
    toShapeRegimeSize(SMOLLM2_135M, key, measured).extraParameters;
  const perLayer = 2 * (576 + 576) + 2 * (576 + 192) + 3 * (576 + 1536);
  expect(extra('lora-unmerged')).toBe(30 * 8 * perLayer);
  expect(extra('prompt')).toBe(16 * 576);
  expect(extra('idp')).toBe(40 * 576);
  expect([extra('dense'), extra('lora-merged')]).toEqual([0, 0]);
});
