import { expect, test } from 'vitest';
import { makeOutcomeSet } from '../testing/make-outcomes.ts';
import { toComparedAnswers } from './comparison-input.ts';
import { NOT_ASKED } from './outcome-set.ts';

const { set } = makeOutcomeSet({ facts: 20, keys: ['prompt'], fateOf: () => 'relearned' });
const units = set.regimes.filter(({ isShuffled }) => !isShuffled);
const answers = toComparedAnswers(set.plan, units);
const regime = (key: string) => answers.regimes.find((each) => each.key === key);

test('what a twin was trained on is seen, the rest held out, whichever fold it is', () => {
  // A relearned fact is right under the twin that saw it alone: two of three forms, or all.
  const right = (of: Uint8Array | undefined) => Array.from(of ?? []).filter((each) => each === 1).length;
  const forms = 20 * 3;
  expect(regime('prompt')?.seen).toHaveLength(forms);
  expect(right(regime('prompt')?.seen)).toBe(50);
  expect(right(regime('prompt')?.heldOut)).toBe(10);
  expect(regime('prompt')).toMatchObject({ isOneTwin: false });
});

test('control subjects are no items, and subjects are numbered alike for every regime', () => {
  expect(set.plan.items).toHaveLength(22 * 3);
  expect(answers.subjects).toHaveLength(20 * 3);
  expect(new Set(answers.subjects).size).toBe(20);
});

test('a regime without a repair has seen no fact', () => {
  expect(answers.sides).toEqual([
    { key: 'dense', exposure: 'held-out' },
    { key: 'compressed', exposure: 'held-out' },
    { key: 'prompt', exposure: 'held-out' },
    { key: 'prompt', exposure: 'seen' },
  ]);
  expect(new Set(regime('dense')?.seen)).toEqual(new Set([NOT_ASKED]));
});

test('a repair with one twin says so, and answers half of the items', () => {
  const one = toComparedAnswers(
    set.plan,
    units.filter(({ fold }) => fold !== 'B'),
  );
  const prompt = one.regimes.find(({ key }) => key === 'prompt');
  expect(prompt?.isOneTwin).toBe(true);
  expect(prompt?.heldOut.filter((each) => each !== NOT_ASKED)).toHaveLength(30);
  expect(one.count).toBeLessThan(answers.count);
});
