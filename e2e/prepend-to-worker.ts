import { readFile } from 'node:fs/promises';
import type { Intercept } from './serve-build.ts';

/** Serves the built engine worker with a line of script before it: how a test listens to, or loses, what only the worker can reach. */
export function prependToWorker(script: string): Intercept {
  return async (path, _, response) => {
    if (!path.includes('engine.worker')) return false;
    const built = await readFile(new URL(`../dist${path}`, import.meta.url), 'utf8');
    response.writeHead(200, { 'Content-Type': 'text/javascript; charset=utf-8' });
    response.end(`${script}\n${built}`);
    return true;
  };
}
