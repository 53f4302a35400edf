import { expect, test } from 'vitest';
import { fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { makeManifest, makeWorld } from '../testing/make-pack.ts';
import { makeRecorded, makeShare } from '../testing/make-results.ts';
import { createPackStore } from './pack-store.ts';

function makePack() {
  const platform = fakePlatform();
  const pack = createPackStore(PACK_URL, platform);
  return { platform, pack, state: () => pack.store.getState(), load: () => pack.store.getState().loadPack() };
}

/** Adds a recorded file to the pack, listed as it must be. */
function addRecorded(platform: ReturnType<typeof fakePlatform>, content: unknown) {
  const manifest = makeManifest();
  const path = 'recorded/magnitude-mild.json';
  const listed = {
    ...manifest,
    files: [...manifest.files, { path, sizeBytes: 1, sha256: 'ee'.repeat(32) }],
    recorded: [{ id: 'magnitude-mild', path, device: 'CPU', date: '2026-01-01' }],
  };
  platform.files.set('manifest.json', new TextEncoder().encode(JSON.stringify(listed)));
  platform.files.set(path, new TextEncoder().encode(JSON.stringify(content)));
}

test('manifest, facts and recorded results arrive without an engine', async () => {
  const { platform, state, load } = makePack();
  const recorded = makeRecorded('magnitude-mild');
  addRecorded(platform, recorded);
  expect(state()).toMatchObject({ pack: { status: 'loading' }, facts: { status: 'loading' } });
  await load();
  expect(state().pack).toMatchObject({ status: 'ready', manifest: { id: 'toy' } });
  expect(state().facts).toEqual({ status: 'ready', ...makeWorld() });
  expect(state().recorded).toEqual({ status: 'ready', sets: [recorded] });
});

test('older recordings, which do not say how intervals were made, are read as they are; shares of no damage are hidden', async () => {
  const { platform, state, load } = makePack();
  const { damage, rows, ...rest } = makeRecorded('magnitude-mild');
  const { method: _method, subjects: _subjects, ...older } = makeShare(0.01, 0.02, 200);
  addRecorded(platform, { ...rest, rows, damage: older });
  await load();
  const { recorded } = state();
  const [set] = recorded.status === 'ready' ? recorded.sets : [];
  expect(damage?.method).toBe('cluster-bootstrap');
  expect(set?.damage).toEqual(older);
  expect(rows.some(({ recovered }) => recovered !== null)).toBe(true);
  expect(set?.rows.map(({ recovered }) => recovered)).toEqual(rows.map(() => null));
});

test('only small files are read', async () => {
  const { platform, load } = makePack();
  await load();
  expect(platform.asked).toEqual(['manifest.json', 'tasks/toy.json', 'tasks/toy.jsonl']);
});

test('a manifest that cannot be had fails everything; trying again reads it', async () => {
  const { platform, state, load } = makePack();
  const kept = platform.files.get('manifest.json');
  platform.files.delete('manifest.json');
  await load();
  const failed = { status: 'failed', error: { code: 'download-failed' } };
  expect(state()).toMatchObject({ pack: failed, facts: failed, recorded: failed });
  if (kept !== undefined) platform.files.set('manifest.json', kept);
  await load();
  expect(state()).toMatchObject({
    pack: { status: 'ready' },
    facts: { status: 'ready' },
    recorded: { status: 'ready' },
  });
});

test('a manifest that is a web page is named as one', async () => {
  const { platform, state, load } = makePack();
  platform.files.set('manifest.json', new TextEncoder().encode('<!doctype html><title>404</title>'));
  await load();
  expect(state().pack).toMatchObject({
    status: 'failed',
    error: { code: 'pack-invalid', message: expect.stringMatching(/web page/) },
  });
});

test('facts that cannot be had leave manifest and recorded results, and only they are read again', async () => {
  const { platform, state, load } = makePack();
  const kept = platform.files.get('tasks/toy.jsonl');
  platform.files.delete('tasks/toy.jsonl');
  await load();
  expect(state()).toMatchObject({
    pack: { status: 'ready' },
    facts: { status: 'failed' },
    recorded: { status: 'ready' },
  });
  if (kept !== undefined) platform.files.set('tasks/toy.jsonl', kept);
  platform.asked.length = 0;
  await load();
  expect(state().facts.status).toBe('ready');
  expect(platform.asked).toEqual(['tasks/toy.json', 'tasks/toy.jsonl']);
});

test.each([
  ['a share above 1', (set: object) => ({ ...set, damage: { value: 3, low: 3, high: 3, n: 1 } }), 'damage.value'],
  ['a live source', (set: object) => ({ ...set, source: { kind: 'live' } }), 'source.kind'],
  ['a later version', (set: object) => ({ ...set, version: 2 }), 'version'],
])('recorded results with %s are refused by field, the rest stays', async (_, damage, field) => {
  const { platform, state, load } = makePack();
  addRecorded(platform, damage(makeRecorded('magnitude-mild')));
  await load();
  expect(state().recorded).toMatchObject({ status: 'failed', error: { code: 'pack-invalid', details: { field } } });
  expect(state().facts.status).toBe('ready');
});

test('two calls at once read once', async () => {
  const { platform, load } = makePack();
  await Promise.all([load(), load()]);
  expect(platform.asked).toHaveLength(3);
});

test('the engine waits for the manifest, and gets the reason where there is none', async () => {
  const { platform, pack } = makePack();
  await expect(pack.whenReady()).resolves.toMatchObject({ baseUrl: PACK_URL, manifest: { id: 'toy' } });
  const lost = makePack();
  lost.platform.files.clear();
  await expect(lost.pack.whenReady()).rejects.toMatchObject({ code: 'download-failed' });
  expect(platform.asked[0]).toBe('manifest.json');
});
