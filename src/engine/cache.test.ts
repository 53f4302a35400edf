import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFileCache } from './cache.ts';

const HASH = 'ab12';
const KEY = `https://host/recall-lab-cache/${HASH}`;
const bytes = Uint8Array.of(1, 2, 3);

/** Cache Storage with one cache in memory, as far as it is used; faults by assignment. */
function stubCaches() {
  const entries = new Map<string, Response>();
  const cache = {
    match: async (key: string) => entries.get(key)?.clone(),
    put: async (key: string, response: Response) => void entries.set(key, response),
    delete: async (key: string) => entries.delete(key),
  };
  const opened: string[] = [];
  const open = async (name: string) => {
    opened.push(name);
    return cache;
  };
  vi.stubGlobal('caches', { open });
  return { entries, cache, opened };
}

async function openCache() {
  const cache = await createFileCache();
  if (cache === null) throw new Error('the stub must open');
  return cache;
}

beforeEach(() => {
  vi.stubGlobal('location', { origin: 'https://host' });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test('keeps bytes under their hash and our name, and removes them', async () => {
  const { entries, opened } = stubCaches();
  const cache = await openCache();
  expect(await cache.read(HASH)).toBeNull();
  expect(await cache.write(HASH, bytes)).toBeNull();
  expect(opened).toEqual(['recall-lab/packs/1']);
  expect([...entries.keys()]).toEqual([KEY]);
  expect(await cache.read(HASH)).toEqual(bytes);
  await cache.remove(HASH);
  expect(await cache.read(HASH)).toBeNull();
});

test('an entry whose bytes cannot be read is removed and read as none, so that it is fetched again', async () => {
  const { entries, cache: stub } = stubCaches();
  const broken = new Response(new ReadableStream({ start: (body) => body.error(new Error('disk')) }));
  entries.set(KEY, broken);
  stub.match = async (key) => entries.get(key);
  const cache = await openCache();
  expect(await cache.read(HASH)).toBeNull();
  expect(entries.size).toBe(0);
  await cache.write(HASH, bytes);
  expect(await cache.read(HASH)).toEqual(bytes);
});

test('a cache that can neither look up nor delete reads as none', async () => {
  const { cache: stub } = stubCaches();
  stub.match = () => Promise.reject(new Error('denied'));
  stub.delete = () => Promise.reject(new Error('denied'));
  const cache = await openCache();
  expect(await cache.read(HASH)).toBeNull();
  await expect(cache.remove(HASH)).resolves.toBeUndefined();
});

test('a refused write leaves nothing half kept and tells both numbers', async () => {
  const { entries, cache: stub } = stubCaches();
  vi.stubGlobal('navigator', { storage: { estimate: async () => ({ quota: 5_000_000, usage: 4_500_000 }) } });
  stub.put = async (key, response) => {
    entries.set(key, response);
    throw new DOMException('full', 'QuotaExceededError');
  };
  const cache = await openCache();
  const notice = await cache.write(HASH, new Uint8Array(2_000_000));
  expect(notice).toMatch(/a file of 2\.0 MB was refused, the browser has 0\.5 MB left/);
  expect(entries.size).toBe(0);
});

test('without Cache Storage, or where it is denied, there is none', async () => {
  vi.stubGlobal('caches', undefined);
  expect(await createFileCache()).toBeNull();
  vi.stubGlobal('caches', { open: () => Promise.reject(new DOMException('denied', 'SecurityError')) });
  expect(await createFileCache()).toBeNull();
});
