import { expect, it } from 'vitest';
import type { PatchMap } from './capture.ts';
import { LEAST_GAP, restoredShare, toPatchEffect } from './patch-effect.ts';

const gap = { donorProbability: 0.9, receiverProbability: 0.1 };

function mapOf(values: readonly number[], part: Partial<PatchMap> = {}): PatchMap {
  return {
    of: 'heads',
    columns: ['1', '2', '3'].map((text) => ({ text, kind: 'token' })),
    numLayers: values.length / 3,
    values: Float32Array.from(values),
    whole: new Float32Array(values.length / 3).fill(0.9),
    ...gap,
    ...part,
  };
}

it('restores nothing at the receiver, everything at the donor, and half half-way', () => {
  expect(restoredShare(0.1, gap)).toBe(0);
  expect(restoredShare(0.9, gap)).toBe(1);
  expect(restoredShare(0.5, gap)).toBeCloseTo(0.5, 12);
});

it('says where a patch does harm, and where it goes beyond the donor', () => {
  expect(restoredShare(0, gap)).toBeCloseTo(-0.125, 12);
  expect(restoredShare(0.98, gap)).toBeCloseTo(1.1, 12);
});

it('turns round where the donor is the worse of the two', () => {
  expect(restoredShare(0.3, { donorProbability: 0.1, receiverProbability: 0.9 })).toBeCloseTo(0.75, 12);
});

it('takes no share of next to nothing, or of what is no number', () => {
  const narrow = { donorProbability: 0.5 + LEAST_GAP / 2, receiverProbability: 0.5 };
  expect(restoredShare(0.6, narrow)).toBeNull();
  expect(restoredShare(0.5, { donorProbability: 0.5, receiverProbability: 0.5 })).toBeNull();
  expect(restoredShare(Number.NaN, gap)).toBeNull();
});

it('finds the cell that restores most, without the heads that are gone', () => {
  const { shares, whole, most } = toPatchEffect(mapOf([0.1, Number.NaN, 0.3, 0.5, 0.7, 0.7]));
  expect(shares[1]).toBeNull();
  expect(shares[0]).toBeCloseTo(0, 6);
  expect(most).toEqual({ layer: 1, column: 1, share: expect.closeTo(0.75, 6) });
  expect(whole).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)]);
});

it('finds none where donor and receiver say the same, or where nothing can be patched', () => {
  expect(toPatchEffect(mapOf([0.1, 0.2, 0.3], { donorProbability: 0.1 })).most).toBeNull();
  expect(toPatchEffect(mapOf([])).most).toBeNull();
});
