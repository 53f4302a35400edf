import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkAsyncProperty } from '../../testing/check-property.ts';
import { compressLayer, makeGram, makeMatrix, withoutMagnitudes } from '../../testing/make-calibration.ts';
import { plainOutputError } from '../../testing/plain-output-error.ts';
import type { Gram } from './calibration.ts';
import type { GptqStep } from './gptq.ts';
import { BITS, dequantize, quantize } from './grid.ts';
import type { RecipeStep } from './recipe.ts';
import type { DenseMatrix, QuantizedMatrix } from './variant.ts';

const module = 'model.layers.0.mlp.down_proj';
const base: GptqStep = {
  method: 'gptq',
  bits: 4,
  groupSize: 16,
  symmetric: false,
  actOrder: false,
  blockSize: 16,
  dampening: 0.01,
  calibration: { samples: 8, seed: 0 },
};
const round = async (matrix: DenseMatrix, step: Partial<GptqStep>, gram: Gram, ...before: RecipeStep[]) => {
  const steps: RecipeStep[] = [...before, { ...base, ...step }];
  const after = await compressLayer(new Map([[module, matrix]]), new Map([['down', withoutMagnitudes(gram)]]), steps);
  const result = after.get(module);
  if (result?.kind !== 'quantized') throw new Error('it must be quantized');
  return result;
};
const errorOf = (matrix: DenseMatrix, rounded: QuantizedMatrix, gram: Gram) =>
  plainOutputError(
    dequantize(rounded).map((value, i) => value - (matrix.weight[i] ?? 0)),
    gram,
  );

it.each([true, false])('rounds as RTN does where inputs do not hang together; act order: %s', async (actOrder) => {
  const data = new Float64Array(32 * 32);
  for (let j = 0; j < 32; j++) data[j * 33] = 1 + (j % 7);
  await checkAsyncProperty(
    fc.asyncProperty(fc.nat(), fc.constantFrom(...BITS), fc.boolean(), async (seed, bits, symmetric) => {
      const matrix = makeMatrix([3, 32], seed);
      const grid = { bits, groupSize: 16, symmetric, scaleDtype: 'F32' } as const;
      const rounded = await round(matrix, { ...grid, actOrder }, { size: 32, data });
      expect(rounded).toEqual(quantize(matrix.weight, matrix.shape, grid));
    }),
    50,
  );
});

it('moves the outputs less than RTN does, over all rows of a matrix', async () => {
  await checkAsyncProperty(
    fc.asyncProperty(fc.nat(), fc.boolean(), async (seed, actOrder) => {
      const [matrix, gram] = [makeMatrix([16, 32], seed), makeGram(32, seed + 1, 256)];
      const { bits, groupSize, symmetric } = base;
      const nearest = quantize(matrix.weight, matrix.shape, { bits, groupSize, symmetric, scaleDtype: 'F16' });
      const rounded = await round(matrix, { actOrder }, gram);
      expect(errorOf(matrix, rounded, gram)).toBeLessThan(errorOf(matrix, nearest, gram));
    }),
    30,
  );
});

it('makes the same whatever the size of its blocks', async () => {
  const [matrix, gram] = [makeMatrix([8, 64], 3), makeGram(64, 4)];
  for (const actOrder of [true, false]) {
    const small = await round(matrix, { actOrder, blockSize: 16 }, gram);
    const whole = await round(matrix, { actOrder, blockSize: 64 }, gram);
    expect(small.codes).toEqual(whole.codes);
  }
});

it('keeps every group on the grid of the weights as they were in the order of activations', async () => {
  const [matrix, gram] = [makeMatrix([4, 32], 1), makeGram(32, 2)];
  const nearest = quantize(matrix.weight, matrix.shape, { ...base, scaleDtype: 'F16' });
  const { scales, zeroPoints } = await round(matrix, { actOrder: true }, gram);
  expect({ scales, zeroPoints }).toEqual({ scales: nearest.scales, zeroPoints: nearest.zeroPoints });
  expect((await round(matrix, { actOrder: false }, gram)).scales).not.toEqual(nearest.scales);
});

it.each([true, false])('leaves what was pruned before at zero; act order: %s', async (actOrder) => {
  const [matrix, gram] = [makeMatrix([4, 32], 1), makeGram(32, 2)];
  const prune = { method: 'magnitude', pattern: '2:4' } as const;
  const rounded = await round(matrix, { actOrder }, gram, prune);
  const weight = dequantize(rounded);
  expect(rounded.mask?.filter((keep) => keep === 0)).toHaveLength(64);
  rounded.mask?.forEach((keep, i) => {
    if (keep === 0) expect(weight[i]).toBe(0);
  });
});

it('takes the bits of a matrix of its own, and changes nothing it was given', async () => {
  const [matrix, gram] = [makeMatrix([4, 32], 1), makeGram(32, 2)];
  const copy = structuredClone({ matrix, gram });
  expect(await round(matrix, { bitsPerMatrix: { [module]: 2 } }, gram)).toMatchObject({ bits: 2, mask: null });
  expect({ matrix, gram }).toEqual(copy);
});
