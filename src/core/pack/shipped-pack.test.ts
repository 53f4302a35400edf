import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseManifest } from './parse.ts';

const PACK = fileURLToPath(new URL('../../../public/packs/atlas/', import.meta.url));
const MANIFEST = 'manifest.json';
/** A page on a slow connection is not asked for more, even if it fetches everything. */
const MAX_PACK_BYTES = 12_000_000;

/** Repairs of a recipe by severity; each is there twice, trained on either half of the facts. */
const REPAIRS = {
  mild: ['lora-r1', 'lora-r8', 'lora-r8-shuffled', 'pool-apart', 'pool-routed', 'prefix', 'single', 'single-shuffled'],
  severe: ['lora-r8', 'pool-routed', 'single'],
} as const;

const read = (path: string) => readFileSync(join(PACK, path));
const readJson = (path: string) => JSON.parse(read(path).toString('utf8'));
const manifest = parseManifest(readJson(MANIFEST));
const paths = readdirSync(PACK, { recursive: true, encoding: 'utf8' })
  .filter((path) => statSync(join(PACK, path)).isFile())
  .map((path) => path.split(sep).join('/'));

test('the manifest lists every file of the pack but itself, with its bytes and its sha256', () => {
  const found = paths
    .filter((path) => path !== MANIFEST)
    .map((path) => ({
      path,
      sizeBytes: read(path).length,
      sha256: createHash('sha256').update(read(path)).digest('hex'),
    }));
  expect(found.length).toBeGreaterThan(0);
  const byPath = (files: readonly { path: string }[]) => [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  expect(byPath(manifest.files)).toEqual(byPath(found));
});

test('the whole pack, its manifest with it, is at most 12 MB', () => {
  const total = paths.reduce((sum, path) => sum + statSync(join(PACK, path)).size, 0);
  expect(total).toBeLessThanOrEqual(MAX_PACK_BYTES);
});

test('every recipe has all repairs of its severity, trained on both halves of the facts', () => {
  expect(manifest.recipes.map(({ severity }) => severity)).toEqual(expect.arrayContaining(['mild', 'severe']));
  for (const { id, severity } of manifest.recipes) {
    const names = manifest.repairs.filter(({ recipeId }) => recipeId === id).map(({ name }) => name);
    expect(names.sort(), id).toEqual(REPAIRS[severity].flatMap((name) => [`${name}-a`, `${name}-b`]));
  }
});

test('every recipe has recorded results, which tell the device and date that the manifest has', () => {
  for (const { id } of manifest.recipes) {
    const entries = [
      manifest.recorded.find((entry) => entry.id === id),
      manifest.outcomes?.find((entry) => entry.recipeId === id),
    ];
    for (const entry of entries) {
      const { recipeId, source } = readJson(entry?.path ?? '');
      expect({ recipeId, device: source.device, date: source.date }).toEqual({
        recipeId: id,
        device: entry?.device,
        date: entry?.date,
      });
      expect(source.kind).toBe('recorded');
    }
  }
});
