import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStaticServer, parseHeaderRules } from '../../scripts/static-server.mjs';

let root = '';
let origin = '';
let server: Awaited<ReturnType<typeof createStaticServer>>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'static-server-'));
  await writeFile(join(root, '_headers'), '# note\n/*\n  X-Every: yes\n\n/a.js\n  X-One: yes\n');
  await writeFile(join(root, 'index.html'), '<p>page</p>');
  await writeFile(join(root, 'a.js'), '1');
  server = await createStaticServer({ root, base: '/x/y/' });
  server.listen(0);
  await once(server, 'listening');
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  await rm(root, { recursive: true });
});

test('the header rules are read with their patterns', () => {
  expect(parseHeaderRules('/*\n  A: b: c\n')).toEqual([{ pattern: '/*', headers: [['A', 'b: c']] }]);
  expect(() => parseHeaderRules('  A: b\n')).toThrow('cannot read');
});

test('a file under the base path comes with every header that matches it', async () => {
  const response = await fetch(`${origin}/x/y/a.js`);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-every')).toBe('yes');
  expect(response.headers.get('x-one')).toBe('yes');
  expect(response.headers.get('content-type')).toContain('javascript');
});

test('the folder answers with its index page, without the headers of other files', async () => {
  const response = await fetch(`${origin}/x/y/`);
  expect(await response.text()).toBe('<p>page</p>');
  expect(response.headers.get('x-one')).toBeNull();
});

test('an unchanged file is not sent twice', async () => {
  const etag = (await fetch(`${origin}/x/y/a.js`)).headers.get('etag') ?? '';
  expect((await fetch(`${origin}/x/y/a.js`, { headers: { 'If-None-Match': etag } })).status).toBe(304);
});

test('nothing outside the folder is served', async () => {
  expect((await fetch(`${origin}/x/y/..%2f..%2fetc%2fpasswd`)).status).toBe(404);
  expect((await fetch(`${origin}/x/y/missing`)).status).toBe(404);
  expect((await fetch(`${origin}/elsewhere`)).status).toBe(404);
});
