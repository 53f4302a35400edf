import { expect, test } from 'vitest';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { createMemoryTexts } from './memory-storage.ts';
import { DEFAULT_SETTINGS, readSettings, type Settings, writeSettings } from './settings.ts';

const KEY = 'recall-lab/settings';
const read = (text: string) => readSettings(createMemoryTexts([[KEY, text]]), parseRecipe);

test('settings come back as they were written', () => {
  const texts = createMemoryTexts();
  const settings: Settings = {
    theme: 'dark',
    textSize: 'large',
    highlighted: 'lora-merged',
    shown: ['dense', 'idp', 'text'],
    exposure: 'seen',
    sampling: { temperature: 0.7, topK: 0, seed: 3 },
    textPrompt: 'Think first.',
    question: 'Why?',
    recipe: { version: 1, steps: [{ method: 'magnitude', sparsity: 0.4, granularity: 'global' }] },
    sweep: {
      withShipped: false,
      methods: [{ method: 'rtn', levels: [2, 4] }],
      regimes: ['compressed', 'prefix'],
      itemsPerRegime: 60,
    },
    sweepMeasure: 'sameTop',
    cellMeasure: 'accuracy',
    task: { id: 'atlas-exact', seed: 7, limit: 40, metric: 'acc_norm', groupBy: 'fold' },
    fateKey: 'lora-r1',
    inside: {
      view: 'patching',
      left: 'compressed',
      right: 'prefix',
      layer: 3,
      head: 1,
      quantity: 'residual',
      measure: 'relativeError',
      items: 80,
      lensMeasure: 'rank',
      pool: 'idp-apart',
      module: 'model.layers.2.mlp.up_proj',
      matrixOf: 'lora-r1',
      heights: 'log',
      matrixStage: 'merged',
      patternView: { zoom: 2, middle: { row: 40.5, column: 12 } },
      donor: 'idp',
      receiver: 'prompt',
      patched: 'heads',
      patchMeasure: 'share',
    },
    figures: {
      tables: ['Accuracy', 'Fact map'],
      items: 500,
      comparedBy: 'perTokenMs',
      tradeoffTime: 'perTokenMs',
      fates: ['lost'],
      groupExposure: 'seen',
      transferType: 'lora-r8',
      transferRoute: { from: 'magnitude-mild', to: 'rtn-severe' },
    },
    picked: [
      { key: 'idp', exposure: 'held-out' },
      { key: 'idp', exposure: 'held-out', run: 'recorded' },
    ],
    plannedDifference: 0.02,
    tab: 'transfer',
    results: 'recorded',
    linkedRun: null,
  };
  expect(writeSettings(texts, settings)).toBe(true);
  expect(readSettings(texts, parseRecipe)).toEqual({ settings, problem: null });
});

test('a first visit has defaults and nothing to tell', () => {
  expect(readSettings(createMemoryTexts(), parseRecipe)).toEqual({ settings: DEFAULT_SETTINGS, problem: null });
});

test('a damaged field costs only itself and is named', () => {
  const { settings, problem } = read(
    '{"theme":"dark","shown":["dense","all"],"exposure":7,"sampling":{"temperature":-1,"topK":0,"seed":0},"recipe":{"version":9},"fateKey":"dense"}',
  );
  expect(settings).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark' });
  expect(problem).toMatch(
    /shown, exposure, sampling, recipe, fateKey\. The recipe: version is 9, where 1 must stand\.$/,
  );
});

test.each([
  ['a method', { methods: [{ method: 'melt', levels: [1] }] }],
  ['a level', { methods: [{ method: 'rtn', levels: [4, 5] }] }],
  ['a regime', { regimes: ['all'] }],
  ['a number of items', { itemsPerRegime: 0 }],
])('a sweep with %s that does not exist falls back to the default one', (_, wrong) => {
  const sweep = { ...DEFAULT_SETTINGS.sweep, itemsPerRegime: 60 };
  expect(read(JSON.stringify({ sweep })).settings.sweep).toEqual(sweep);
  expect(read(JSON.stringify({ sweep: { ...sweep, ...wrong } }))).toMatchObject({
    settings: DEFAULT_SETTINGS,
    problem: expect.stringMatching(/sweep\.$/),
  });
});

test.each([
  ['a name that no task may have', { id: '../atlas' }],
  ['a seed out of range', { seed: -1 }],
  ['no documents', { limit: 0 }],
  ['a metric that the harness lacks', { metric: 'f1' }],
  ['a group that no document has', { groupBy: 'colour' }],
])('a choice of task with %s falls back to the default one', (_, wrong) => {
  const task = { ...DEFAULT_SETTINGS.task, id: 'atlas-exact' };
  expect(read(JSON.stringify({ task })).settings.task).toEqual(task);
  expect(read(JSON.stringify({ task: { ...task, ...wrong } }))).toMatchObject({
    settings: { task: DEFAULT_SETTINGS.task },
    problem: expect.stringMatching(/task\.$/),
  });
});

test.each([
  ['tables', [7]],
  ['tables', Array.from({ length: 61 }, (_, i) => `Figure ${i}`)],
  ['items', 0.5],
  ['comparedBy', 'taste'],
  ['tradeoffTime', 'accuracy'],
  ['fates', ['saved']],
  ['groupExposure', 'all'],
  ['transferType', 'prefix'],
  ['transferRoute', { from: '../x', to: 'rtn-mild' }],
])('a damaged %s of how figures are shown costs only itself and is named', (name, wrong) => {
  const figures = { ...DEFAULT_SETTINGS.figures, items: 40, transferType: 'single' };
  const { settings, problem } = read(JSON.stringify({ figures: { ...figures, [name]: wrong } }));
  const { [name as 'items']: fallback } = DEFAULT_SETTINGS.figures;
  expect(settings.figures).toEqual({ ...figures, [name]: fallback });
  expect(problem).toMatch(new RegExp(`figures\\.${name}\\.$`));
});

test.each([
  ['picked', [{ key: 'idp', exposure: 'held-out' }]],
  [
    'picked',
    [
      { key: 'all', exposure: 'seen' },
      { key: 'idp', exposure: 'seen' },
    ],
  ],
  ['plannedDifference', 0],
  ['plannedDifference', 2],
])('a damaged %s falls back to none', (name, wrong) => {
  expect(read(JSON.stringify({ [name]: wrong }))).toMatchObject({
    settings: { [name]: null },
    problem: expect.stringContaining(name),
  });
});

test.each([
  ['view', 'brain'],
  ['right', 'all'],
  ['layer', -1],
  ['head', 1.5],
  ['quantity', 'weights'],
  ['measure', 'angle'],
  ['items', 0],
  ['pool', 'prompt'],
  ['module', 'model.layers.0.self_attn.q_proj/../x'],
  ['matrixOf', null],
  ['heights', 'tall'],
  ['matrixStage', 0],
  ['patternView', { zoom: 1, middle: { row: -1, column: 0 } }],
  ['donor', 7],
  ['patched', 'everything'],
])('a damaged %s of what is looked at inside costs only itself and is named', (name, wrong) => {
  const inside = { ...DEFAULT_SETTINGS.inside, left: 'prefix' as const };
  expect(read(JSON.stringify({ inside }))).toMatchObject({ settings: { inside }, problem: null });
  const { settings, problem } = read(JSON.stringify({ inside: { ...inside, [name]: wrong } }));
  expect(settings).toEqual({ ...DEFAULT_SETTINGS, inside });
  expect(problem).toMatch(new RegExp(`inside\\.${name}\\.$`));
});

test('before anything is looked at, the highlighted recovery stands beside dense', () => {
  expect(read('{"highlighted":"lora-merged"}').settings.inside).toEqual({
    ...DEFAULT_SETTINGS.inside,
    right: 'lora-merged',
  });
});

test('a sweep planned before shipped recipes could be left out holds them', () => {
  const { withShipped: _, ...sweep } = { ...DEFAULT_SETTINGS.sweep, itemsPerRegime: 60 };
  expect(read(JSON.stringify({ sweep }))).toMatchObject({
    settings: { sweep: { withShipped: true, itemsPerRegime: 60 } },
    problem: null,
  });
});

test.each(['', '{', 'null', '[]', '"x"', '<!doctype html>'])('what is no object gives defaults: %s', (text) => {
  const { settings, problem } = read(text);
  expect(settings).toEqual(DEFAULT_SETTINGS);
  expect(problem).not.toBeNull();
});

test('columns come back in the order of the board, each once', () => {
  expect(read('{"shown":["idp","dense","idp"]}').settings.shown).toEqual(['dense', 'idp']);
});

test('denied storage gives defaults and says so, reading and writing', () => {
  const denied = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  const texts = { read: denied, write: denied };
  expect(readSettings(texts, parseRecipe).problem).toMatch(/denies storage/);
  expect(writeSettings(texts, DEFAULT_SETTINGS)).toBe(false);
});
