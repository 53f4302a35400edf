import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packItems, packWhole, toAttentionBias, toLengthRule } from './packing.ts';

const AS_IT_IS = toLengthRule(false);
const FEW = toLengthRule(true);
const ITEMS = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 20,
});

test('every item stands in exactly one row, its tokens in order along its path', () => {
  fc.assert(
    fc.property(ITEMS, (items) => {
      const placed = packItems(items, 24, AS_IT_IS).flatMap(({ placements, ids, depths }) =>
        placements.map(({ item, path }) => {
          expect(path.map((i) => ids[i])).toEqual(items[item]);
          expect(path.map((i) => depths[i])).toEqual(path.map((_, depth) => depth));
          return item;
        }),
      );
      expect(placed.sort((a, b) => a - b)).toEqual(items.map((_, i) => i));
    }),
  );
});

test('a token sees the help, the tokens before it in its item, itself, and nothing else', () => {
  fc.assert(
    fc.property(ITEMS, fc.integer({ min: 0, max: 3 }), (items, base) => {
      for (const { placements, parents } of packItems(items, 24, FEW)) {
        const bias = toAttentionBias(parents, base);
        const keys = base + parents.length;
        for (const { path } of placements) {
          for (const [depth, token] of path.entries()) {
            const seen = [...bias.subarray(token * keys, (token + 1) * keys).keys()].filter(
              (key) => bias[token * keys + key] === 0,
            );
            const allowed = [
              ...Array.from({ length: base }, (_, i) => i),
              ...path.slice(0, depth + 1).map((i) => base + i),
            ];
            expect(seen).toEqual(allowed);
          }
        }
      }
    }),
  );
});

test('where shapes are compiled rows are powers of two, no longer than asked for unless one item is', () => {
  fc.assert(
    fc.property(ITEMS, (items) => {
      for (const { placements, ids } of packItems(items, 32, FEW)) {
        expect([16, 32]).toContain(ids.length);
        expect(placements.length).toBeGreaterThan(0);
      }
    }),
  );
  expect(packItems([new Array<number>(40).fill(1)], 32, FEW)[0]?.ids).toHaveLength(64);
});

test('where nothing is compiled a row holds no padding', () => {
  expect(packItems([new Array<number>(21).fill(1)], 32, AS_IT_IS)[0]?.ids).toHaveLength(21);
});

test('padding stops at the capacity', () => {
  expect(packItems([new Array<number>(40).fill(1)], 32, toLengthRule(true, 50))[0]?.ids).toHaveLength(50);
});

test('a common beginning stands in a row once', () => {
  const [row] = packItems(
    [
      [1, 2, 3, 4],
      [1, 2, 3, 5],
      [1, 2, 6],
    ],
    16,
    AS_IT_IS,
  );
  expect(row?.ids).toHaveLength(6);
});

test('packed whole, every token of every item stands in a row of its own and no row is too long', () => {
  fc.assert(
    fc.property(ITEMS, (items) => {
      const rows = packWhole(items, 24, AS_IT_IS);
      const placed = rows.flatMap(({ placements }) => placements.map(({ item }) => item));
      expect(placed).toEqual(items.map((_, i) => i));
      for (const { placements, ids, depths, parents } of rows) {
        expect(ids.length).toBeLessThanOrEqual(24);
        expect(ids).toEqual(placements.flatMap(({ item }) => items[item] ?? []));
        expect(placements.flatMap(({ path }) => path)).toEqual(ids.map((_, i) => i));
        expect(depths.every((depth, i) => (depth === 0 ? parents[i] === -1 : parents[i] === i - 1))).toBe(true);
      }
    }),
  );
});
