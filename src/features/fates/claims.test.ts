import { expect, test } from 'vitest';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { makeEstimate, makeResultSet, makeRow } from '../../testing/make-results.ts';
import { MANIFEST } from '../../testing/make-stores.ts';
import { toClaims } from './claims.ts';

/** What is said of latency where regimes took so long to the first token and per further one, in milliseconds. */
function readLatency(times: Partial<Record<RegimeKey, readonly [first: number, further: number]>>): readonly string[] {
  const timed = makeResultSet();
  const rows = timed.rows.map((row) => {
    const [first, further] = times[row.key] ?? [];
    const { latency } = makeRow(row.key);
    if (latency === null || first === undefined || further === undefined) return { ...row, latency: null };
    const [ttftMs, perTokenMs] = [makeEstimate(first, 0.1, 30), makeEstimate(further, 0.1, 30)];
    return { ...row, latency: { ...latency, ttftMs, perTokenMs } };
  });
  const input = { comparisons: { status: 'none' }, source: timed.source, manifest: MANIFEST, recipeId: null } as const;
  const claim = toClaims({ ...input, timed: { ...timed, rows } }).find(({ id }) => id === 'latency');
  return (claim?.here ?? []).map((text) => text.replaceAll('\u00a0', ' '));
}

test('the paper’s claim of latency has both times beside it, to the first token and per further one', () => {
  expect(readLatency({ idp: [3, 1.5], 'lora-unmerged': [3.001, 2] })).toEqual([
    'First token: IDP 3.00 ms [2.90 ms to 3.10 ms]; LoRA unmerged 3.00 ms [2.90 ms to 3.10 ms], IDP the same, unpaired',
    'Per further token: IDP 1.50 ms [1.40 ms to 1.60 ms]; LoRA unmerged 2.00 ms [1.90 ms to 2.10 ms], IDP 25 % less, unpaired',
  ]);
});

test('a recipe without times of IDP says so', () => {
  expect(readLatency({ 'lora-unmerged': [3, 2] })).toEqual(['IDP was not timed for this recipe']);
});
