import { expect, test } from 'vitest';
import { makeSavedRun } from '../testing/make-saved-run.ts';
import { settle, until } from '../testing/until.ts';
import { type Visit, visitPage } from '../testing/visit-page.ts';
import type { GivenFile } from './given-file.ts';
import { toRunFile } from './run-file.ts';

/** A page whose engine runs; the fragment stands in its address. */
async function visit(options: Visit = {}) {
  const { fake, platform, stores } = await visitPage({ isRunning: true, ...options });
  const share = () => stores.share.getState();
  const score = async (items: number) => {
    stores.evaluate.getState().runAccuracy(items);
    await until(() => stores.evaluate.getState().accuracyRun.status === 'done');
    await settle();
  };
  const link = () => stores.settings.getState().toLink().replace('http://localhost/', '');
  const notices = () => stores.notices.getState().notices.map(({ text }) => text);
  /** How the first part of the linked run compares. */
  const compared = () => {
    const comparison = share().linked?.comparison;
    return comparison?.status === 'compared' ? comparison.parts[0]?.comparison : undefined;
  };
  const addOwn = async () => {
    await stores.tasks.getState().load();
    stores.tasks.getState().readFiles([toFile('{"question":"Who?","choices":["I","you"],"label":0}', 'mine.jsonl')]);
    await until(() => stores.tasks.getState().draft.status === 'ready');
    stores.tasks.getState().keepDraft();
    await settle();
  };
  return { fake, platform, stores, share, score, link, notices, compared, addOwn };
}

const toFile = (text: string, path = 'run.json'): GivenFile => {
  const bytes = new TextEncoder().encode(text);
  return { path, sizeBytes: bytes.length, read: async () => bytes };
};
const RUN = toFile(toRunFile(makeSavedRun()));
const { pack, engineVersion, device, recipe } = makeSavedRun();
/** What is stored of it beside its file. */
const ABOUT = { fileName: 'run.json', pack: pack.fingerprint, engineVersion, device, recipe };

test('an imported run stands beside the live one, labelled with its file, device and date, and survives a reload', async () => {
  const { share, stores, platform } = await visit();
  const id = await share().importFiles([RUN]);
  expect(share().problems).toEqual([]);
  expect(share().imported.map((run) => run.id)).toEqual([id]);
  const [run] = share().imported;
  expect(run?.results?.source).toEqual({
    kind: 'imported',
    fileName: 'run.json',
    device: 'A laptop',
    deviceKind: 'wasm',
    isSoftware: false,
    date: '2026-02-03T04:05:06.000Z',
  });
  expect(run?.results?.rows.find(({ key }) => key === 'idp')).toMatchObject({
    accuracy: { heldOut: { n: 18 }, seen: { n: 18 } },
    latency: { ttftMs: { n: 3 } },
  });
  expect(stores.evaluate.getState().live).toBeNull();

  const again = await visit({ kept: platform, isRunning: false });
  await until(() => again.share().imported.length === 1);
  expect(again.share().imported).toEqual([{ ...run, results: null, answers: null, taskAnswers: null }]);
  again.stores.view.getState().showImported(id ?? '');
  expect(again.share().phase).toEqual({ status: 'reading' });
  await until(() => again.share().imported[0]?.results !== null);
  expect(again.share().imported).toEqual(share().imported);
  await until(() => again.share().phase.status === 'idle');
  again.share().remove(id ?? '');
  await settle();
  const third = await visit({ kept: platform, isRunning: false });
  expect(third.share().imported).toEqual([]);
});

test('a run of another version of the engine is imported with that said', async () => {
  const { share } = await visit({ isRunning: false });
  await share().importFiles([toFile(toRunFile(makeSavedRun({ engineVersion: 1 })))]);
  expect(share().imported[0]?.source.isOtherEngine).toBe(true);
  expect(share().imported[0]?.results?.source.isOtherEngine).toBe(true);
});

test('the same run imported twice is one, and what cannot be read costs only itself', async () => {
  const { share } = await visit({ isRunning: false });
  await share().importFiles([RUN]);
  await share().importFiles([
    toFile('{', 'bad.json'),
    RUN,
    toFile(toRunFile(makeSavedRun({ pack: { id: 'x', fingerprint: '' } }))),
  ]);
  expect(share().imported).toHaveLength(1);
  expect(share().problems.map(({ code }) => code)).toEqual(['input-invalid', 'input-invalid']);
  expect(share().phase).toEqual({ status: 'idle' });
});

test('runs that find no room are told, and those that are there stay', async () => {
  const { share } = await visit({ isRunning: false });
  const files = Array.from({ length: 21 }, (_, i) => {
    const { device } = makeSavedRun();
    return toFile(toRunFile(makeSavedRun({ device: { ...device, device: `laptop ${i}` } })), `${i}.json`);
  });
  await share().importFiles(files);
  expect(share().imported).toHaveLength(20);
  expect(share().problems.map(({ message }) => message)).toEqual([expect.stringMatching(/^1 runs found no room/)]);
});

test.each<[string, unknown, RegExp]>([
  ['is damaged', { fileName: 'run.json', text: '{' }, /"run\.json"/],
  ['is of another form', { fileName: 'run.json' }, /damaged in storage/],
  ['is of a pack that has changed', { ...ABOUT, pack: 'toy-0' }, /"run\.json" is left out: it is of the pack "toy-0"/],
  ['has a recipe that is none', { ...ABOUT, recipe: { version: 9 } }, /version/],
])('a run that was stored and %s is told and left out', async (_, stored, told) => {
  const first = await visit({ isRunning: false });
  await first.platform.results.write(new Map([['recall-lab/imported/1', stored]]));
  const second = await visit({ kept: first.platform, isRunning: false });
  await until(() => second.notices().length > 0);
  expect(second.notices().join()).toMatch(told);
  expect(second.share().imported).toEqual([]);
});

test('a run that an earlier version of the page kept is kept on', async () => {
  const first = await visit({ isRunning: false });
  const text = toRunFile(makeSavedRun());
  const id = await first.share().importFiles([RUN]);
  const { platform } = await visit({ isRunning: false });
  await platform.results.write(new Map([[`recall-lab/imported/${id}`, { fileName: 'run.json', text }]]));
  const second = await visit({ kept: platform, isRunning: false });
  await until(() => second.share().imported.length === 1);
  expect(second.share().imported).toEqual(first.share().imported);
  const third = await visit({ kept: platform, isRunning: false });
  expect(third.share().imported.map((run) => [run.id, run.results])).toEqual([[id, null]]);
});

test('runs of earlier visits are read all at once where all are wanted, and one whose file is gone is told', async () => {
  const first = await visit({ isRunning: false });
  const { device } = makeSavedRun();
  const other = toRunFile(makeSavedRun({ device: { ...device, device: 'Another laptop' } }));
  await first.share().importFiles([RUN, toFile(other, 'other.json')]);
  const [, gone] = first.share().imported;
  await first.platform.results.removeAll(`recall-lab/imported-files/${gone?.id}`);
  const second = await visit({ kept: first.platform, isRunning: false });
  await second.share().readImported();
  expect(second.share().imported.map(({ results }) => results === null)).toEqual([false, true]);
  expect(second.notices().join()).toMatch(/"other\.json" is not kept here any more/);
});

test('the run at hand leaves as a file that another page imports with the same figures', async () => {
  const { share, stores, score } = await visit();
  await score(40);
  const file = await share().writeRun();
  expect(file?.name).toBe('toy_run_2026-01-01.json');
  const other = await visit({ isRunning: false });
  await other.share().importFiles([toFile((await file?.blob.text()) ?? '')]);
  expect(other.share().problems).toEqual([]);
  const rows = stores.evaluate.getState().live?.rows;
  expect(other.share().imported[0]?.results?.rows).toEqual(rows);
  const zip = await share().writeHarness();
  expect(zip?.name).toBe('toy_harness_2026-01-01.zip');
  await other.share().importFiles([
    {
      path: 'h.zip',
      sizeBytes: zip?.blob.size ?? 0,
      read: async () => new Uint8Array((await zip?.blob.arrayBuffer()) ?? new ArrayBuffer()),
    },
  ]);
  expect(other.share().problems).toEqual([]);
  expect(other.share().imported[1]?.results?.rows.map(({ accuracy }) => accuracy)).toEqual(
    rows?.map(({ accuracy }) => accuracy),
  );
});

test('whoever opens a link sees that nothing was measured yet, and after the same items that it is the same', async () => {
  const { score, link, share } = await visit();
  await score(40);
  const reader = await visit({ fragment: link(), isRunning: false });
  expect(reader.share().linked).toMatchObject({
    digits: share().digits,
    isOtherDevice: false,
    isOtherEngine: false,
    comparison: { parts: [{ task: null, items: 40, comparison: { status: 'unmeasured', total: 8 * 40 } }] },
  });
  reader.share().runLinked('facts');
  await until(() => reader.compared()?.status === 'same');
  expect(reader.share().digits).toBe(share().digits);
});

test('a link tells of the answers to its task, and whoever opens it sees the same after the same documents', async () => {
  const maker = await visit();
  await maker.stores.tasks.getState().load();
  maker.stores.tasks.getState().choose({ id: 'toy-text', seed: 4, limit: 40 });
  maker.stores.tasks.getState().start();
  await until(() => maker.stores.tasks.getState().run.status === 'done');
  await until(() => maker.share().digits !== null);
  const reader = await visit({ fragment: maker.link(), isRunning: false });
  await until(() => reader.compared()?.status === 'unmeasured');
  const { comparison } = reader.share().linked ?? {};
  expect(comparison).toMatchObject({ parts: [{ task: 'toy-text', items: 40 }] });
  // Whatever is looked at meanwhile.
  reader.stores.tasks.getState().choose({ id: 'toy-choice', seed: 1 });
  reader.share().runLinked('task');
  await until(() => reader.compared()?.status === 'same');
  expect(reader.share().digits).toBe(maker.share().digits);
});

test('a task of one’s own is compared wherever the same files are added, and said to be missing elsewhere', async () => {
  const maker = await visit();
  await maker.addOwn();
  maker.stores.tasks.getState().start();
  await until(() => maker.stores.tasks.getState().run.status === 'done');
  await until(() => maker.share().digits !== null);
  const reader = await visit({ fragment: maker.link() });
  await until(() => reader.compared()?.status === 'missing');
  await reader.addOwn();
  expect(reader.compared()?.status).toBe('unmeasured');
  reader.fake.isRight = (regimeId) => regimeId === 'dense';
  reader.share().runLinked('task');
  await until(() => reader.compared()?.status === 'differs');
});

test('answers to the task of a link that an earlier visit gave are found before its tab is opened', async () => {
  const maker = await visit();
  await maker.stores.tasks.getState().load();
  maker.stores.tasks.getState().start();
  await until(() => maker.stores.tasks.getState().run.status === 'done');
  await until(() => maker.share().digits !== null);
  const again = await visit({ kept: maker.platform, fragment: maker.link(), isRunning: false });
  await until(() => again.compared()?.status === 'same');
});

test('a link tells which regimes differ by how many items, and on which other device', async () => {
  const { score, link } = await visit();
  await score(40);
  const reader = await visit({ fragment: link(), faults: { hasWebgpu: false } });
  reader.fake.isRight = (regimeId, itemId) => !(regimeId.startsWith('idp') && itemId.endsWith('?0'));
  expect(reader.compared()?.status).toBe('unmeasured');
  await reader.score(60);
  expect(reader.share().linked?.isOtherDevice).toBe(true);
  const comparison = reader.compared();
  expect(comparison?.status).toBe('differs');
  if (comparison?.status !== 'differs') return;
  expect(comparison.regimes.map(({ key }) => key)).toContain('idp');
  for (const { items, isAtLeast } of comparison.regimes) {
    expect(items).toBeGreaterThan(0);
    expect(isAtLeast).toBe(false);
  }
});

test('what a link told of a run survives a reload until it is put away', async () => {
  const { score, link } = await visit();
  await score(20);
  const reader = await visit({ fragment: link(), isRunning: false });
  const again = await visit({ kept: reader.platform, isRunning: false });
  expect(again.compared()?.status).toBe('unmeasured');
  again.share().forgetLinked();
  const third = await visit({ kept: again.platform, isRunning: false });
  expect(third.share().linked).toBeNull();
});

test('another recipe than the linked one is said, not compared', async () => {
  const { score, link } = await visit();
  await score(20);
  const reader = await visit({ fragment: link(), isRunning: false });
  const step = { method: 'magnitude', sparsity: 0.5, granularity: 'global' } as const;
  reader.stores.recipe.getState().setRecipe({ version: 1, steps: [step] });
  expect(reader.share().linked?.comparison).toEqual({ status: 'other-recipe', linkedLabel: 'Magnitude 60 %' });
});
