import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkAsyncProperty } from '../../testing/check-property.ts';
import { compressLayer, makeGram, makeMatrix, withoutMagnitudes } from '../../testing/make-calibration.ts';
import type { Gram } from './calibration.ts';
import { magnitude } from './magnitude.ts';
import type { VariantMatrix } from './variant.ts';
import type { WandaStep } from './wanda.ts';

const module = 'model.layers.0.mlp.down_proj';
const calibration = { samples: 8, seed: 0 };
const prune = async (matrix: VariantMatrix, step: Partial<WandaStep> & object, gram: Gram = makeGram(16, 3)) => {
  const whole = { method: 'wanda', calibration, ...step } as WandaStep;
  const inputs = new Map([['down', withoutMagnitudes(gram)] as const]);
  return (await compressLayer(new Map([[module, matrix]]), inputs, [whole])).get(module);
};

it('removes exactly the share asked for from every row, and leaves what stays as it was', async () => {
  await checkAsyncProperty(
    fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), async (sparsity, seed) => {
      const before = makeMatrix([3, 16], seed);
      const after = await prune(before, { sparsity });
      if (after?.kind !== 'dense') throw new Error('it must be dense');
      const mask = after.mask ?? new Uint8Array(48).fill(1);
      for (let row = 0; row < 3; row++) {
        const kept = mask.subarray(row * 16, (row + 1) * 16).reduce((sum, keep) => sum + keep, 0);
        expect(kept).toBe(16 - Math.floor(sparsity * 16));
      }
      expect(after.weight).toEqual(before.weight.map((value, i) => (mask[i] === 1 ? value : 0)));
    }),
  );
});

it('gives the matrix back as it is at level 0', async () => {
  const before = makeMatrix([3, 16], 1);
  expect(await prune(before, { sparsity: 0 })).toBe(before);
});

it('prunes as magnitude does where all inputs are alike', async () => {
  const data = new Float64Array(256);
  for (let j = 0; j < 16; j++) data[j * 17] = 9;
  const before = makeMatrix([3, 16], 4);
  const after = await prune(before, { sparsity: 0.5 }, { size: 16, data });
  const step = { method: 'magnitude', sparsity: 0.5, granularity: 'per-output' } as const;
  expect(new Map(magnitude.apply(new Map([[module, before]]), step)).get(module)).toEqual(after);
});

it('keeps the weights of large inputs, however small they are', async () => {
  const data = new Float64Array(16);
  for (let j = 0; j < 4; j++) data[j * 5] = j === 0 ? 1e6 : 1;
  const before = { ...makeMatrix([1, 4], 1), weight: Float32Array.of(0.01, 1, 2, 3) };
  const after = await prune(before, { sparsity: 0.75 }, { size: 4, data });
  expect(after?.mask).toEqual(Uint8Array.of(1, 0, 0, 0));
});

it('leaves excluded matrices alone, takes the sparsity of a matrix of its own, and changes nothing it was given', async () => {
  const before = makeMatrix([3, 16], 5);
  const copy = structuredClone(before);
  expect(await prune(before, { sparsity: 0.5, exclude: [module] })).toBe(before);
  const own = await prune(before, { sparsity: 0.5, sparsityPerMatrix: { [module]: 0.25 } });
  expect(own?.mask?.filter((keep) => keep === 0)).toHaveLength(12);
  expect(before).toEqual(copy);
});
