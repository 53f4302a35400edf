import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseTask } from '../core/eval/tasks.ts';
import { parseManifest } from '../core/pack/parse.ts';
import { ATLAS } from '../testing/atlas-pack.ts';
import { expectAppError } from '../testing/expect-error.ts';
import { readAnsweredRepairs } from '../testing/fates-fixture.ts';
import { makeOutcomeSet } from '../testing/make-outcomes.ts';
import { joinOutcomes, parseOutcomes, toOutcomesFile } from './outcome-file.ts';
import { planOutcomes, toControlOutcomes, toFactOutcomes } from './outcome-set.ts';
import { ENGINE_VERSION } from './result-book.ts';

const NAMES = { prompt: 'single', 'lora-merged': 'lora-r8' } as const;
const { set, manifest } = makeOutcomeSet();
const toName = ({ key, fold, isShuffled }: (typeof set.regimes)[number]) =>
  `${key === 'prompt' ? NAMES.prompt : NAMES['lora-merged']}${isShuffled ? '-shuffled' : ''}-${fold?.toLowerCase()}`;
const toBytes = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
const file = toOutcomesFile(set, 'magnitude-mild', toName);
const parse = (json: unknown, recipeId: string | null = 'magnitude-mild') =>
  parseOutcomes(toBytes(json), 'outcomes.json', { recipeId, plan: set.plan, manifest });

describe('parseOutcomes', () => {
  it('gives back what was recorded, every answer as it was and probabilities to within their scale', () => {
    const dense = parse(toOutcomesFile(set, null, toName), null);
    const joined = joinOutcomes(set.recipe, set.plan, dense, parse(file));
    expect(joined.regimes.map(({ key, fold, isShuffled }) => [key, fold, isShuffled])).toEqual(
      set.regimes.map(({ key, fold, isShuffled }) => [key, fold, isShuffled]),
    );
    for (const [i, { right, probabilities, isShuffled }] of set.regimes.entries()) {
      expect([...(joined.regimes[i]?.right ?? [])]).toEqual([...right]);
      const read = joined.regimes[i]?.probabilities ?? null;
      if (isShuffled) expect(read).toBeNull();
      else
        for (const [j, value] of (probabilities ?? []).entries())
          expect(Math.abs((read?.[j] ?? 9) - value)).toBeLessThan(0.0126);
    }
  });

  it.each([
    ['another recipe', { ...file, recipeId: 'rtn-severe' }, 'recipeId'],
    ['fewer questions', { ...file, items: { ...file.items, count: 3 } }, 'items.count'],
    ['other questions', { ...file, items: { ...file.items, fingerprint: '00' } }, 'items.fingerprint'],
    [
      'a repair that is not there',
      { ...file, regimes: [{ ...file.regimes[0], repair: 'magic-a' }] },
      'regimes.0.repair',
    ],
    ['a regime twice', { ...file, regimes: [file.regimes[0], file.regimes[0]] }, 'regimes.1.repair'],
    ['answers cut short', { ...file, regimes: [{ ...file.regimes[0], right: 'AA==' }] }, 'regimes.0.right'],
    ['answers that are no base64', { ...file, regimes: [{ ...file.regimes[0], right: '?' }] }, 'regimes.0.right'],
    ['no version', { ...file, version: 2 }, 'version'],
  ])('refuses %s and names the field', (_, json, field) => {
    expect(expectAppError(() => parse(json), 'pack-invalid').details).toMatchObject({ field });
  });
});

describe('joinOutcomes', () => {
  it.each([
    ['device', { ...file, source: { ...file.source, device: 'Another CPU' } }, 'source.device'],
    ['engine', { ...file, engineVersion: ENGINE_VERSION + 1 }, 'engineVersion'],
  ])('lets no recipe stand beside a dense model of another %s', (_, json, field) => {
    const dense = parse(toOutcomesFile(set, null, toName), null);
    const join = () => joinOutcomes(set.recipe, set.plan, dense, parse(json));
    expect(expectAppError(join, 'pack-invalid').details).toMatchObject({ field });
  });
});

describe('the recorded outcomes of the shipped pack', () => {
  const read = (path: string) => new Uint8Array(readFileSync(new URL(path, ATLAS)));
  const shipped = parseManifest(JSON.parse(new TextDecoder().decode(read('manifest.json'))));
  const { facts, relations } = parseTask(read('tasks/atlas.json'), read('tasks/atlas.jsonl'));
  const plan = planOutcomes(facts, relations);
  const parsed = new Map(
    (shipped.outcomes ?? []).map(({ recipeId, path }) => [
      recipeId,
      parseOutcomes(read(path), path, { recipeId, plan, manifest: shipped }),
    ]),
  );
  const toSet = (id: string) => {
    const [dense, own] = [parsed.get(null), parsed.get(id)];
    const recipe = shipped.recipes.find((each) => each.id === id)?.recipe;
    return dense && own && recipe && joinOutcomes(recipe, plan, dense, own);
  };

  it('are there for the dense model and every recipe, made by this engine', () => {
    expect([...parsed.keys()].sort()).toEqual([null, ...shipped.recipes.map(({ id }) => id)].sort());
    expect(new Set([...parsed.values()].map(({ engineVersion }) => engineVersion))).toEqual(new Set([ENGINE_VERSION]));
  });

  it('take at most 450 kB', () => {
    const paths = new Set(shipped.outcomes?.map(({ path }) => path));
    const bytes = shipped.files
      .filter(({ path }) => paths.has(path))
      .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    expect(bytes).toBeLessThan(450_000);
  });

  const answered = readAnsweredRepairs().filter(({ name }) => !name.includes('re-compressed'));
  const places = {
    single: 'prompt',
    'pool-routed': 'idp',
    'pool-apart': 'idp-apart',
    prefix: 'prefix',
    'lora-r1': 'lora-r1',
    'lora-r8': 'lora-merged',
  } as const;

  it.each(answered.map((each) => [`${each.recipeId} under ${each.name}`, each] as const))(
    'know of %s what PyTorch knows, fact by fact and of control subjects',
    (_, { recipeId, name, outcomes, control }) => {
      const kind = Object.entries(places).find(([prefix]) => name.replace('-shuffled', '') === prefix)?.[1];
      const set = toSet(recipeId);
      expect(kind).toBeDefined();
      if (kind === undefined || set === undefined) throw new Error('not recorded');
      const isShuffled = name.includes('shuffled');
      expect(toFactOutcomes(set, kind, isShuffled)).toEqual(outcomes);
      if (!isShuffled) expect(toControlOutcomes(set, kind)).toEqual(control);
    },
  );
});
