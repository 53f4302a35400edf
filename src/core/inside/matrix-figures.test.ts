import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import type { MatrixReport } from './capture.ts';
import { countFilledZeros, toHistograms, toZeroMap } from './matrix-figures.ts';

function reportOf(before: readonly number[], after: readonly number[], merged?: readonly number[]): MatrixReport {
  return {
    module: 'model.layers.0.mlp.up_proj',
    before: { shape: [1, before.length], weight: Float32Array.from(before) },
    after: { shape: [1, after.length], weight: Float32Array.from(after) },
    lora: merged === undefined ? null : { r: 1, merged: Float32Array.from(merged), singularValues: Float32Array.of(1) },
  };
}

it('counts before, after and merged over the same edges, zeros apart', () => {
  const { edges, before, after, merged } = toHistograms(
    reportOf([-1, -0.25, 0.25, 0.75], [-1, 0, 0, 0.75], [-1.5, 0, 0.5, 2]),
    4,
  );
  expect([...edges]).toEqual([-2, -1, 0, 1, 2]);
  expect([...before.counts]).toEqual([0, 2, 2, 0]);
  expect(after).toEqual({ counts: Int32Array.of(0, 1, 1, 0), zeros: 2, total: 4 });
  expect(merged).toEqual({ counts: Int32Array.of(1, 0, 1, 1), zeros: 1, total: 4 });
});

it('puts every finite weight into one bin, whatever the weights are', () => {
  checkProperty(
    fc.property(fc.float32Array({ minLength: 1, noNaN: true, noDefaultInfinity: true }), (weights) => {
      const { before, edges } = toHistograms(reportOf([...weights], [...weights]));
      expect(before.counts.reduce((sum, count) => sum + count, 0) + before.zeros).toBe(weights.length);
      expect(edges.every((edge, i) => i === 0 || edge > (edges[i - 1] ?? 0))).toBe(true);
    }),
  );
});

it('shows a matrix of zeros, a smaller one after neurons went, and values that are no numbers', () => {
  expect(toHistograms(reportOf([0, 0], [0])).before).toMatchObject({ zeros: 2, total: 2 });
  expect(toHistograms(reportOf([1, 2, 3], [2])).after).toMatchObject({ zeros: 0, total: 1 });
  const { before } = toHistograms(reportOf([Number.NaN, Number.POSITIVE_INFINITY, 1], [1]), 2);
  expect(before).toEqual({ counts: Int32Array.of(0, 1), zeros: 0, total: 3 });
});

it('counts the zeros that a merge fills, and those that it leaves or makes', () => {
  expect(countFilledZeros(reportOf([1, 1, 1, 1], [0, 0, 0, 1], [0.5, 0, 2, 0]))).toEqual({ left: 2, filled: 2 });
  expect(countFilledZeros(reportOf([1], [0]))).toBeNull();
});

/** 4 x 6 with zeros in the upper left 2 x 3. */
const matrix: MatrixReport['before'] = {
  shape: [4, 6],
  weight: Float32Array.from({ length: 24 }, (_, i) => (i < 12 && i % 6 < 3 ? 0 : 1)),
};
const all = { row: 0, column: 0, rows: 4, columns: 6 };

it('gives the share of zeros by block', () => {
  expect(toZeroMap(matrix, all, { rows: 2, columns: 2 })).toEqual({
    rows: 2,
    columns: 2,
    shares: Float32Array.of(1, 0, 0, 0),
  });
  expect(toZeroMap(matrix, all, { rows: 1, columns: 1 }).shares).toEqual(Float32Array.of(0.25));
  expect(toZeroMap(matrix, all, { rows: 1, columns: 4 }).shares).toEqual(Float32Array.of(0.5, 0.5, 0, 0));
});

it('shows single weights once it is near enough, and no further', () => {
  const near = toZeroMap(matrix, { row: 1, column: 2, rows: 2, columns: 2 }, { rows: 100, columns: 100 });
  expect(near).toEqual({ rows: 2, columns: 2, shares: Float32Array.of(1, 0, 0, 0) });
});

it('cuts a window to the matrix', () => {
  expect(toZeroMap(matrix, { row: 1, column: -3, rows: 9, columns: 5 }, { rows: 9, columns: 9 })).toMatchObject({
    rows: 3,
    columns: 2,
  });
  expect(toZeroMap(matrix, { row: 9, column: 0, rows: 2, columns: 2 }, { rows: 2, columns: 2 }).shares).toHaveLength(0);
});

it('finds as many zeros at any zoom', () => {
  const side = fc.integer({ min: 1, max: 9 });
  checkProperty(
    fc.property(side, side, fc.infiniteStream(fc.boolean()), side, side, (out, inputs, zeros, rows, columns) => {
      const weight = Float32Array.from({ length: out * inputs }, () => (zeros.next().value ? 0 : 1));
      const window = { row: 0, column: 0, rows: out, columns: inputs };
      const [far, near] = [
        { rows, columns },
        { rows: out, columns: inputs },
      ].map((most) => toZeroMap({ shape: [out, inputs], weight }, window, most));
      const least = Math.min(...(near?.shares ?? []));
      const most = Math.max(...(near?.shares ?? []));
      expect(far?.shares.every((share) => share >= least && share <= most)).toBe(true);
      if (out % rows === 0 && inputs % columns === 0) {
        const mean = (shares: Float32Array = new Float32Array()) =>
          shares.reduce((sum, share) => sum + share, 0) / shares.length;
        expect(mean(far?.shares)).toBeCloseTo(mean(near?.shares), 6);
      }
    }),
  );
});
