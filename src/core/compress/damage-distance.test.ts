import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { leavingOut, toDamageDistance } from './damage-distance.ts';

const parts = [0, 1, 2, 3];
const distance = (one: readonly number[], other: readonly number[]) =>
  toDamageDistance(
    parts,
    (part) => one[part] ?? 0,
    (part) => other[part] ?? 0,
  );
const given = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });

test('nothing lies between parts that get the same, and as much from either side where they do not', () => {
  checkProperty(
    fc.property(given, given, (one, other) => {
      expect(distance(one, one)).toBe(0);
      expect(distance(one, other)).toBe(distance(other, one));
      expect(distance(one, other)).toBeLessThanOrEqual(1.25);
      if (one.some((value, i) => value !== other[i])) expect(distance(one, other)).toBeGreaterThan(0);
    }),
  );
});

test('where damage is counts, and of two as far apart part by part the one with as much damage in all is nearer', () => {
  const half = [1, 1, 0, 0];
  expect(distance(half, [0, 0, 1, 1])).toBeGreaterThan(distance(half, [1, 1, 1, 0]));
  expect(distance(half, [1, 0, 1, 0])).toBeLessThan(distance(half, [1, 1, 1, 1]));
});

test('a model without parts has nothing that could differ', () => {
  expect(
    toDamageDistance(
      [],
      () => 0,
      () => 1,
    ),
  ).toBe(0);
});

test('a module that is left alone takes no damage', () => {
  const damageOf = leavingOut(['a'], () => 0.5);
  expect([damageOf('a'), damageOf('b')]).toEqual([0, 0.5]);
  expect(leavingOut(undefined, () => 0.5)('a')).toBe(0.5);
});
