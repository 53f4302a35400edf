import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FileCache } from './cache.ts';
import { downloadFile } from './download.ts';

const content = new TextEncoder().encode('weights weights weights');
const file = { path: 'a.bin', sizeBytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };

let answer: RequestListener;
let server: Server;
let url = '';
let hits = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    hits++;
    answer(request, response);
  });
  server.listen(0);
  await once(server, 'listening');
  url = `http://localhost:${(server.address() as AddressInfo).port}/a.bin`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  hits = 0;
  answer = (_, response) => response.end(content);
});

function createMemoryCache(entries = new Map<string, Uint8Array<ArrayBuffer>>(), refusal: string | null = null) {
  const cache: FileCache = {
    read: async (sha256) => entries.get(sha256) ?? null,
    write: async (sha256, bytes) => {
      if (!refusal) entries.set(sha256, bytes);
      return refusal;
    },
    remove: async (sha256) => {
      entries.delete(sha256);
    },
  };
  return { cache, entries };
}

test('a download that was stopped before it began asks the host for nothing', async () => {
  await expect(downloadFile(url, file, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'stopped' });
  expect(hits).toBe(0);
});

describe('a good file', () => {
  test('arrives whole, counted byte by byte, and is kept', async () => {
    const { cache, entries } = createMemoryCache();
    let counted = 0;
    const bytes = await downloadFile(url, file, { cache, onBytes: (delta) => (counted += delta) });
    expect(bytes).toEqual(new Uint8Array(content));
    expect(counted).toBe(content.length);
    expect([...entries.keys()]).toEqual([file.sha256]);
  });

  test('is not downloaded twice', async () => {
    const { cache } = createMemoryCache();
    await downloadFile(url, file, { cache });
    await downloadFile(url, file, { cache });
    expect(hits).toBe(1);
  });

  test('that the browser has no room for is used all the same, with a notice', async () => {
    const notices: string[] = [];
    const { cache } = createMemoryCache(new Map(), 'no room');
    await downloadFile(url, file, { cache, onCacheNotice: (notice) => notices.push(notice) });
    expect(notices).toEqual(['no room']);
  });
});

describe('a bad file', () => {
  test('in the cache is evicted and fetched again', async () => {
    const { cache, entries } = createMemoryCache(new Map([[file.sha256, new Uint8Array([1, 2, 3])]]));
    expect(await downloadFile(url, file, { cache })).toEqual(new Uint8Array(content));
    expect(hits).toBe(1);
    expect(entries.get(file.sha256)).toEqual(new Uint8Array(content));
  });

  test('from the network is fetched once more, and the good second answer is used', async () => {
    const flipped = content.map((byte, i) => (i === 3 ? byte ^ 1 : byte));
    answer = (_, response) => response.end(hits === 1 ? flipped : content);
    let counted = 0;
    expect(await downloadFile(url, file, { onBytes: (delta) => (counted += delta) })).toEqual(new Uint8Array(content));
    expect(hits).toBe(2);
    expect(counted).toBe(content.length);
  });

  test('with one flipped byte, twice, is refused by its hash and not kept', async () => {
    const { cache, entries } = createMemoryCache();
    answer = (_, response) => response.end(content.map((byte, i) => (i === 3 ? byte ^ 1 : byte)));
    await expect(downloadFile(url, file, { cache })).rejects.toMatchObject({ code: 'hash-mismatch' });
    expect(entries.size).toBe(0);
  });

  const faults: [name: string, respond: RequestListener, text: string][] = [
    ['a 404', (_, response) => response.writeHead(404).end('gone'), 'answered 404'],
    [
      'a web page in its place',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      'web page',
    ],
    ['a short body', (_, response) => response.end(content.slice(0, 5)), 'broke off after 5 of 23'],
    ['a long body', (_, response) => response.end(Buffer.concat([content, content])), 'longer than the 23 bytes'],
    ['a cut connection', (request) => request.socket.destroy(), 'connection failed'],
    ['silence', () => undefined, 'nothing arrived for 0.1 s'],
  ];
  test.each(faults)('%s says what happened', async (_, respond, text) => {
    answer = respond;
    const download = downloadFile(url, file, { stallTimeoutMs: 100 });
    await expect(download).rejects.toMatchObject({ code: 'download-failed', message: expect.stringContaining(text) });
    expect(hits).toBe(2);
  });
});

test('Stop ends a download at once and is not tried again', async () => {
  const stop = new AbortController();
  answer = () => stop.abort();
  await expect(downloadFile(url, file, { signal: stop.signal })).rejects.toMatchObject({ code: 'stopped' });
  expect(hits).toBe(1);
});
