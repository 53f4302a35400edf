import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseTask } from '../core/eval/tasks.ts';
import { SWEEP_ID } from '../core/pack/manifest.ts';
import { parseManifest, toDocumentsPath } from '../core/pack/parse.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import { createPlainStatistics } from '../engine/statistics-client.ts';
import { planItems } from '../state/evaluation-plan.ts';
import { createSweepWork } from '../state/sweep-work.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => new Uint8Array(readFileSync(new URL(`public/packs/atlas/${path}`, ROOT)));

test('what the README tells of the sweep is what its answers come to', async () => {
  const readme = readFileSync(new URL('README.md', ROOT), 'utf8').replaceAll('\n', ' ');
  const manifest = parseManifest(JSON.parse(new TextDecoder().decode(read('manifest.json'))));
  const config = manifest.tasks[0]?.config ?? '';
  const { facts, relations } = parseTask(read(config), read(toDocumentsPath(config)));
  const path = manifest.recorded.find(({ id }) => id === SWEEP_ID)?.path ?? '';
  const planned = planItems(facts, relations, ['A', 'B']);
  const work = createSweepWork(createPlainStatistics());
  const recorded = work.parseSweep(read(path), path, planned);
  const { size, ofRecipes } = await work.compareRecorded(recorded, planned.length);
  const all = [...ofRecipes.values()].flatMap(({ comparisons }) => comparisons);
  const decided = all.filter(({ isDecided }) => isDecided);
  const count = (first: RegimeKey, second: RegimeKey, sign: number) =>
    decided.filter((each) => {
      return each.first.key === first && each.second.key === second && Math.sign(each.difference.value) === sign;
    }).length;
  expect(all).toHaveLength(size);
  expect(readme).toContain(`The sweep asks ${recorded.items.length} held-out questions of ${ofRecipes.size} recipes`);
  expect(readme).toContain(`After Holm over its ${size} comparisons`);
  for (const [name, key] of [
    ['the single prompt', 'prompt'],
    ['IDP', 'idp'],
    ['LoRA-merged', 'lora-merged'],
  ] as const) {
    const [gains, losses] = [count(key, 'compressed', 1), count(key, 'compressed', -1)];
    expect(readme).toMatch(new RegExp(`${name} gains under ${gains}( recipe)? and costs under ${losses}\\b`));
  }
  const [better, worse] = [count('idp', 'lora-merged', -1), count('idp', 'lora-merged', 1)];
  expect(readme).toContain(`LoRA-merged beats IDP under ${better} and loses to it under ${worse}.`);
  expect(readme).toContain(`The other ${size - decided.length} are undecided`);
}, 30_000);
