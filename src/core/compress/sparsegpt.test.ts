import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkAsyncProperty } from '../../testing/check-property.ts';
import { compressLayer, makeGram, makeMatrix, withoutMagnitudes } from '../../testing/make-calibration.ts';
import { plainAlgebra } from '../linear-algebra/plain-algebra.ts';
import { roundToF16 } from '../tensor/half.ts';
import type { Gram } from './calibration.ts';
import { PATTERN_NAMES } from './pruning-amount.ts';
import { fitsPattern } from './score-mask.ts';
import { type SparsegptStep, sparsegpt } from './sparsegpt.ts';
import type { DenseMatrix } from './variant.ts';
import { pruneMatrix } from './variant-matrix.ts';

const module = 'model.layers.0.mlp.down_proj';
const walk = { blockSize: 8, dampening: 0.01, calibration: { samples: 8, seed: 0 } };
const prune = async (matrix: DenseMatrix, step: object, gram: Gram = makeGram(16, 3), dtype: 'F16' | 'F32' = 'F32') => {
  const whole = { method: 'sparsegpt', ...walk, ...step } as SparsegptStep;
  const after = await compressLayer(
    new Map([[module, matrix]]),
    new Map([['down', withoutMagnitudes(gram)]]),
    [whole],
    dtype,
  );
  const result = after.get(module);
  if (result?.kind !== 'dense') throw new Error('it must be dense');
  return result;
};

it('removes exactly the share asked for from every block of columns', async () => {
  await checkAsyncProperty(
    fc.asyncProperty(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.nat(), async (sparsity, seed) => {
      const { mask, weight } = await prune(makeMatrix([3, 16], seed), { sparsity });
      for (const start of [0, 8]) {
        const block = (mask ?? weight).filter((_, i) => Math.floor((i % 16) / 8) * 8 === start);
        expect(block.filter((keep) => keep === 0)).toHaveLength(Math.floor(sparsity * 24));
      }
      weight.forEach((value, i) => {
        if (mask?.[i] === 0) expect(value).toBe(0);
      });
    }),
    50,
  );
});

it.each(PATTERN_NAMES)('keeps N of every M inputs: %s', async (pattern) => {
  await checkAsyncProperty(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const result = await prune(makeMatrix([3, 16], seed), { pattern });
      expect(result.pattern).toBe(pattern);
      expect(fitsPattern(result.mask ?? new Uint8Array(), pattern)).toBe(true);
    }),
    50,
  );
});

it('gives the matrix back as it is at level 0', async () => {
  const before = makeMatrix([3, 16], 1);
  expect(await prune(before, { sparsity: 0 })).toBe(before);
});

it('takes the smallest weights and changes no other where inputs do not hang together', async () => {
  const data = new Float64Array(256);
  for (let j = 0; j < 16; j++) data[j * 17] = 4;
  const before = makeMatrix([3, 16], 2);
  const { weight, mask } = await prune(before, { sparsity: 0.5, blockSize: 16 }, { size: 16, data });
  const largestGone = Math.max(...before.weight.filter((_, i) => mask?.[i] === 0).map(Math.abs));
  before.weight.forEach((value, i) => {
    if (mask?.[i] === 1) expect(Math.abs(value)).toBeGreaterThanOrEqual(largestGone);
    expect(weight[i]).toBe(mask?.[i] === 1 ? value : 0);
  });
});

it('sets the weights of an input that was never on to zero', async () => {
  const gram = makeGram(16, 3);
  for (let j = 0; j < 16; j++) gram.data[5 * 16 + j] = gram.data[j * 16 + 5] = 0;
  const { weight } = await prune(makeMatrix([3, 16], 2), { sparsity: 0.25 }, gram);
  expect([...weight.filter((_, i) => i % 16 === 5)]).toEqual([0, 0, 0]);
});

it('rounds what it changed to the dtype of the checkpoint', async () => {
  const { weight } = await prune(makeMatrix([3, 16], 2), { sparsity: 0.5 }, makeGram(16, 3), 'F16');
  expect(weight).toEqual(weight.map(roundToF16));
});

it('keeps what an earlier step removed, and changes nothing it was given', async () => {
  const before = makeMatrix([3, 16], 5);
  const pruned = await prune(before, { sparsity: 0.5 });
  const copy = structuredClone(pruned);
  const twice = await prune(pruned, { sparsity: 0.25 });
  pruned.mask?.forEach((keep, i) => {
    if (keep === 0) expect([twice.mask?.[i], twice.weight[i]]).toEqual([0, 0]);
  });
  expect(pruned).toEqual(copy);
});

it('counts what an earlier step removed among the weights that go, and removes no other where that is enough', async () => {
  await checkAsyncProperty(
    fc.asyncProperty(
      fc.array(fc.constantFrom(0, 1, 1), { minLength: 48, maxLength: 48 }),
      fc.nat(),
      async (bits, seed) => {
        const before = pruneMatrix(makeMatrix([3, 16], seed), Uint8Array.from(bits)) as DenseMatrix;
        const { mask } = await prune(before, { sparsity: 0.55, blockSize: 4 });
        const gone = (of: DenseMatrix['mask'], start: number) =>
          of?.reduce((sum, keep, i) => sum + (Math.floor((i % 16) / 4) * 4 === start ? 1 - keep : 0), 0) ?? 0;
        for (const start of [0, 4, 8, 12]) expect(gone(mask, start)).toBe(Math.max(6, gone(before.mask, start)));
      },
    ),
    50,
  );
});

it('lets what is left make up for an error that reached a weight which was gone already', async () => {
  // One column a block, of two weights one goes. Above, the first goes now and the second had gone before: the third makes up for both.
  const data = Float64Array.of(4, 2, 2, 2, 4, 2, 2, 2, 4);
  const before: DenseMatrix = {
    kind: 'dense',
    shape: [2, 3],
    weight: Float32Array.of(0.5, 0, 2, 2, 0.01, 0.1),
    mask: Uint8Array.of(1, 0, 1, 1, 1, 1),
    pattern: null,
  };
  const { weight, mask } = await prune(before, { sparsity: 0.5, blockSize: 1, dampening: 0 }, { size: 3, data });
  expect([...(mask ?? [])]).toEqual([0, 0, 1, 1, 1, 0]);
  // With one input left, least squares are plain: w = x_3 . (0.5 x_1 + 2 x_3) / (x_3 . x_3).
  expect(weight[2]).toBeCloseTo((0.5 * 2 + 2 * 4) / 4, 6);
});

it('stops between blocks where the caller has stopped', async () => {
  let blocks = 0;
  const pause = async () => {
    blocks += 1;
    if (blocks === 2) throw new Error('stopped');
  };
  const step = { method: 'sparsegpt', sparsity: 0.5, ...walk } as const;
  const matrices = new Map([[module, makeMatrix([3, 32], 1)]]);
  const options = { algebra: plainAlgebra, dtype: 'F32', pause } as const;
  const changes = sparsegpt.applyLayer(matrices, new Map([['down', makeGram(32, 1)]]), step, options);
  await expect(collect(changes)).rejects.toThrow('stopped');
  expect(blocks).toBe(2);
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
