import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PackManifest } from '../core/pack/manifest.ts';
import { parseManifest } from '../core/pack/parse.ts';
import { createPackFiles, type PackFiles } from '../engine/pack-files.ts';
import { createRunner } from '../engine/runner.ts';
import type { Runner } from '../engine/runner-type.ts';
import { createRuntime } from '../engine/session.ts';

/** Where the shipped pack lies. */
export const ATLAS = new URL('../../public/packs/atlas/', import.meta.url);

/** The shipped pack behind a server of its own, with its model loaded on wasm. */
export interface AtlasPack {
  manifest: PackManifest;
  files: PackFiles;
  runner: Runner;
  close(): void;
}

export async function openAtlas(): Promise<AtlasPack> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/').slice(1);
    response.end(readFileSync(new URL(path, ATLAS)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const manifest = parseManifest(JSON.parse(readFileSync(new URL('manifest.json', ATLAS), 'utf8')));
  const files = createPackFiles(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, manifest, null);
  const runner = createRunner(await createRuntime({ kind: 'wasm' }), {
    gates: { otherDecoders: 'thorough', otherRegimes: 'thorough' },
  });
  const { checkpoint, tokenizer } = await files.readCheckpoint();
  await runner.loadCheckpoint(checkpoint, tokenizer, files);
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { manifest, files, runner, close };
}
