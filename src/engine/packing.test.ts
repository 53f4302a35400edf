import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addUncachedAttention } from '../core/onnx/attention.ts';
import { DECODER_INPUTS } from '../core/onnx/decoder-spec.ts';
import { GraphBuilder } from '../core/onnx/graph.ts';
import { TINY_CONFIG } from '../testing/make-checkpoint.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { TOLERANCES } from '../testing/tolerances.ts';
import { packItems, packWhole, toAttentionBias, toLengthRule } from './packing.ts';
import { createRuntime } from './session.ts';

const AS_IT_IS = toLengthRule(false);
const FEW = toLengthRule(true);
const ITEMS = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 20,
});

test('every item stands in exactly one row, its tokens in order along its path', () => {
  fc.assert(
    fc.property(ITEMS, (items) => {
      const placed = packItems(items, { rowLength: 24, toLength: AS_IT_IS }).flatMap(({ placements, ids, depths }) =>
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
      for (const { placements, parents } of packItems(items, { rowLength: 24, toLength: FEW })) {
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
      for (const { placements, ids } of packItems(items, { rowLength: 32, toLength: FEW })) {
        expect([16, 32]).toContain(ids.length);
        expect(placements.length).toBeGreaterThan(0);
      }
    }),
  );
  expect(packItems([new Array<number>(40).fill(1)], { rowLength: 32, toLength: FEW })[0]?.ids).toHaveLength(64);
});

test('where nothing is compiled a row holds no padding', () => {
  expect(packItems([new Array<number>(21).fill(1)], { rowLength: 32, toLength: AS_IT_IS })[0]?.ids).toHaveLength(21);
});

test('padding stops at the capacity', () => {
  const [row] = packItems([new Array<number>(40).fill(1)], { rowLength: 32, toLength: toLengthRule(true, 50) });
  expect(row?.ids).toHaveLength(50);
});

test('a common beginning stands in a row once', () => {
  const [row] = packItems(
    [
      [1, 2, 3, 4],
      [1, 2, 3, 5],
      [1, 2, 6],
    ],
    { rowLength: 16, toLength: AS_IT_IS },
  );
  expect(row?.ids).toHaveLength(6);
});

test('items come by length, those that are as long by their tokens', () => {
  fc.assert(
    fc.property(ITEMS, (items) => {
      const rows = packItems(items, { rowLength: 24, toLength: AS_IT_IS });
      const placed = rows.flatMap(({ placements }) => placements.map(({ item }) => items[item] ?? []));
      const sorted = [...items].sort((a, b) => a.length - b.length || (`${a}` < `${b}` ? -1 : 1));
      expect(placed).toEqual(sorted);
    }),
  );
});

test('the choices of a question stay together, sorted by the longest of them', () => {
  const [first, second] = [
    [1, 2, 3],
    [1, 2, 4, 5, 6],
  ];
  const other = [7, 7, 7, 7];
  const [row] = packItems([second, other, first], { rowLength: 24, toLength: AS_IT_IS, lengths: [5, 4, 5] });
  expect(row?.placements.map(({ item }) => item)).toEqual([1, 2, 0]);
  expect(row?.ids).toEqual([7, 7, 7, 7, 1, 2, 3, 4, 5, 6]);
});

test('packed whole, every token of every item stands in a row of its own and no row is too long', () => {
  fc.assert(
    fc.property(ITEMS, (items) => {
      const rows = packWhole(items, { rowLength: 24, toLength: AS_IT_IS });
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

test.each([20, 100, 1000])(
  'a hidden key gets nothing of the attention where it scores %i above those that are seen',
  async (lead) => {
    // Two items of two tokens in one row: the second must not see the keys of the first, which score so much more.
    const scores = [lead, lead, 1, 0];
    const [row] = packItems(
      [
        [1, 2],
        [3, 4],
      ],
      { rowLength: 4, toLength: AS_IT_IS },
    );
    expect(row?.parents).toEqual([-1, 0, -1, 2]);
    const runtime = await createRuntime({ kind: 'wasm' });
    const session = await runtime.createSession(buildAttention(), { onCpu: true });
    const value = (shape: readonly number[], data: readonly number[]) =>
      ({ type: 'float32', shape, data: Float32Array.from(data) }) as const;
    const outputs = await session.run(
      {
        query: value([1, 4, 1], [1, 1, 1, 1]),
        key: value([1, 4, 1], scores),
        value: value([1, 4, 1], [1e6, 1e6, 2, 4]),
        [DECODER_INPUTS.queryScale]: value([1], [1]),
        [DECODER_INPUTS.bias]: value([1, 1, 4, 4], [...toAttentionBias(row?.parents ?? [], 0)]),
      },
      { heads: null },
    );
    const ofSecond = Array.from(outputs.get('heads')?.data ?? [], Number).slice(2);
    const share = 1 / (1 + Math.exp(-1)); // of the key that scores 1, beside one that scores 0
    expect(maxDifference(ofSecond, [2, share * 2 + (1 - share) * 4])).toBeLessThan(TOLERANCES.activations.absolute);
  },
);

/** Attention of one head of size 1. */
function buildAttention(): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder('attention');
  const input = (name: string) => graph.input(name, 'float32', [1, 'S', 1]);
  const projected = { query: input('query'), key: input('key'), value: input('value') };
  graph.input(DECODER_INPUTS.queryScale, 'float32', [1]);
  graph.input(DECODER_INPUTS.bias, 'float32', [1, 1, 'S', 'S']);
  const config = { ...TINY_CONFIG, numHeads: 1, numKvHeads: 1, headDim: 1 };
  const heads = addUncachedAttention(graph, 0, projected, config);
  graph.node('/heads', 'Identity', [heads], { outputs: ['heads'] });
  graph.output('heads', 'float32', [1, 'S', 1]);
  return graph.toModel();
}
