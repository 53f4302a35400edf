import { expect, test } from 'vitest';
import { SWEEP_ID } from '../core/pack/manifest.ts';
import { fakeEngine } from '../testing/fake-engine.ts';
import { fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { makeManifest } from '../testing/make-pack.ts';
import { makeCell, makeSweepResults } from '../testing/make-sweep.ts';
import { settle } from '../testing/until.ts';
import { createStores } from './stores.ts';

const PATH = 'recorded/sweep.json';

/** A page whose pack lists a recorded sweep with this content; null for a host that has lost the file. */
async function visit(content: unknown) {
  const platform = fakePlatform();
  const toBytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const manifest = makeManifest();
  const listed = {
    ...manifest,
    files: [...manifest.files, { path: PATH, sizeBytes: 1, sha256: 'ee'.repeat(32) }],
    recorded: [{ id: SWEEP_ID, path: PATH, device: 'CPU', date: '2026-01-01' }],
  };
  platform.files.set('manifest.json', toBytes(listed));
  if (content !== null) platform.files.set(PATH, toBytes(content));
  const stores = createStores({ platform, createClient: fakeEngine().createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  await settle();
  const notices = stores.notices.getState().notices.map(({ text }) => text);
  return { stores, recorded: stores.sweep.getState().recorded, notices };
}

const made = makeSweepResults('recorded');
const cells = [makeCell(0, 'all', 0.2), makeCell(0, 'mlp.up_proj', 0.1)];
const sweep = makeSweepResults('recorded', { sensitivity: made.sensitivity && { ...made.sensitivity, cells } });
const sound = { version: 1, ...sweep };

test('the recorded sweep is there before any model, and is no recipe among the recorded results', async () => {
  const { stores, recorded, notices } = await visit(sound);
  expect(recorded).toEqual(sweep);
  expect(stores.pack.getState().recorded).toEqual({ status: 'ready', sets: [] });
  expect(notices).toEqual([]);
});

const [dense, point] = sweep.points;
test.each([
  ['a later version', { ...sound, version: 2 }, /"version"/],
  ['a live source', { ...sound, source: { ...sweep.source, kind: 'live' } }, /"source\.kind"/],
  [
    'a share above 1',
    { ...sound, points: [{ ...dense, sameTop: { value: 2, low: 2, high: 2, n: 1 } }] },
    /sameTop\.value/,
  ],
  [
    'a divergence below 0',
    { ...sound, points: [{ ...dense, klDivergence: { value: -1, low: -1, high: 0, n: 1 } }] },
    /klDivergence/,
  ],
  ['an unknown method', { ...sound, points: [{ ...point, method: 'melt' }] }, /points\.0\.method/],
  ['a recipe that cannot be', { ...sound, points: [{ ...point, recipe: { version: 9 } }] }, /version is 9/],
])('a recorded sweep with %s is left out and told, the page stays', async (_, content, problem) => {
  const { stores, recorded, notices } = await visit(content);
  expect(recorded).toBeNull();
  expect(notices).toEqual([expect.stringMatching(problem)]);
  expect(stores.pack.getState().facts.status).toBe('ready');
});

test('a recorded sweep that the host has lost is told', async () => {
  const { recorded, notices } = await visit(null);
  expect(recorded).toBeNull();
  expect(notices).toEqual([expect.stringMatching(/404/)]);
});
