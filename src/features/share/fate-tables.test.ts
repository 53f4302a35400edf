import { expect, it } from 'vitest';
import type { ShapeRow } from '../../state/shape-state.ts';
import { makeEstimate, makeResultSet } from '../../testing/make-results.ts';
import { toShapes } from './fate-tables.ts';

const LATENCY: ShapeRow['latency'] = {
  ttftMs: makeEstimate(40, 2, 12),
  prefillMs: makeEstimate(39, 2, 12),
  routingMs: null,
  perTokenMs: makeEstimate(8, 0.2, 12),
  timerResolutionMs: 0.1,
  startedAt: null,
  contextTokens: 14,
  newTokens: 8,
  discarded: [{ round: 3, reason: 'slowed' }],
};

it('gives the times of a shape with its kernels, what it holds and how it was timed', () => {
  const kernels = { prefillMs: makeEstimate(30, 1, 10), perTokenMs: makeEstimate(5, 0.1, 10), kernelsPerToken: 401 };
  const rows: readonly ShapeRow[] = [
    { key: 'dense', latency: LATENCY, againstLora: null, kernels },
    { key: 'prompt', latency: LATENCY, againstLora: null, kernels: null },
  ];
  const shape = { source: makeResultSet().source, numLayers: 30, rows, kernelGap: null };
  const table = toShapes('atlas', [shape]);
  for (const row of table.rows) expect(row).toHaveLength(table.columns.length);
  const valuesOf = (name: string) =>
    table.rows.map((row) => row[table.columns.findIndex((each) => each.name === name)]);
  expect(valuesOf('GPU kernels a token')).toEqual([401, null]);
  expect(valuesOf('timer resolution')).toEqual([0.1, 0.1]);
  expect(valuesOf('rounds discarded')).toEqual([1, 1]);
  // A prompt adds its vectors to what is held, and nothing else differs.
  const [dense, prompt] = valuesOf('extra parameters');
  expect(dense).toBe(0);
  expect(prompt).toBeGreaterThan(0);
  const [plain, helped] = valuesOf('in memory');
  expect(Number(helped)).toBeGreaterThan(Number(plain));
});
