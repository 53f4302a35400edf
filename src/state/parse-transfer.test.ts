import { expect, it, test } from 'vitest';
import { expectAppError } from '../testing/expect-error.ts';
import { toJsonBytes } from '../testing/make-checkpoint.ts';
import { makeTransferFile } from '../testing/make-transfer.ts';
import { parseTransfer } from './parse-transfer.ts';

const FILE = 'recorded/transfer.json';

test('a matrix is read by the recipe that is met, then by the one that repairs were trained for', () => {
  const file = makeTransferFile();
  const { cells, contrasts, compressed, dense } = parseTransfer(toJsonBytes(file), FILE);
  expect(dense).toEqual({ value: 0.99, low: 0.98, high: 1, n: 100, method: 'cluster-bootstrap', subjects: 40 });
  expect([...compressed].map(([id, { value }]) => [id, value])).toEqual([
    ['magnitude-mild', 0.6],
    ['rtn-severe', 0.4],
  ]);
  expect(cells).toHaveLength(12);
  const severe = cells.filter(({ type, to }) => type === 'lora-r8' && to === 'rtn-severe');
  expect(severe.map(({ from, gain }) => [from, gain.high])).toEqual([
    ['magnitude-mild', 0.11],
    ['rtn-severe', 0.4],
  ]);
  expect(severe[0]?.gain).toMatchObject({ first: { key: 'lora-merged' }, second: { key: 'compressed' }, items: 100 });
  expect(contrasts.map(({ from, to }) => `${from} ${to}`)).toEqual([
    'magnitude-mild magnitude-mild',
    'magnitude-mild rtn-severe',
    'rtn-severe rtn-severe',
  ]);
});

/** The file with the value at that place replaced. */
function replaceAt(path: readonly (string | number)[], value: unknown): Uint8Array<ArrayBuffer> {
  const file: unknown = JSON.parse(JSON.stringify(makeTransferFile())); // structuredClone would keep shared rows shared
  const last = path[path.length - 1] ?? '';
  const parent = path.slice(0, -1).reduce<unknown>((each, key) => Reflect.get(Object(each), key), file);
  Reflect.set(Object(parent), last, value);
  return toJsonBytes(file);
}

it.each<[what: string, path: (string | number)[], value: unknown]>([
  ['of the former form', ['version'], 1],
  ['with an accuracy above 1', ['repairs', 'single', 0, 0, 0, 0], 2],
  ['with a value outside of its interval', ['dense'], [0.5, 0.98, 1]],
  ['with more subjects in the counts than there are', ['repairs', 'lora-r8', 1, 0, 1], [-0.05, 0.11, -1, [6, 26, 9]]],
  ['with part of a subject', ['idpAgainstLora', 0, 0, 3, 0], 1.5],
  ['with fewer than no subjects', ['idpAgainstLora', 0, 0, 3, 0], -6],
  ['with differences in more questions than there are', ['idpAgainstLora', 0, 0], [0, 1, 3, [40]]],
  ['with a difference that its counts do not have', ['idpAgainstLora', 0, 0], [0.2, 0.4, -1, [6, 25, 9]]],
  ['with a difference beyond any subject', ['idpAgainstLora', 0, 0, 2], -1e9],
  ['with counts without end', ['idpAgainstLora', 0, 0, 3], new Array(1000).fill(0)],
  ['with more questions than a test has time for', ['questions'], 1e9],
  ['with a recipe twice', ['recipes'], ['rtn-severe', 'rtn-severe']],
  ['with too many recipes', ['recipes'], Array.from({ length: 17 }, (_, i) => `r${i}`)],
  ['without an accuracy of every variant', ['compressed'], [[0.6, 0.5, 0.7]]],
  ['with a row that is short', ['repairs', 'pool-routed', 1], [null]],
  ['without one of the kinds of repair', ['repairs', 'single'], undefined],
])('a file %s is refused with the field that is wrong', (_, path, value) => {
  const error = expectAppError(() => parseTransfer(replaceAt(path, value), FILE), 'pack-invalid');
  expect(error.details.field).toBe(path.join('.'));
  expect(error.message).toContain(FILE);
});

test('a repair without its twin leaves its place empty', () => {
  const { cells } = parseTransfer(replaceAt(['repairs', 'single', 0, 1], null), FILE);
  expect(cells).toHaveLength(11);
});
