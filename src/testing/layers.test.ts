import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('..', import.meta.url));

/** Which folders each layer may import from, itself aside; `ui` may import types of core only. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  engine: ['core'],
  state: ['core', 'engine'],
  ui: ['core'],
  features: ['core', 'state', 'ui'],
  app: ['core', 'engine', 'state', 'ui', 'features'],
};

const IMPORT = /(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\(\s*'([^']+)'\s*\)/g;

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !path.startsWith('testing'),
);

const imports = files.flatMap((file) =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(IMPORT)].map((match) => {
    const specifier = match[2] ?? match[3] ?? '';
    const target = specifier.startsWith('.') ? relative(SRC, resolve(SRC, dirname(file), specifier)) : specifier;
    return {
      file,
      layer: file.split('/')[0] ?? '',
      target,
      isType: match[1] !== undefined,
      isLocal: specifier.startsWith('.'),
    };
  }),
);

test('imports are seen in every layer, so that a silent check cannot pass', () => {
  for (const layer of Object.keys(MAY_IMPORT)) {
    expect(imports.filter((entry) => entry.layer === layer).length, layer).toBeGreaterThan(0);
  }
});

test('every import goes down the layers', () => {
  const wrong = imports.filter(({ layer, target, isLocal, isType, file }) => {
    const to = target.split('/')[0] ?? '';
    if (!isLocal || to === layer || !file.includes('/')) return false;
    return !MAY_IMPORT[layer]?.includes(to) || (layer === 'ui' && !isType);
  });
  expect(wrong).toEqual([]);
});

test('no feature imports another feature', () => {
  const wrong = imports.filter(
    ({ file, target, layer }) =>
      layer === 'features' && target.startsWith('features/') && target.split('/')[1] !== file.split('/')[1],
  );
  expect(wrong).toEqual([]);
});

test('React stays out of core and engine, and each runtime is imported in one file', () => {
  // `?url` asks for the address of a file, not for its code.
  const codeImports = imports.filter(({ isLocal, isType, target }) => !isLocal && !isType && !target.endsWith('?url'));
  const importers = (name: string) => [
    ...new Set(codeImports.filter(({ target }) => target.startsWith(name)).map(({ file }) => file)),
  ];
  expect(importers('react').filter((file) => /^(core|engine)\//.test(file))).toEqual([]);
  expect(importers('onnxruntime-web')).toEqual(['engine/session.ts']);
  expect(importers('@huggingface/transformers').length).toBeLessThanOrEqual(1);
});
