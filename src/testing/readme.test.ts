import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compareCounted } from '../core/eval/counted-comparison.ts';
import { parseManifest } from '../core/pack/parse.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import { parseTransfer } from '../state/parse-transfer.ts';
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

test('what the README tells of transfer is what the tests of the matrix come to', () => {
  const file = readFileSync(new URL(manifest.transfer ?? '', PACK));
  const { cells, contrasts } = parseTransfer(new Uint8Array(file), 'transfer');
  const family = [...cells.map(({ gain }) => gain), ...contrasts.map(({ comparison }) => comparison)];
  const tested = compareCounted(family).map((comparison, i) => {
    const { from, to } = cells[i] ?? contrasts[i - cells.length] ?? { from: '', to: '' };
    return { ...comparison, isHome: from === to };
  });
  const summarize = (first: RegimeKey, second: RegimeKey) => {
    const away = tested.filter((each) => each.first.key === first && each.second.key === second && !each.isHome);
    const decided = away.filter(({ isDecided }) => isDecided).map(({ difference }) => difference.value);
    const worst = Math.round(-100 * Math.min(...decided));
    return {
      cells: away.length,
      gains: decided.filter((value) => value > 0).length,
      losses: decided.filter((value) => value < 0).length,
      worst,
    };
  };
  const told = readme.split('Repairs hardly transfer.')[1]?.split('A LoRA trained')[0]?.replaceAll('\n', ' ') ?? '';
  const { cells: size } = summarize('prompt', 'compressed');
  expect(told).toContain(
    `Each kind has ${size} cells away from home. After Holm over all ${family.length} comparisons`,
  );
  for (const [name, key, of] of [
    ['the single prompt', 'prompt', ' of them'],
    ['IDP', 'idp', ''],
    ['LoRA-merged', 'lora-merged', ''],
  ] as const) {
    const { gains, losses, worst } = summarize(key, 'compressed');
    expect(told).toMatch(new RegExp(`${name} gains in ${gains}${of} and costs in ${losses}, by up to ${worst}\\b`));
  }
  const { gains, losses } = summarize('idp', 'lora-merged');
  expect(told).toContain(`LoRA-merged beats IDP in ${losses} and loses to it in ${gains}.`);
  const home = tested.filter(({ isHome, second }) => isHome && second.key === 'compressed');
  const isGain = ({ isDecided, difference }: (typeof home)[number]) => isDecided && difference.value > 0;
  expect(told).toContain(`${home.filter(isGain).length} of the ${home.length} gains at home are still decided.`);
});

test('every command that the README tells of is there', () => {
  const { scripts } = JSON.parse(read(new URL('package.json', ROOT)));
  const named = [...readme.matchAll(/npm (?:run )?([a-z:]+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'ci');
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});
