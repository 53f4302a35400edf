import { expect, test } from 'vitest';
import { createDocumentLibrary, type DocumentPlace } from './document-library.ts';
import { createMemoryResults } from './memory-storage.ts';
import type { ResultStorage } from './platform.ts';

const right = { logLikelihoods: [-0.1, -2], isGreedy: [true, false] };
const wrong = { logLikelihoods: [-3, -2], isGreedy: [false, false] };
const PLACE: DocumentPlace = { deviceId: 'd1', regimeId: 'idp | {"steps":[1/2]}', task: 't1' };

function open(storage: ResultStorage) {
  const refusals: unknown[] = [];
  let stored = Promise.resolve();
  const library = createDocumentLibrary(
    storage,
    'toy',
    (work) => {
      stored = stored.then(work);
    },
    (error) => refusals.push(error),
  );
  return { library, refusals, whenStored: () => stored };
}

test('answers come back by device, regime, task and document, slashes in ids and all', async () => {
  const storage = createMemoryResults();
  const first = open(storage);
  first.library.add(PLACE, new Map([['capital/france/0', right]]));
  first.library.add({ ...PLACE, deviceId: 'd2' }, new Map([['capital/france/0', wrong]]));
  expect(first.library.at(PLACE).get('capital/france/0')).toEqual(right);
  await first.whenStored();

  const next = open(storage);
  expect(next.library.at(PLACE).size).toBe(0);
  expect(await next.library.read('t1')).toEqual({ damaged: 0 });
  expect([...next.library.at(PLACE)]).toEqual([['capital/france/0', right]]);
  expect([...next.library.at({ ...PLACE, deviceId: 'd2' })]).toEqual([['capital/france/0', wrong]]);
  expect(next.library.at({ ...PLACE, task: 't2' }).size).toBe(0);
});

test('what is damaged is left out and counted, and other packs are left alone', async () => {
  const at = 'recall-lab/documents/toy/t1/d1/idp/';
  const storage = createMemoryResults([
    [`${at}a`, right],
    [`${at}b`, { logLikelihoods: [-1], isGreedy: [] }],
    [`${at}c`, 'right'],
    [`${at}%E0%A4%A`, right],
    ['recall-lab/documents/other/t1/d1/idp/e', right],
  ]);
  const { library } = open(storage);
  expect(await library.read('t1')).toEqual({ damaged: 3 });
  expect([...library.at({ deviceId: 'd1', regimeId: 'idp', task: 't1' }).keys()]).toEqual(['a']);
});

test('a task that is removed takes its own answers along and no others', async () => {
  const storage = createMemoryResults();
  const { library, whenStored } = open(storage);
  const other = { ...PLACE, task: 't10' };
  library.add(PLACE, new Map([['a', right]]));
  library.add(other, new Map([['a', wrong]]));
  library.remove('t1');
  expect(library.at(PLACE).size).toBe(0);
  expect(library.at(other).get('a')).toEqual(wrong);
  await whenStored();
  expect([...(await storage.readAll('')).keys()]).toHaveLength(1);
});

test('storage that cannot be read is told, and answers last as long as the page', async () => {
  const storage = { ...createMemoryResults(), readAll: () => Promise.reject(new Error('denied')) };
  const { library, refusals } = open(storage);
  expect(await library.read('t1')).toEqual({ damaged: 0 });
  expect(refusals).toHaveLength(1);
  library.add(PLACE, new Map([['a', right]]));
  expect(library.at(PLACE).size).toBe(1);
});
