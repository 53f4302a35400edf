import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseManifest } from '../core/pack/parse.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { RecordedResults } from '../state/results.ts';
import { formatBrackets, formatShare } from '../ui/format.ts';

const ROOT = new URL('../../', import.meta.url);
const PACK = new URL('public/packs/atlas/', ROOT);
const read = (url: URL) => readFileSync(url, 'utf8');
const readme = read(new URL('README.md', ROOT));
const manifest = parseManifest(JSON.parse(read(new URL('manifest.json', PACK))));

/** The columns of the README's table, after recipe and damage. */
const COLUMNS: readonly RegimeKey[] = ['prompt', 'idp', 'idp-apart', 'lora-merged'];

/** A recipe's row as its recorded results have it. */
function toRow(recipeId: string): string {
  const path = manifest.recorded.find(({ id }) => id === recipeId)?.path ?? '';
  const { recipeLabel, damage, rows }: RecordedResults = JSON.parse(read(new URL(path, PACK)));
  const shares = COLUMNS.map((key) => {
    const recovered = rows.find((row) => row.key === key)?.recovered ?? null;
    return recovered === null ? '' : `${formatShare(recovered.value, 0)} ${formatBrackets(recovered, 0)}`;
  });
  const points = formatShare(damage?.value ?? null).replace(/\s*%$/, '');
  return `| ${[recipeLabel, points, ...shares].join(' | ')} |`.replaceAll('\u00a0', ' ').replaceAll('|  |', '| |');
}

test('the table of what repairs bring back has the recorded figures of every recipe', () => {
  const table = readme.split('## What this model shows')[1]?.split('\n## ')[0] ?? '';
  const rows = table.split('\n').filter((line) => /^\| .*\d \|/.test(line) || /^\| .*\] \|/.test(line));
  expect(rows).toEqual(manifest.recipes.map(({ id }) => toRow(id)));
});

test('every command that the README tells of is there', () => {
  const { scripts } = JSON.parse(read(new URL('package.json', ROOT)));
  const named = [...readme.matchAll(/npm (?:run )?([a-z:]+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'ci');
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});
