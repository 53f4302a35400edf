import { expect, test } from 'vitest';
import { fakeEngine } from '../testing/fake-engine.ts';
import { type FakePlatform, fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { makeSavedRun } from '../testing/make-saved-run.ts';
import { settle, until } from '../testing/until.ts';
import type { GivenFile } from './given-file.ts';
import { toRunFile } from './run-file.ts';
import { createStores } from './stores.ts';

const toFile = (text: string, path = 'run.json'): GivenFile => {
  const bytes = new TextEncoder().encode(text);
  return { path, sizeBytes: bytes.length, read: async () => bytes };
};
const RUN = toFile(toRunFile(makeSavedRun()));
const OTHER = toFile(toRunFile(makeSavedRun({ engineVersion: 1 })), 'other.json');

async function visit(kept?: FakePlatform) {
  const platform = fakePlatform(kept);
  const stores = createStores({ platform, createClient: fakeEngine().createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  await settle();
  return { platform, stores, share: () => stores.share.getState() };
}

test('an import that is stopped takes nothing in, then or later, and leaves what was there as it was', async () => {
  const { share, stores } = await visit();
  const id = await share().importFiles([RUN, toFile('{', 'bad.json')]);
  const before = share();
  expect([before.imported.length, before.problems.length]).toEqual([1, 1]);
  const stopped = share().importFiles([OTHER]);
  expect(share()).toMatchObject({ phase: { status: 'reading' }, problems: [] });
  share().stopReading();
  expect(await stopped).toBeNull();
  expect(share().phase).toEqual({ status: 'idle' });
  await settle();
  expect(share().imported).toBe(before.imported);
  expect(share().problems).toBe(before.problems);
  expect(stores.view.getState().results).not.toBe('imported');
  expect(await share().importFiles([OTHER])).not.toBe(id);
  expect(share().imported).toHaveLength(2);
});

test('an import is stopped even while a file keeps its bytes back', async () => {
  const { share } = await visit();
  let give = (_: Uint8Array<ArrayBuffer>) => {};
  const bytes = new Promise<Uint8Array<ArrayBuffer>>((resolve) => {
    give = resolve;
  });
  const stopped = share().importFiles([{ ...RUN, read: () => bytes }]);
  await settle();
  share().stopReading();
  expect(await stopped).toBeNull();
  give(await RUN.read());
  await settle();
  expect(share()).toMatchObject({ imported: [], problems: [], phase: { status: 'idle' } });
});

test('reading a run of an earlier visit can be stopped; the charts go back to what they drew, and showing it reads it again', async () => {
  const first = await visit();
  const id = (await first.share().importFiles([RUN])) ?? '';
  const { share, stores } = await visit(first.platform);
  await until(() => share().imported.length === 1);
  stores.view.getState().setResults('recorded');
  stores.view.getState().showImported(id);
  share().stopReading();
  await settle();
  expect(share().phase).toEqual({ status: 'idle' });
  expect(stores.view.getState().results).toBe('recorded');
  expect(share().imported.map(({ results }) => results)).toEqual([null]);
  stores.view.getState().showImported(id);
  await until(() => share().imported[0]?.results != null);
  expect(stores.notices.getState().notices).toEqual([]);
});

test('reading all runs for a file says that it was stopped, and only then', async () => {
  const first = await visit();
  await first.share().importFiles([RUN, OTHER]);
  const { share } = await visit(first.platform);
  await until(() => share().imported.length === 2);
  const stopped = share().readImported();
  share().stopReading();
  expect(await stopped).toBe(false);
  expect(await share().readImported()).toBe(true);
  expect(share().imported.every(({ results, answers }) => results !== null && answers !== null)).toBe(true);
});
