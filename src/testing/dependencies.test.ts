import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const readJson = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const { dependencies, devDependencies, engines } = readJson('package.json');
const { packages } = readJson('package-lock.json');

test('every dependency is pinned to one version', () => {
  const versions: [string, string][] = Object.entries({ ...dependencies, ...devDependencies });
  expect(versions.length).toBeGreaterThan(0);
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('there is one onnxruntime-web in the tree: the one that the page is tested with', () => {
  const found = Object.keys(packages).filter((path) => path.endsWith('node_modules/onnxruntime-web'));
  expect(found.map((path) => packages[path].version)).toEqual([dependencies['onnxruntime-web']]);
});

test('no package needs a newer Node than the page says', () => {
  expect(packages[''].engines).toEqual(engines);
  const needy = Object.entries<{ engines?: { node?: string }; optional?: boolean }>(packages)
    .filter(([, entry]) => entry.optional !== true && /^>=\s*2[1-9]/.test(entry.engines?.node ?? ''))
    .map(([path]) => path);
  expect(needy).toEqual([]);
});
