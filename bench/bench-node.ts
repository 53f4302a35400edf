import { readFile } from 'node:fs/promises';
import { createRuntime } from '../src/engine/session.ts';
import { measure } from './measure.ts';

const SIZES = { switches: 60, moves: 40, items: 960, asked: 240, rounds: 3 };

/** The bench on wasm, in Node. */
export async function runInNode() {
  const runtime = await createRuntime({ kind: 'wasm' });
  const read = async (path: string) =>
    new Uint8Array(await readFile(new URL(`../public/packs/atlas/${path}`, import.meta.url)));
  return { device: 'wasm in Node', ...(await measure(runtime, read, SIZES)) };
}
