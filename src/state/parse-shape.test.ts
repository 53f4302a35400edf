import { expect, test } from 'vitest';
import { expectAppError } from '../testing/expect-error.ts';
import { toJsonBytes } from '../testing/make-checkpoint.ts';
import { makeEstimate } from '../testing/make-results.ts';
import { parseShape } from './parse-shape.ts';

const FILE = 'recorded/shapes.json';

function makeFile(overrides: Record<string, unknown> = {}) {
  const latency = { ttftMs: makeEstimate(40, 1, 12), routingMs: null, perTokenMs: makeEstimate(8, 1, 12) };
  const row = { latency, kernels: null };
  return {
    version: 1,
    source: { kind: 'recorded', device: 'CPU (wasm)', deviceKind: 'wasm', isSoftware: false, date: '2026-11-22' },
    numLayers: 30,
    rows: ['idp', 'dense'].map((key) => ({ key, ...row })),
    kernelGap: 'no-gpu',
    ...overrides,
  };
}

test('recorded times of random weights are read in one order, with their device and date', () => {
  const results = parseShape(toJsonBytes(makeFile()), FILE);
  expect(results.rows.map(({ key }) => key)).toEqual(['dense', 'idp']);
  expect(results).toMatchObject({ numLayers: 30, kernelGap: 'no-gpu', source: { kind: 'recorded' } });
  expect(results.rows[0]?.latency).toMatchObject({ prefillMs: { value: 40 }, routingMs: null });
});

test('ratios to LoRA unmerged are read with their intervals; older files are without', () => {
  const change = { value: -0.2, low: -0.3, high: -0.1, p: 0.01, rounds: 12 };
  const againstLora = { ttftMs: change, perTokenMs: null };
  const [row] = makeFile().rows;
  const read = (of: unknown) =>
    parseShape(toJsonBytes(makeFile({ rows: [{ ...row, againstLora: of }] })), FILE).rows[0]?.againstLora;
  expect(read(againstLora)).toEqual(againstLora);
  expect(read(undefined)).toBeNull();
  const turned = { ...againstLora, ttftMs: { ...change, low: 0 } };
  expect(expectAppError(() => read(turned), 'pack-invalid').message).toContain('"rows.0.againstLora.ttftMs"');
});

test.each([
  ['a live result that calls itself recorded', { source: { ...makeFile().source, kind: 'live' } }, 'source.kind'],
  ['no layers', { numLayers: 0 }, 'numLayers'],
  ['more layers than the model has, each of which would be laid out', { numLayers: 1e9 }, 'numLayers'],
  ['a regime that there is not', { rows: [{ ...makeFile().rows[0], key: 'x' }] }, 'rows.0.key'],
  ['another version', { version: 2 }, 'version'],
])('%s is refused by field', (_, overrides, field) => {
  const error = expectAppError(() => parseShape(toJsonBytes(makeFile(overrides)), FILE), 'pack-invalid');
  expect(error.message).toContain(`"${field}"`);
});
