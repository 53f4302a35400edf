import { expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { findFirst, rankOf, toLensLayer, toLogProbabilities } from './lens.ts';

const toText = (id: number) => `token ${id}`;
/** Logits of shares that sum to 1, so that the model says exactly these; a constant on top changes nothing. */
const logitsOf = (...shares: readonly number[]) => Float32Array.from(shares, (share) => Math.log(share) + 3);

it('tells how likely each token of the answer is behind those before it', () => {
  const logits = Float32Array.from([...logitsOf(0.5, 0.25, 0.125, 0.125), ...logitsOf(0.1, 0.2, 0.3, 0.4)]);
  const shares = toLogProbabilities(logits, [1, 3]).map(Math.exp);
  expect(shares[0]).toBeCloseTo(0.25, 6);
  expect(shares[1]).toBeCloseTo(0.4, 6);
});

it('ranks the tokens of the answer and names the likeliest behind the question', () => {
  const logits = Float32Array.from([...logitsOf(0.1, 0.05, 0.4, 0.2, 0.2, 0.05), ...logitsOf(1, 1, 1, 1, 1, 1)]);
  const { ranks, top } = toLensLayer(logits, [0, 5], toText);
  expect(ranks).toEqual([4, 1]);
  expect(top.map(({ text }) => text)).toEqual(['token 2', 'token 3', 'token 4', 'token 0', 'token 1']);
  expect(top[0]?.probability).toBeCloseTo(0.4, 6);
});

it('gives equal tokens the better place', () => {
  expect([0, 1, 2].map((id) => rankOf(Float32Array.of(2, 5, 2), id))).toEqual([2, 1, 2]);
});

it('has the likeliest tokens alone where no answer is known', () => {
  const { logProbabilities, ranks, top } = toLensLayer(logitsOf(0.25, 0.75), [], toText);
  expect(logProbabilities).toHaveLength(0);
  expect(ranks).toEqual([]);
  expect(top).toEqual([
    { text: 'token 1', probability: expect.closeTo(0.75, 6) },
    { text: 'token 0', probability: expect.closeTo(0.25, 6) },
  ]);
});

it('refuses logits that are no numbers, and tokens that are not in the vocabulary', () => {
  expectAppError(() => toLensLayer(Float32Array.of(1, Number.NaN), [0], toText), 'run-failed');
  expectAppError(() => toLensLayer(Float32Array.of(1, Number.NaN), [], toText), 'run-failed');
  expectAppError(() => toLensLayer(Float32Array.of(1, 2), [2], toText), 'input-invalid');
});

it('finds the first layer from which on every token of the answer ranks 1', () => {
  const ranked = (...ranks: readonly (readonly number[])[]) => ranks.map((each) => ({ ranks: each }));
  expect(findFirst(ranked([9, 1], [1, 1], [1, 3], [1, 1], [1, 1]))).toBe(3);
  expect(findFirst(ranked([1], [1], [1]))).toBe(0);
  expect(findFirst(ranked([9, 9], [1, 1], [1, 1], [1, 2]))).toBeNull();
  expect(findFirst(ranked([], []))).toBeNull();
  expect(findFirst([])).toBeNull();
});
