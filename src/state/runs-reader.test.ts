import { expect, test } from 'vitest';
import { makeManifest, makeWorld } from '../testing/make-pack.ts';
import { makeSavedRun } from '../testing/make-saved-run.ts';
import { readImports } from './imported-runs.ts';
import { toRunFile } from './run-file.ts';
import { createRunsReader, type ReaderListeners, type SpawnReader, type ToReader } from './runs-reader.ts';

const place = { manifest: makeManifest(), ...makeWorld() };
const makeFile = () => ({ path: 'run.json', bytes: new TextEncoder().encode(toRunFile(makeSavedRun())) });

/** A worker in this thread that says it is ready, and answers as the test says. */
function makeWorker(answer: (message: ToReader, listeners: ReaderListeners) => void, isStarting = true) {
  const state = { isEnded: false };
  const spawn: SpawnReader = (listeners) => {
    setTimeout(() => (isStarting ? listeners.onMessage('ready') : listeners.onError()));
    return {
      postMessage: (message, transfer) => answer(structuredClone(message, { transfer }), listeners),
      terminate: () => {
        state.isEnded = true;
      },
    };
  };
  return { reader: createRunsReader(spawn), state };
}

test('files are handed over to the worker, which is ended once it has read them', async () => {
  const file = makeFile();
  const { reader, state } = makeWorker(({ files, place: at }, { onMessage }) => {
    void readImports(files, at).then((read) => onMessage(structuredClone(read)));
  });
  const { kept, problems } = await reader.read([file], place);
  expect(problems).toEqual([]);
  expect(kept.map(({ about, results }) => [about.fileName, results.rows.length])).toEqual([['run.json', 3]]);
  expect(file.bytes.length).toBe(0);
  expect(state.isEnded).toBe(true);
});

test('a worker that cannot start costs nothing: this thread reads', async () => {
  const { reader, state } = makeWorker(() => {}, false);
  expect((await reader.read([makeFile()], place)).kept).toHaveLength(1);
  expect(state.isEnded).toBe(true);
  const refused = createRunsReader(() => {
    throw new TypeError('Worker is not defined');
  });
  expect((await refused.read([makeFile()], place)).kept).toHaveLength(1);
});

test('reading that is stopped ends the worker at once, before or after it began, and takes nothing of what comes later', async () => {
  const stop = new AbortController();
  const late: ReaderListeners[] = [];
  const { reader, state } = makeWorker((_, listeners) => {
    late.push(listeners);
    stop.abort();
  });
  await expect(reader.read([makeFile()], place, stop.signal)).rejects.toMatchObject({ code: 'stopped' });
  expect(state.isEnded).toBe(true);
  late[0]?.onMessage({ kept: [], problems: [] });
  const unbegun = makeWorker(() => {});
  await expect(unbegun.reader.read([makeFile()], place, stop.signal)).rejects.toMatchObject({ code: 'stopped' });
});

test('where no worker starts, this thread stops between two runs too', async () => {
  const stop = new AbortController();
  const reading = createRunsReader(() => {
    throw new TypeError('Worker is not defined');
  }).read([makeFile(), makeFile()], place, stop.signal);
  stop.abort();
  await expect(reading).rejects.toMatchObject({ code: 'stopped' });
});

test('reading that breaks off is told, and so is an error of the worker', async () => {
  const dying = makeWorker((_, { onError }) => onError());
  await expect(dying.reader.read([makeFile()], place)).rejects.toMatchObject({
    code: 'worker-failed',
    message: expect.stringContaining('Bring fewer or smaller ones'),
  });
  const error = { code: 'input-invalid', message: 'No.', details: {} } as const;
  const failing = makeWorker((_, { onMessage }) => onMessage({ error }));
  await expect(failing.reader.read([makeFile()], place)).rejects.toMatchObject({ message: 'No.' });
  expect(failing.state.isEnded).toBe(true);
});
