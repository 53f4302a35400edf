import { expect, test } from 'vitest';
import { linearModules } from '../checkpoint/checkpoint.ts';
import { type RoundingOptions, toRoundingDistance } from './rounding-options.ts';
import type { Bits } from './variant.ts';

const modules = linearModules(4);
const rounding = (bits: Bits, rest: Partial<RoundingOptions> & { exclude?: readonly string[] } = {}) => ({
  bits,
  groupSize: 32 as const,
  symmetric: false,
  ...rest,
});
const distance = (one: RoundingOptions, other: RoundingOptions) => toRoundingDistance(one, other, modules);
const bitsOf = (names: readonly string[], bits: Bits) => Object.fromEntries(names.map((name) => [name, bits]));

test('every bit counts for a quarter of the one before', () => {
  const [first, second, third] = ([2, 3, 4] as const).map((bits) => distance(rounding(bits), rounding(8)));
  expect(distance(rounding(2), rounding(3))).toBeCloseTo(4 * distance(rounding(3), rounding(4)), 12);
  expect(first).toBeGreaterThan(second ?? 0);
  expect(second).toBeGreaterThan(third ?? 0);
});

test('matrices of their own count by their bits, not by their number', () => {
  const mixed = rounding(4, { bitsPerMatrix: bitsOf(modules.slice(0, 18), 2) });
  const fine = rounding(4, { bitsPerMatrix: bitsOf(modules.slice(0, 18), 8) });
  expect(distance(mixed, fine)).toBeGreaterThan(distance(rounding(4), fine));
  expect(distance(mixed, rounding(3))).toBeLessThan(distance(rounding(2), rounding(3)));
});

test('the same bits in other words lie at no distance', () => {
  const [some, others] = [modules.slice(0, 10), modules.slice(10)];
  const one = rounding(4, { bitsPerMatrix: bitsOf(some, 2) });
  const other = rounding(2, { bitsPerMatrix: bitsOf(others, 4) });
  expect(distance(one, other)).toBe(0);
});

test('a matrix that is left alone is finer than any grid', () => {
  const exclude = modules.slice(0, 18);
  const left = rounding(2, { exclude });
  expect(distance(left, rounding(2))).toBeGreaterThan(
    distance(rounding(2, { bitsPerMatrix: bitsOf(exclude, 8) }), rounding(2)),
  );
});

test('group size, symmetry and embeddings count for less than a bit from 3 to 2', () => {
  const base = rounding(3);
  const bit = distance(base, rounding(2));
  for (const rest of [{ groupSize: 128 }, { symmetric: true }, { embeddings: 2 }] as const) {
    expect(distance(base, rounding(3, rest))).toBeGreaterThan(0);
    expect(distance(base, rounding(3, rest))).toBeLessThan(bit);
  }
});
