import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

const CONTENT_TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.jsonl', 'application/jsonl; charset=utf-8'],
  ['.webmanifest', 'application/manifest+json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.wasm', 'application/wasm'],
  ['.safetensors', 'application/octet-stream'],
]);

/** Rules of a `_headers` file: a path pattern (`*` at its end matches all below), then indented `Name: value` lines. */
export function parseHeaderRules(text) {
  const rules = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (!/^\s/.test(line)) {
      rules.push({ pattern: line.trim(), headers: [] });
      continue;
    }
    const colon = line.indexOf(':');
    const rule = rules.at(-1);
    if (colon < 0 || !rule) throw new Error(`_headers: cannot read the line "${line.trim()}"`);
    rule.headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  return rules;
}

function matches(pattern, path) {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

/**
 * Serves a folder under `base` with the headers that its `_headers` file asks for.
 * `intercept` may answer first and then returns true: e2e injects faults there.
 *
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 * @param {{ root: string, base?: string, intercept?: (path: string, request: Request, response: Response) => boolean | Promise<boolean> }} options
 */
export async function createStaticServer({ root, base = '/', intercept = () => false }) {
  const rules = parseHeaderRules(await readFile(join(root, '_headers'), 'utf8'));
  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });

  async function answer(request, response) {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (!pathname.startsWith(base)) {
      response.writeHead(pathname === '/' ? 302 : 404, pathname === '/' ? { Location: base } : {});
      response.end();
      return;
    }
    let path = `/${decodeURIComponent(pathname.slice(base.length))}`;
    if (path.endsWith('/')) path += 'index.html';
    for (const rule of rules) {
      if (matches(rule.pattern, path)) for (const [name, value] of rule.headers) response.setHeader(name, value);
    }
    if (await intercept(path, request, response)) return;
    const file = normalize(join(root, path));
    const info = file.startsWith(root + sep) ? await stat(file).catch(() => null) : null;
    if (!info?.isFile()) {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
      response.end('Not found');
      return;
    }
    const etag = `"${info.size.toString(36)}-${info.mtimeMs.toString(36)}"`;
    response.setHeader('ETag', etag);
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304);
      response.end();
      return;
    }
    response.writeHead(200, {
      'Content-Type': CONTENT_TYPES.get(extname(file)) ?? 'application/octet-stream',
      'Content-Length': info.size,
    });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  }

  return server;
}
