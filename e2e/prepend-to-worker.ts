import { readFile } from 'node:fs/promises';
import type { Intercept } from './serve-build.ts';

/** Scripts of the built workers: the engine's, or those of the statistics too. */
const SCRIPTS = { engine: /engine\.worker-/, all: /\.worker-.*\.js$/ } as const;

/** Serves built workers, the engine's unless told otherwise, with a line of script before them: how a test listens to, or loses, what only a worker can reach. */
export function prependToWorker(script: string, which: keyof typeof SCRIPTS = 'engine'): Intercept {
  return async (path, _, response) => {
    if (!SCRIPTS[which].test(path)) return false;
    const built = await readFile(new URL(`../dist${path}`, import.meta.url), 'utf8');
    response.writeHead(200, { 'Content-Type': 'text/javascript; charset=utf-8' });
    response.end(`${script}\n${built}`);
    return true;
  };
}
