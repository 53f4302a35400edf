import { expect, it } from 'vitest';
import { type CountedComparison, compareCounted } from '../../core/eval/counted-comparison.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { TransferState } from '../../state/transfer-state.ts';
import { toTransfer } from './transfer-table.ts';

/** 60 subjects of one item each, 30 of them better under the first and `worse` worse. */
function count(first: RegimeKey, second: RegimeKey, worse: number): CountedComparison {
  const side = (key: RegimeKey) => ({ key, exposure: 'held-out' }) as const;
  const counts = [worse, 30 - worse, 30];
  return { first: side(first), second: side(second), items: 60, least: -1, counts, low: -1, high: 1 };
}

const ESTIMATE = { value: 0.9, low: 0.88, high: 0.92, n: 60, subjects: 60, method: 'cluster-bootstrap' } as const;
const ROUTE = { from: 'rtn-mild', to: 'rtn-severe' };

function makeState(): Pick<TransferState, 'recorded' | 'live'> {
  const [idp, lora, contrast] = compareCounted([
    count('idp', 'compressed', 2),
    count('lora-merged', 'compressed', 29),
    count('idp', 'lora-merged', 3),
  ]);
  if (idp === undefined || lora === undefined || contrast === undefined) throw new Error('nothing is compared');
  const cells = [
    { ...ROUTE, type: 'pool-routed' as const, accuracy: ESTIMATE, gain: idp },
    { ...ROUTE, type: 'lora-r8' as const, accuracy: ESTIMATE, gain: lora },
  ];
  const transfer = {
    device: 'CPU, PyTorch',
    date: '2026-11-22',
    dense: ESTIMATE,
    compressed: new Map([['rtn-severe', ESTIMATE]]),
    cells,
  };
  const source = { kind: 'live', device: 'GPU', deviceKind: 'webgpu', isSoftware: false, date: '2026-11-22' } as const;
  const gain = { ...lora, isExploratory: true, adjustedP: null };
  return {
    recorded: { status: 'ready', transfer: { ...transfer, contrasts: [{ ...ROUTE, comparison: contrast }] } },
    live: new Map([
      ['single rtn-mild rtn-severe', { status: 'done', accuracy: ESTIMATE, plain: ESTIMATE, gain, source }],
      ['single rtn-mild rtn-mild', { status: 'running', done: 1, total: 2 }],
    ]),
  };
}

it('gives every cell and what it is held against, with its difference from no repair and its test, and IDP against LoRA-merged in the rows of IDP', () => {
  const { columns, rows } = toTransfer('atlas', makeState());
  expect(rows.map((row) => row.slice(0, 3))).toEqual([
    ['dense', null, null],
    ['none', null, 'rtn-severe'],
    ['pool-routed', 'rtn-mild', 'rtn-severe'],
    ['lora-r8', 'rtn-mild', 'rtn-severe'],
    ['single', 'rtn-mild', 'rtn-severe'],
    ['none', null, 'rtn-severe'],
  ]);
  for (const row of rows) expect(row).toHaveLength(columns.length);
  const readAll = (name: string) => rows.map((row) => row[columns.findIndex((column) => column.name === name)]);
  const valuesOf = (name: string) => readAll(name).filter((_, i) => !['dense', 'none'].includes(String(rows[i]?.[0])));
  expect(readAll('accuracy on held-out facts')).toEqual([0.9, 0.9, 0.9, 0.9, 0.9, 0.9]);
  expect(readAll('source')).toEqual([...Array<string>(4).fill('recorded'), 'live', 'live']);
  expect(valuesOf('difference from no repair')).toEqual([28 / 60, 1 / 60, 1 / 60]);
  expect(valuesOf('difference from no repair subjects')).toEqual([60, 60, 60]);
  expect(valuesOf('difference from no repair is decided')).toEqual([true, false, false]);
  expect(valuesOf('difference from no repair p after Holm')).toEqual([expect.any(Number), 1, null]);
  expect(valuesOf('difference from no repair is exploratory')).toEqual([false, false, true]);
  expect(valuesOf('difference of IDP from LoRA-merged')).toEqual([27 / 60, null, null]);
  expect(valuesOf('difference of IDP from LoRA-merged is decided')).toEqual([true, null, null]);
  expect(valuesOf('source')).toEqual(['recorded', 'recorded', 'live']);
});
