import { parseCheckpoint } from '../src/core/checkpoint/parse.ts';
import { parseSafetensors, toTensor } from '../src/core/safetensors/parse.ts';
import type { Golden } from '../src/testing/fixtures.ts';
import type { ReadTinyFile } from '../src/testing/tiny-regimes.ts';

const URLS = import.meta.glob<string>('../src/testing/fixtures/tiny/**/*', {
  query: '?url',
  import: 'default',
  eager: true,
});
const FOLDER = '../src/testing/fixtures/tiny/';

/** The tiny model and its golden answers, as a page reads them. */
export async function readTiny() {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [path, url] of Object.entries(URLS)) {
    files.set(path.slice(FOLDER.length), new Uint8Array(await (await fetch(url)).arrayBuffer()));
  }
  const read: ReadTinyFile = (path) => {
    const bytes = files.get(path);
    if (bytes === undefined) throw new Error(`There is no file ${path}.`);
    return bytes;
  };
  const stored = parseSafetensors(read('golden.safetensors'));
  const golden: Golden = {
    ...(JSON.parse(new TextDecoder().decode(read('golden.json'))) as Omit<Golden, 'tensor'>),
    tensor(name) {
      const tensor = stored.tensors.get(name);
      if (tensor === undefined) throw new Error(`There is no golden tensor ${name}.`);
      return toTensor(tensor);
    },
  };
  return { checkpoint: parseCheckpoint(read('config.json'), [read('model.safetensors')]), golden, read };
}
