import { expect, test } from 'vitest';
import type { Recovery } from '../../core/recover/recovery.ts';
import { makeCapture } from '../../testing/make-captures.ts';
import { toAttentionMap, toDifferenceMap, toOwnMap, toPromptMass } from './attention-maps.ts';

const capture = (id: string, recovery: Recovery = { kind: 'none' }, context = 'What is the capital of France?') =>
  makeCapture({ regime: { id, recipe: null, recovery }, context, answer: 'Paris' });

const dense = capture('dense');
const idp = capture('idp', { kind: 'idp', repairId: 'pool' });
const sum = (row: ArrayLike<number> | undefined) => Array.from(row ?? []).reduce((total, value) => total + value, 0);

test('every row of a map sums to 1, of one head and of the mean over heads', () => {
  for (const head of [0, 1, null]) {
    const map = toAttentionMap(idp, 1, head);
    expect(map?.values).toHaveLength(idp.rows.length);
    for (const row of map?.values ?? []) expect(sum(row)).toBeCloseTo(1, 5);
  }
});

test('the mean over heads is the mean of the heads', () => {
  const [first, second, mean] = [0, 1, null].map((head) => toAttentionMap(dense, 2, head)?.values[3]?.[1] ?? 0);
  expect(mean).toBeCloseTo(((first ?? 0) + (second ?? 0)) / 2, 6);
});

test('without virtual columns the rows are renormalised', () => {
  const map = toOwnMap(idp, 0, null);
  expect(map?.columns.some(({ kind }) => kind === 'virtual')).toBe(false);
  for (const row of map?.values ?? []) expect(sum(row)).toBeCloseTo(1, 5);
});

test('a regime differs from itself nowhere, and rows of a difference sum to 0', () => {
  const same = toDifferenceMap(dense, dense, 0, 1);
  expect(same?.values.every((row) => row.every((value) => value === 0))).toBe(true);
  const map = toDifferenceMap(dense, idp, 0, 1);
  expect(map?.columns).toEqual(dense.columns);
  for (const row of map?.values ?? []) expect(sum(row)).toBeCloseTo(0, 5);
});

test('where a help holds the begin token, its row is in no difference', () => {
  const [, ...rows] = idp.rows;
  const size = idp.columns.length;
  const attention = (idp.attention ?? []).map(({ numHeads, data }) => ({
    numHeads,
    data: Float32Array.from(
      Array.from({ length: numHeads }, (_, head) => [
        ...data.subarray((head * idp.rows.length + 1) * size, (head + 1) * idp.rows.length * size),
      ]).flat(),
    ),
  }));
  const map = toDifferenceMap(dense, { ...idp, rows, attention }, 0, null);
  expect(map?.rows.map(({ kind }) => kind)).not.toContain('begin');
  expect(map?.values).toEqual(toDifferenceMap(dense, idp, 0, null)?.values.slice(1));
});

test('where heads were removed, single heads have no difference, and their means have', () => {
  const attention = (idp.attention ?? []).map(({ data }) => ({ numHeads: 1, data: data.subarray(0, data.length / 2) }));
  const fewer = { ...idp, attention };
  expect(toAttentionMap(fewer, 0, 0)).not.toBeNull();
  expect(toDifferenceMap(dense, fewer, 0, 0)).toBeNull();
  expect(toDifferenceMap(dense, fewer, 0, null)).not.toBeNull();
});

test('a head that a layer does not have, and a layer that was not captured, give no map', () => {
  expect(toAttentionMap(dense, 0, 2)).toBeNull();
  expect(toAttentionMap(dense, 99, null)).toBeNull();
  expect(toAttentionMap({ ...dense, attention: null }, 0, null)).toBeNull();
  expect(
    toDifferenceMap(dense, { ...idp, attention: [{ numHeads: 0, data: new Float32Array() }] }, 0, null),
  ).toBeNull();
});

test('the mass of a prompt is what its columns have, by layer; there is none without a prompt', () => {
  const mass = toPromptMass(idp);
  const last = idp.rows.findLastIndex(({ kind }) => kind === 'token');
  const row = toAttentionMap(idp, 1, null)?.values[last];
  expect(mass?.last[1]).toBeCloseTo(sum(row?.slice(0, 4)), 6);
  expect(mass?.mean.every((share) => share > 0 && share < 1)).toBe(true);
  expect(toPromptMass(dense)).toBeNull();
});
