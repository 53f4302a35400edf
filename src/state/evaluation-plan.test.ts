import { expect, test } from 'vitest';
import type { Recipe } from '../core/compress/recipe.ts';
import { makeManifest, makeWorld } from '../testing/make-pack.ts';
import { planItems, planUnits } from './evaluation-plan.ts';

const manifest = makeManifest();
const { facts, relations } = makeWorld();
const [mild] = manifest.recipes.map(({ recipe }) => recipe) as [Recipe];

test('each fact of both folds comes once before any comes again, each time in another form', () => {
  const items = planItems(facts, relations, ['A', 'B']);
  const usable = facts.filter(({ fold, dev }) => (fold === 'A' || fold === 'B') && !dev);
  expect(items).toHaveLength(usable.length * 3);
  expect(new Set(items.slice(0, usable.length).map(({ fact }) => fact.id)).size).toBe(usable.length);
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  expect(new Set(items.map(({ context }) => context)).size).toBe(items.length);
});

test('development, calibration and control facts are never counted', () => {
  const items = planItems(facts, relations, ['A', 'B']);
  expect(items.filter(({ fact }) => fact.dev || (fact.fold !== 'A' && fact.fold !== 'B'))).toEqual([]);
});

test('every block holds both folds', () => {
  const folds = planItems(facts, relations, ['A', 'B']).map(({ fact }) => fact.fold);
  for (let i = 0; i + 2 <= folds.length; i += 2) expect(new Set(folds.slice(i, i + 2)).size).toBe(2);
});

test('the order is the same at every visit, and mixed', () => {
  const ids = planItems(facts, relations, ['A', 'B']).map(({ id }) => id);
  expect(planItems([...facts], relations, ['A', 'B']).map(({ id }) => id)).toEqual(ids);
  expect(ids).not.toEqual([...ids].sort());
  expect(new Set(ids.slice(0, 12).map((id) => id.split('/')[0])).size).toBe(2);
});

test('control subjects can be planned alone', () => {
  const items = planItems(facts, relations, ['control']);
  expect(new Set(items.map(({ fact }) => fact.fold))).toEqual(new Set(['control']));
});

test('a repair is scored by both twins, and dense and compressed always', () => {
  const units = planUnits(['idp'], mild, manifest, '').map(({ key, fold }) => `${key} ${fold}`);
  expect(units).toEqual(['dense null', 'compressed null', 'idp A', 'idp B']);
});

test('a twin that the pack lacks is not replaced by the other one', () => {
  const onlyA = { ...manifest, repairs: manifest.repairs.filter(({ fold }) => fold === 'A') };
  const units = planUnits(['idp'], mild, onlyA, '').map(({ key, fold }) => `${key} ${fold}`);
  expect(units).toEqual(['dense null', 'compressed null', 'idp A']);
});

test('the text regime is scored once there is a text', () => {
  expect(planUnits(['text'], mild, manifest, '').map(({ key }) => key)).toEqual(['dense', 'compressed']);
  expect(planUnits(['text'], mild, manifest, 'Go.').map(({ key }) => key)).toEqual(['dense', 'compressed', 'text']);
});
