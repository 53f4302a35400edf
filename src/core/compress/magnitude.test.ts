import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { readGolden, readGoldenCheckpoint } from '../../testing/fixtures.ts';
import { toVariant } from './apply-recipe.ts';
import { GRANULARITIES, type MagnitudeStep, magnitude } from './magnitude.ts';
import { unpackBits } from './pack-bits.ts';
import type { DenseMatrix, VariantMatrix } from './variant.ts';

const golden = readGolden();
const checkpoint = readGoldenCheckpoint();

const dense = (weight: readonly number[], out: number): DenseMatrix => ({
  kind: 'dense',
  shape: [out, weight.length / out],
  weight: Float32Array.from(weight),
  mask: null,
  pattern: null,
});
type ShareStep = Extract<MagnitudeStep, { sparsity: number }>;
const halve: ShareStep = { method: 'magnitude', sparsity: 0.5, granularity: 'per-output' };
const prune = (matrices: ReadonlyMap<string, VariantMatrix>, options: Partial<ShareStep>) =>
  new Map([...matrices, ...magnitude.apply(matrices, { ...halve, ...options })]);
const weightOf = (matrix: VariantMatrix | undefined) => (matrix?.kind === 'dense' ? [...matrix.weight] : []);

describe.each(GRANULARITIES)('%s', (granularity) => {
  it.each([0.5, 0.37])('keeps exactly the weights that PyTorch keeps at %d', (sparsity) => {
    const pruned = prune(toVariant(checkpoint).matrices, { sparsity, granularity });
    const kept = golden.modules.flatMap((module) => [...(pruned.get(module)?.mask ?? [])]);
    const bits = Uint8Array.from(golden.tensor(`mask/${granularity}/${sparsity}`).data);
    expect(kept).toEqual([...unpackBits(bits, 1, kept.length)]);
  });

  it('removes exactly the share asked for, whatever the weights are, and only ever the smallest', () => {
    const weights = fc.array(fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(0, -0, 1, -1)), {
      minLength: 12,
      maxLength: 12,
    });
    checkProperty(
      fc.property(weights, weights, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, sparsity) => {
        const before = new Map([
          ['a', dense(a, 3)],
          ['b', dense(b, 2)],
        ]);
        const after = prune(before, { sparsity, granularity });
        const scopes: number[][][] = [];
        for (const [module, matrix] of before) {
          const mask = after.get(module)?.mask ?? new Uint8Array(12).fill(1);
          const size = granularity === 'per-output' ? matrix.shape[1] : 12;
          for (let start = 0; start < 12; start += size) {
            const scope = Array.from({ length: size }, (_, i) => [
              Math.abs(matrix.weight[start + i] ?? 0),
              mask[start + i] ?? 1,
            ]);
            if (granularity === 'global' && scopes.length > 0) scopes[0]?.push(...scope);
            else scopes.push(scope);
          }
        }
        for (const scope of scopes) {
          const removed = scope.filter(([, keep]) => keep === 0).map(([size = 0]) => size);
          const kept = scope.filter(([, keep]) => keep === 1).map(([size = 0]) => size);
          expect(removed.length).toBe(Math.floor(sparsity * scope.length));
          expect(Math.max(...removed)).toBeLessThanOrEqual(Math.min(...kept));
        }
      }),
    );
  });

  it('is the identity at level 0', () => {
    const { matrices } = toVariant(checkpoint);
    expect(prune(matrices, { sparsity: 0, granularity })).toEqual(new Map(matrices));
  });

  it('leaves nothing at level 1', () => {
    const pruned = prune(new Map([['a', dense([1, 2, -3, 4], 2)]]), { sparsity: 1, granularity });
    expect(weightOf(pruned.get('a'))).toEqual([0, 0, 0, 0]);
  });
});

it('takes the lower index first where weights are equal, across rows and matrices', () => {
  const two = new Map([
    ['a', dense([1, -1, 1, 1], 2)],
    ['b', dense([1, 1, -1, 1], 2)],
  ]);
  const results = GRANULARITIES.map((granularity) => {
    const pruned = prune(two, { sparsity: 0.75, granularity });
    return [weightOf(pruned.get('a')), weightOf(pruned.get('b'))];
  });
  expect(results).toEqual([
    // floor(0.75 * 2) is 1 a row, floor(0.75 * 4) is 3 a matrix, floor(0.75 * 8) is 6 in all.
    [
      [0, -1, 0, 1],
      [0, 1, 0, 1],
    ],
    [
      [0, 0, 0, 1],
      [0, 0, 0, 1],
    ],
    [
      [0, 0, 0, 0],
      [0, 0, -1, 1],
    ],
  ]);
});

it('leaves excluded matrices alone and out of the count', () => {
  const two = new Map([
    ['a', dense([1, 2, 3, 4], 1)],
    ['b', dense([5, 6, 7, 8], 1)],
  ]);
  const pruned = prune(two, { sparsity: 0.5, granularity: 'global', exclude: ['a'] });
  expect(pruned.get('a')).toBe(two.get('a'));
  expect(weightOf(pruned.get('b'))).toEqual([0, 0, 7, 8]);
});

it('changes none of the weights it was given', () => {
  const { matrices } = toVariant(checkpoint);
  const before = [...matrices.values()].map((matrix) => weightOf(matrix));
  prune(matrices, { sparsity: 0.9, granularity: 'global' });
  expect([...matrices.values()].map((matrix) => weightOf(matrix))).toEqual(before);
});

it('keeps what an earlier step removed, where a second one prunes less', () => {
  const once = prune(new Map([['a', dense([1, 2, 3, 4], 1)]]), { sparsity: 0.5 });
  const twice = prune(once, { sparsity: 0.25 });
  expect([...(twice.get('a')?.mask ?? [])]).toEqual([0, 0, 1, 1]);
});
