import { expect, test } from 'vitest';
import type { PatchMap } from '../../core/inside/capture.ts';
import { toCsv } from '../../ui/charts/figure-export.ts';
import { toDrawnPatch, toPatchExport, toPatchSentence } from './patch-map.ts';

const MAP: PatchMap = {
  of: 'residual',
  columns: [
    { text: ' of', kind: 'token' },
    { text: ' France', kind: 'token' },
  ],
  numLayers: 2,
  values: Float32Array.of(0.1, 0.5, 0.3, Number.NaN),
  whole: Float32Array.of(0.7, 0.9),
  donorProbability: 0.9,
  receiverProbability: 0.1,
};

test('all tokens of a layer at once stand apart behind the single ones', () => {
  const { columns, values } = toDrawnPatch(MAP, 'probability');
  expect(columns.at(-1)).toEqual({ text: 'all tokens', group: 'together' });
  expect(values[0]?.at(-1)).toBeCloseTo(0.7, 6);
  expect(values[1]?.[1]).toBeNull();
});

test('a share of the gap is 0 where a patch changes nothing and 1 where it gives the donor’s probability', () => {
  const { values } = toDrawnPatch(MAP, 'share');
  expect(values[0]?.map((share) => Number(share?.toFixed(4)))).toEqual([0, 0.5, 0.75]);
  expect(values[1]?.[2]).toBeCloseTo(1, 5);
});

test('the sentence names the single place that restores most', () => {
  expect(toPatchSentence(MAP).replaceAll('\u00a0', ' ')).toBe(
    'Of single places below the last layer, layer 1 at “France” restores most: 50 % of the gap.',
  );
  expect(toPatchSentence({ ...MAP, values: Float32Array.of(0.1, 0.05, 0.1, 0) })).toMatch(/^No single place/);
  expect(toPatchSentence({ ...MAP, donorProbability: 0.1 })).toMatch(/too close/);
});

test('what the last layer merely hands over is not said to restore, but its heads’ outputs are', () => {
  const values = Float32Array.of(0.1, 0.5, 0.1, 0.9);
  expect(toPatchSentence({ ...MAP, values })).toMatch(/layer 1 at “France”/);
  expect(toPatchSentence({ ...MAP, of: 'heads', values })).toMatch(/head France of layer 2 restores most: 100/);
});

test('an exported cell that is not there stays empty', () => {
  const csv = toCsv(toPatchExport('atlas', null, MAP, { donor: 'dense', receiver: 'compressed' }));
  expect(csv.split('\r\n')).toHaveLength(1 + 6 + 1);
  expect(csv).toContain('dense,compressed,2,2, France,token,,,0.9,0.1\r\n');
  expect(csv).toContain('dense,compressed,2,,all tokens,all,');
});
