import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { TIME_PHASES } from '../core/eval/compare-times.ts';
import { FATES } from '../core/eval/fates.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import { checkProperty } from '../testing/check-property.ts';
import { COMPARED_BY } from './figure-choice.ts';
import { toFingerprint } from './fingerprint.ts';
import { isFragment, readFragment, toFragment } from './link.ts';
import type { RunFingerprint } from './run-fingerprint.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { TRANSFER_TYPES } from './transfer-state.ts';

/** Three answers, right, wrong and right. */
const RUN: RunFingerprint = {
  pack: 'atlas-0123',
  order: '0123456789abcdef',
  engineVersion: 2,
  device: 'A laptop',
  recipe: 'fedcba9876543210',
  recipeLabel: 'Magnitude 60 %',
  regimes: [{ key: 'idp', fold: 'A', items: 3, right: 2, hash: toFingerprint('101'), answers: 'a' }],
  textPrompt: toFingerprint('Überlege: 東京?'),
  task: {
    name: 'atlas-sentences',
    task: '00112233445566ff',
    seed: 3,
    regimes: [{ key: 'dense', fold: null, items: 40, logLikelihood: -812.25 }],
  },
};

const SHARED: Settings = {
  ...DEFAULT_SETTINGS,
  tab: 'transfer',
  sweepMeasure: 'perplexity',
  cellMeasure: 'accuracy',
  results: 'recorded',
  linkedRun: RUN,
  theme: 'dark',
  highlighted: 'lora-merged',
  shown: ['dense', 'compressed', 'prefix'],
  exposure: 'seen',
  sampling: { temperature: 0.8, topK: 0, seed: 3 },
  textPrompt: 'Überlege: 東京?',
  question: 'What is the capital of France?',
  inside: { ...DEFAULT_SETTINGS.inside, view: 'patching', layer: 2, head: 1, donor: 'idp', patched: 'heads' },
  recipe: {
    version: 1,
    steps: [
      { method: 'magnitude', pattern: '2:4' },
      { method: 'rtn', bits: 4, groupSize: 32, symmetric: false },
    ],
  },
};

test('a link restores what is compared, and leaves how the page looks to its reader', () => {
  const own: Settings = { ...DEFAULT_SETTINGS, theme: 'light', textSize: 'large' };
  const { settings, problem } = readFragment(toFragment(SHARED, 'atlas'), own, parseRecipe);
  expect(problem).toBeNull();
  expect(settings).toEqual({ ...SHARED, theme: 'light', textSize: 'large' });
});

test('any text survives a link, and a link is plain ASCII that needs no escaping', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (question) => {
      const fragment = toFragment({ ...SHARED, question }, 'atlas');
      expect(fragment).toMatch(/^#v1=[\w-]*$/);
      expect(readFragment(fragment, DEFAULT_SETTINGS, parseRecipe).settings.question).toBe(question);
    }),
  );
});

const side = fc.record(
  {
    key: fc.constantFrom(...REGIME_KEYS),
    exposure: fc.constantFrom('held-out', 'seen'),
    run: fc.constantFrom('recorded', 'live'),
  },
  { requiredKeys: ['key', 'exposure'] },
);
const recipeId = fc.constantFrom('magnitude-mild', 'gptq-severe', 'my.own_recipe-2');
const figures = fc.record({
  tables: fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 30 }),
  items: fc.option(fc.integer({ min: 1, max: 9000 })),
  comparedBy: fc.constantFrom(...COMPARED_BY),
  tradeoffTime: fc.constantFrom(...TIME_PHASES),
  fates: fc.subarray([...FATES]),
  groupExposure: fc.constantFrom('held-out', 'seen'),
  transferType: fc.constantFrom(...TRANSFER_TYPES),
  transferRoute: fc.option(fc.record({ from: recipeId, to: recipeId })),
});

test('whatever is chosen of figures, picked and planned, a link gives it back', () => {
  const planned = fc.option(fc.double({ min: 0.001, max: 1, noNaN: true }));
  checkProperty(
    fc.property(figures, fc.option(fc.tuple(side, side)), planned, (chosen, picked, plannedDifference) => {
      const shared = { ...SHARED, figures: chosen, picked, plannedDifference } as Settings;
      const { settings, problem } = readFragment(toFragment(shared, 'atlas'), DEFAULT_SETTINGS, parseRecipe);
      expect(problem).toBeNull();
      expect(settings).toMatchObject({ figures: chosen, picked, plannedDifference });
    }),
  );
});

test('a link of before figures were told leaves them to its reader', () => {
  const { figures: _, picked: __, plannedDifference: ___, ...old } = SHARED;
  const own: Settings = { ...SHARED, figures: { ...SHARED.figures, items: 40 }, plannedDifference: 0.1 };
  const { settings, problem } = readFragment(toFragment(old as Settings, 'atlas'), own, parseRecipe);
  expect(problem).toBeNull();
  expect(settings).toMatchObject({ figures: own.figures, plannedDifference: 0.1 });
});

test('a damaged part costs only itself and is named', () => {
  const linked = { ...SHARED, exposure: 'both', recipe: { version: 2, steps: [] } } as unknown as Settings;
  const { settings, problem } = readFragment(toFragment(linked, 'atlas'), DEFAULT_SETTINGS, parseRecipe);
  expect(settings).toMatchObject({ question: SHARED.question, exposure: 'held-out', recipe: null });
  expect(problem).toMatch(/exposure, recipe\. The recipe: version is 2, where 1 must stand\.$/);
});

test('a link with a bad recipe tells step, field, value and rule', () => {
  const steps = [{ method: 'magnitude', sparsity: 3, granularity: 'global' }];
  const linked = { ...SHARED, recipe: { version: 1, steps } } as unknown as Settings;
  const { problem } = readFragment(toFragment(linked, 'atlas'), DEFAULT_SETTINGS, parseRecipe);
  expect(problem).toMatch(/recipe\. Step 1 of the recipe: sparsity is 3, where a number from 0 to 1 must stand\.$/);
});

test.each(['#v1=', '#v1=%%%', '#v1=bnVsbA', '#v1=W10', `#v1=${'A'.repeat(60_000)}`])(
  'a damaged link leaves everything: %.20s',
  (fragment) => {
    expect(isFragment(fragment)).toBe(true);
    const { settings, problem } = readFragment(fragment, SHARED, parseRecipe);
    expect(settings).toEqual(SHARED);
    expect(problem).toMatch(/damaged/);
  },
);

test('a fragment of somebody else is none of ours', () => {
  expect(readFragment('#accuracy', SHARED, parseRecipe)).toEqual({ settings: SHARED, pack: null, problem: null });
});

test('a link of before runs and tabs were told keeps working, and tells of no run', () => {
  const { tab: _, results: __, linkedRun: ___, ...old } = SHARED;
  const fragment = toFragment(old as Settings, null);
  const { settings, problem, pack } = readFragment(fragment, { ...SHARED, tab: 'sweep' }, parseRecipe);
  expect({ problem, pack }).toEqual({ problem: null, pack: null });
  expect(settings).toEqual({ ...SHARED, tab: 'sweep', linkedRun: null });
});

test('a run that was linked before text prompts and tasks were told is read as one that tells of none', () => {
  const { textPrompt: _, task: __, ...old } = RUN;
  const fragment = toFragment({ ...SHARED, linkedRun: old as RunFingerprint }, 'atlas');
  const { settings, problem } = readFragment(fragment, DEFAULT_SETTINGS, parseRecipe);
  expect(problem).toBeNull();
  expect(settings.linkedRun).toEqual({ ...RUN, textPrompt: null, task: null });
});

test('a link names its pack', () => {
  expect(readFragment(toFragment(SHARED, 'mine'), DEFAULT_SETTINGS, parseRecipe).pack).toBe('mine');
});

const [REGIME] = RUN.regimes;
test.each<[string, unknown]>([
  ['more right than items', { ...RUN, regimes: [{ ...REGIME, right: 4 }] }],
  ['answers that are not those of its hash', { ...RUN, regimes: [{ ...REGIME, answers: 'c' }] }],
  ['a number that is none', { ...RUN, regimes: [{ ...REGIME, items: '3' }] }],
  ['more items than any pack has', { ...RUN, regimes: [{ ...REGIME, items: 1e9, answers: null }] }],
  ['an unknown regime', { ...RUN, regimes: [{ ...REGIME, key: '__proto__' }] }],
  ['no answers', { ...RUN, regimes: [], task: null }],
  ['a task without answers', { ...RUN, task: { ...RUN.task, regimes: [] } }],
  ['a path for a task', { ...RUN, task: { ...RUN.task, task: '../../secret' } }],
  ['a script for a hash', { ...RUN, order: '<script>alert(1)</script>' }],
  ['another kind', 'run'],
])('a link whose run has %s tells of no run and keeps the rest', (_, linkedRun) => {
  const fragment = toFragment({ ...SHARED, linkedRun: linkedRun as RunFingerprint }, 'atlas');
  const { settings, problem } = readFragment(fragment, DEFAULT_SETTINGS, parseRecipe);
  expect(settings).toMatchObject({ question: SHARED.question, linkedRun: null });
  expect(problem).toMatch(/linkedRun\.$/);
});

test('a mutated link opens the page, and whatever it changes is a setting that the page itself could have', () => {
  const fragment = toFragment(SHARED, 'atlas');
  const mutation = fc.tuple(fc.nat(fragment.length - 1), fc.constantFrom(...'AZaz09-_#=% <"\u0000é'));
  checkProperty(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), (mutations) => {
      const characters = [...fragment];
      for (const [at, character] of mutations) characters[at] = character;
      const { settings } = readFragment(characters.join(''), DEFAULT_SETTINGS, parseRecipe);
      const again = readFragment(toFragment(settings, null), DEFAULT_SETTINGS, parseRecipe);
      expect(again).toEqual({ settings, pack: null, problem: null });
    }),
    500,
  );
});

test('a link of a run with as many answers as it tells of stays short enough to be read', () => {
  const answers = 'f'.repeat(512);
  const hash = toFingerprint('1'.repeat(2048));
  const regimes = (['A', 'B'] as const).flatMap((fold) =>
    (['idp', 'prompt'] as const).map((key) => ({ key, fold, items: 2048, right: 2048, hash, answers })),
  );
  const linkedRun = { ...RUN, regimes };
  const fragment = toFragment({ ...SHARED, linkedRun }, 'atlas');
  expect(fragment.length).toBeLessThan(8_000);
  expect(readFragment(fragment, DEFAULT_SETTINGS, parseRecipe).settings.linkedRun).toEqual(linkedRun);
});
