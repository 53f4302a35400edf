import { expect, test } from 'vitest';
import { toStep } from '../core/compress/levels.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { makeManifest } from '../testing/make-pack.ts';
import { DEFAULT_PLAN, planPoints } from './sweep-plan.ts';
import type { SweepPlan } from './sweep-state.ts';

/** The pack of tests, with another recipe in the place of its RTN one. */
function packWith(recipe: Recipe): PackManifest {
  const manifest = makeManifest();
  const recipes = manifest.recipes.map((entry) => (entry.id === 'rtn-severe' ? { ...entry, recipe } : entry));
  return { ...manifest, recipes };
}

const GROUPS_OF_16: Recipe = {
  version: 1,
  steps: [{ method: 'rtn', bits: 2, groupSize: 16, symmetric: false }],
};
const PLAN: SweepPlan = {
  withShipped: true,
  methods: [
    { method: 'magnitude', levels: [0.5, 0.6] },
    { method: 'rtn', levels: [2] },
  ],
  regimes: ['compressed', 'prompt'],
  itemsPerRegime: 60,
};

test('every recipe that the pack ships is swept with repairs of its own, whatever its options, and none twice', () => {
  const planned = planPoints(PLAN, packWith(GROUPS_OF_16), []);
  const prompts = planned.filter(({ regime }) => regime === 'prompt');
  expect(prompts.map(({ method, level, label, transferredFrom }) => [method, level, label, transferredFrom])).toEqual([
    ['magnitude', 0.6, 'Magnitude 60 %', null],
    ['magnitude', 0.7, 'Magnitude 70 %', null],
    ['rtn', 2, 'RTN 2 bit', null],
    ['magnitude', 0.5, 'Magnitude 50 %, per output', 'Magnitude 60 %'],
    ['rtn', 2, 'RTN 2 bit, groups of 32, asymmetric', 'RTN 2 bit'],
  ]);
  expect(prompts[2]?.recipe).toEqual(GROUPS_OF_16);
});

test('shipped recipes that are not wanted are swept only where a level asks for them', () => {
  const planned = planPoints({ ...PLAN, withShipped: false }, packWith(GROUPS_OF_16), []);
  const compressed = planned.filter(({ regime }) => regime === 'compressed');
  expect(compressed.map(({ level }) => level)).toEqual([0.5, 0.6, 2]);
  expect(compressed.map(({ recipe }) => recipe)).not.toContainEqual(GROUPS_OF_16);
});

test('a shipped recipe of several steps stands at no level of a method', () => {
  const both: Recipe = { version: 1, steps: [toStep('magnitude', 0.5), toStep('rtn', 4)] };
  const planned = planPoints(PLAN, packWith(both), []).filter(({ recipe }) => recipe === both);
  expect(planned).toMatchObject([
    { method: null, level: null, regime: 'compressed' },
    { method: null, level: null, regime: 'prompt', transferredFrom: null },
  ]);
});

test('the plan that is recorded holds the shipped recipes', () => {
  const recipes = planPoints(DEFAULT_PLAN, packWith(GROUPS_OF_16), []).map(({ recipe }) => recipe);
  expect(recipes).toContainEqual(GROUPS_OF_16);
});
