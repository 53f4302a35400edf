import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { isFragment, readFragment, toFragment } from './link.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';

const SHARED: Settings = {
  ...DEFAULT_SETTINGS,
  theme: 'dark',
  highlighted: 'lora-merged',
  shown: ['dense', 'compressed', 'prefix'],
  exposure: 'seen',
  sampling: { temperature: 0.8, topK: 0, seed: 3 },
  textPrompt: 'Überlege: 東京?',
  question: 'What is the capital of France?',
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
  const { settings, problem } = readFragment(toFragment(SHARED), own, parseRecipe);
  expect(problem).toBeNull();
  expect(settings).toEqual({ ...SHARED, theme: 'light', textSize: 'large' });
});

test('any text survives a link, and a link is plain ASCII that needs no escaping', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (question) => {
      const fragment = toFragment({ ...SHARED, question });
      expect(fragment).toMatch(/^#v1=[\w-]*$/);
      expect(readFragment(fragment, DEFAULT_SETTINGS, parseRecipe).settings.question).toBe(question);
    }),
  );
});

test('a damaged part costs only itself and is named', () => {
  const linked = { ...SHARED, exposure: 'both', recipe: { version: 2, steps: [] } } as unknown as Settings;
  const { settings, problem } = readFragment(toFragment(linked), DEFAULT_SETTINGS, parseRecipe);
  expect(settings).toMatchObject({ question: SHARED.question, exposure: 'held-out', recipe: null });
  expect(problem).toMatch(/exposure, recipe\.$/);
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
  expect(readFragment('#accuracy', SHARED, parseRecipe)).toEqual({ settings: SHARED, problem: null });
});
