import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { parseManifest } from './parse.ts';

const sha256 = 'a'.repeat(64);
const file = (path: string) => ({ path, sizeBytes: 10, sha256 });
const base = {
  recipeId: 'mild',
  fold: 'A',
  shuffledAnswers: false,
  parameters: 64,
  steps: 300,
};
const repairs = [
  { ...base, id: 'mild/single-a', name: 'single-a', path: 'repairs/mild/single-a', kind: 'prompt', virtualTokens: 8 },
  { ...base, id: 'mild/lora-r1-a', name: 'lora-r1-a', path: 'repairs/mild/lora-r1-a', kind: 'lora', r: 1, alpha: 2 },
  {
    ...base,
    id: 'mild/pool-routed-a',
    name: 'pool-routed-a',
    path: 'repairs/mild/pool-routed-a',
    kind: 'pool',
    virtualTokens: [4, 8],
    trained: 'routed',
    bestSingle: 1,
  },
];
const recipe = { version: 1, steps: [{ method: 'magnitude', sparsity: 0.6, granularity: 'per-output' }] };
const sound = {
  formatVersion: 1,
  id: 'atlas',
  name: 'Atlas',
  licence: 'CC0-1.0',
  description: 'A small world.',
  checkpoint: { path: 'checkpoint', dtype: 'F16', parameters: 1000, layers: 2 },
  files: [
    'checkpoint/config.json',
    'checkpoint/model.safetensors',
    'goldens/dense.safetensors',
    'goldens/mild.safetensors',
    'calibration/general.txt',
    'variants/mild.safetensors',
    'tasks/atlas.json',
    'tasks/atlas.jsonl',
    'recorded/cpu.json',
    'repairs/mild/pool-routed-a/pool.json',
    ...['single-a', 'lora-r1-a'].flatMap((name) => [
      `repairs/mild/${name}/adapter_config.json`,
      `repairs/mild/${name}/adapter_model.safetensors`,
    ]),
  ].map(file),
  folds: { A: 10, B: 10, calibration: 1, control: 1 },
  calibration: 'calibration/general.txt',
  recipes: [
    {
      id: 'mild',
      label: 'Magnitude 60 %',
      severity: 'mild',
      recipe,
      goldens: 'goldens/mild.safetensors',
      variant: 'variants/mild.safetensors',
    },
  ],
  repairs,
  goldens: { file: 'goldens/dense.safetensors', contexts: [{ text: 'x', ids: [0, 5] }] },
  tasks: [{ id: 'atlas', config: 'tasks/atlas.json' }],
  recorded: [{ id: 'cpu', path: 'recorded/cpu.json', device: 'wasm', date: '2026-01-01' }],
};
const rejects = (json: unknown) => expectAppError(() => parseManifest(json), 'pack-invalid');
const withFile = (extra: Record<string, unknown>) => ({
  ...sound,
  files: [...sound.files, { ...file('x.txt'), ...extra }],
});

it('takes a sound manifest as it is, and drops what it does not know', () => {
  expect(parseManifest(sound)).toEqual(sound);
  expect(parseManifest({ ...sound, note: 1 })).toEqual(sound);
});

it('takes a manifest without calibration sentences, and recipes without a variant', () => {
  const { calibration: _, ...rest } = sound;
  const recipes = [{ id: 'mild', label: 'Magnitude', severity: 'mild', recipe, goldens: 'goldens/mild.safetensors' }];
  expect(parseManifest({ ...rest, recipes })).toEqual({ ...rest, recipes });
});

it('takes recorded outcomes of its own recipes and of the dense model, one file each, all of them listed', () => {
  const entry = { path: 'recorded/cpu.json', device: 'wasm', date: '2026-01-01' };
  const outcomes = [
    { recipeId: null, ...entry },
    { recipeId: 'mild', ...entry },
  ];
  expect(parseManifest({ ...sound, outcomes })).toEqual({ ...sound, outcomes });
  for (const wrong of [
    { recipeId: 'other', ...entry },
    { recipeId: null, ...entry },
    { recipeId: 'mild', ...entry, path: 'recorded/none.json' },
  ]) {
    rejects({ ...sound, outcomes: [outcomes[0], wrong] });
  }
});

it.each([null, [], 'x', {}, { ...sound, formatVersion: 2 }, { ...sound, id: 'At las' }, { ...sound, name: '' }])(
  'refuses %j as a whole',
  (json) => {
    rejects(json);
  },
);

it.each([
  [{ name: 5 }, 'name is 5, where the rule is: a value of type string'],
  [{ formatVersion: 2 }, 'formatVersion is 2, where the rule is: 1'],
  [{ licence: '' }, 'licence is "", where the rule is: at least 1 characters'],
  [{ folds: { ...sound.folds, B: -1 } }, 'folds.B is -1, where the rule is: at least 0'],
  [{ folds: { ...sound.folds, B: 0.5 } }, 'folds.B is 0.5, where the rule is: a value of type int'],
  [{ checkpoint: { ...sound.checkpoint, dtype: 'I4' } }, 'checkpoint.dtype is "I4", where the rule is: "F16" or "F32"'],
])('says of %j what it is and what it must be', (change, words) => {
  expect(rejects({ ...sound, ...change }).message).toContain(words);
});

describe('a path', () => {
  it.each([
    '../secret',
    'a/../../b',
    '/etc/passwd',
    'https://host/x',
    '//host/x',
    'a\\b',
    '',
    '.',
    'a//b',
    'x?y',
    'x#y',
    '%2e%2e/x',
    'x'.repeat(600),
  ])('may not be %j', (path) => {
    const { details } = rejects(withFile({ path }));
    expect(details.field).toBe(`files.${sound.files.length}.path`);
    rejects({ ...sound, goldens: { ...sound.goldens, file: path } });
  });

  it.each(['x.json', 'a/b/c-d_e.f.txt', 'with space/ü.txt'.replace('ü', 'u')])('may be %j', (path) => {
    expect(parseManifest(withFile({ path })).files.at(-1)?.path).toBe(path);
  });
});

describe('a hash', () => {
  it.each(['', 'A'.repeat(64), 'a'.repeat(63), 'g'.repeat(64), null])('may not be %j', (value) => {
    rejects(withFile({ sha256: value }));
  });
});

describe('a size', () => {
  it.each([-1, 1.5, Number.NaN, '10', null])('may not be %j', (sizeBytes) => {
    rejects(withFile({ sizeBytes }));
  });
});

describe('ids', () => {
  it('are unique in every list', () => {
    for (const list of ['files', 'recipes', 'repairs', 'tasks', 'recorded'] as const) {
      expect(rejects({ ...sound, [list]: [...sound[list], sound[list][0]] }).message, list).toContain('twice');
    }
  });

  it('of a recipe are never that of the recorded sweep', () => {
    const recipes = [{ ...sound.recipes[0], id: 'sweep' }];
    expect(rejects({ ...sound, recipes, repairs: [] }).details.field).toBe('recipes.id');
    expect(parseManifest({ ...sound, recorded: [{ ...sound.recorded[0], id: 'sweep' }] }).recorded[0]?.id).toBe(
      'sweep',
    );
  });

  it('of a repair are those of its recipe and name', () => {
    rejects({ ...sound, repairs: [{ ...repairs[0], id: 'mild/other-a' }] });
    rejects({ ...sound, repairs: [{ ...repairs[0], id: 'single-a' }] });
  });
});

describe('references', () => {
  it.each(sound.files.map(({ path }) => path))('to %s need the file to be listed', (path) => {
    const files = sound.files.filter((entry) => entry.path !== path);
    expect(rejects({ ...sound, files }).details.observed).toBe(`"${path}"`);
  });

  it('of repairs need their recipe', () => {
    rejects({ ...sound, repairs: [{ ...repairs[0], recipeId: 'severe', id: 'severe/single-a' }] });
  });

  it('to the best prompt stay inside the pool', () => {
    rejects({ ...sound, repairs: [{ ...repairs[2], bestSingle: 2 }] });
  });
});

it.each([
  ['fold', 'C'],
  ['kind', 'adapter'],
  ['virtualTokens', 0],
  ['virtualTokens', [4]],
  ['parameters', -1],
  ['shuffledAnswers', 'no'],
])('refuses a repair whose %s is %j', (field, value) => {
  rejects({ ...sound, repairs: [{ ...repairs[0], [field]: value }] });
});

it('refuses a recipe by its own rules', () => {
  const wrong = { version: 1, steps: [{ method: 'magnitude', sparsity: 1.5, granularity: 'per-output' }] };
  const json = { ...sound, recipes: [{ ...sound.recipes[0], recipe: wrong }] };
  expectAppError(() => parseManifest(json), 'recipe-invalid');
});
