import { expect, test } from 'vitest';
import { toStep } from '../core/compress/levels.ts';
import type { MethodId, Recipe } from '../core/compress/recipe.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import { makeManifest } from '../testing/make-pack.ts';
import { type RegimeContext, toRecipeDistance, toRegimePlan } from './regimes.ts';

const manifest = makeManifest();
const [mild, severe, quantized] = manifest.recipes.map(({ recipe }) => recipe) as [Recipe, Recipe, Recipe];

function plan(key: RegimeKey, context: Partial<RegimeContext> = {}) {
  return toRegimePlan(key, { recipe: mild, manifest, fold: 'A', textPrompt: 'Answer.', ...context });
}

function magnitude(sparsity: number): Recipe {
  return { version: 1, steps: [{ method: 'magnitude', sparsity, granularity: 'per-output' }] };
}

test('every place of the board has a regime of its own for a shipped recipe', () => {
  const ids = REGIME_KEYS.map((key) => plan(key).regime?.id);
  expect(ids).not.toContain(undefined);
  expect(new Set(ids).size).toBe(REGIME_KEYS.length);
});

test('each place gets the repair that was trained for it', () => {
  const names = Object.fromEntries(REGIME_KEYS.map((key) => [key, plan(key).repair?.name ?? null]));
  expect(names).toEqual({
    dense: null,
    compressed: null,
    prompt: 'single-a',
    idp: 'pool-routed-a',
    'idp-apart': 'pool-apart-a',
    'lora-merged': 'lora-r8-a',
    prefix: 'prefix-a',
    'lora-r1': 'lora-r1-a',
    'lora-recompressed': 'lora-r8-a',
    'lora-unmerged': 'lora-r8-a',
    text: null,
  });
  expect(REGIME_KEYS.filter((key) => plan(key).transferred)).toEqual([]);
});

test('the three forms of LoRA differ in their recovery only', () => {
  const repairId = 'magnitude-mild/lora-r8-a';
  expect(plan('lora-merged').regime?.recovery).toEqual({ kind: 'lora-merged', repairId, recompress: false });
  expect(plan('lora-recompressed').regime?.recovery).toEqual({ kind: 'lora-merged', repairId, recompress: true });
  expect(plan('lora-unmerged').regime?.recovery).toEqual({ kind: 'lora-unmerged', repairId });
});

test('the fold chooses the twin', () => {
  expect(plan('idp', { fold: 'B' }).repair?.id).toBe('magnitude-mild/pool-routed-b');
});

test('a recipe of its own gets the repair of the nearest shipped one, labelled transferred', () => {
  expect(plan('prompt', { recipe: magnitude(0.62) })).toMatchObject({
    transferred: true,
    repair: { recipeId: 'magnitude-mild' },
  });
  expect(plan('prompt', { recipe: magnitude(0.69) }).repair?.recipeId).toBe('magnitude-severe');
  const threeBit: Recipe = { version: 1, steps: [{ method: 'rtn', bits: 3, groupSize: 64, symmetric: true }] };
  expect(plan('prompt', { recipe: threeBit }).repair?.recipeId).toBe('rtn-severe');
});

test('a method without repairs of its own gets those of its kind, at the nearest level', () => {
  const recipeOf = (method: MethodId, level: number): Recipe => ({ version: 1, steps: [toStep(method, level)] });
  expect(plan('prompt', { recipe: recipeOf('wanda', 0.69) }).repair?.recipeId).toBe('magnitude-severe');
  expect(plan('prompt', { recipe: recipeOf('sparsegpt', 0.5) }).repair?.recipeId).toBe('magnitude-mild');
  expect(plan('prompt', { recipe: recipeOf('gptq', 8) }).repair?.recipeId).toBe('rtn-severe');
});

test('a kind of repair that a recipe was not trained with comes from its neighbour, labelled transferred', () => {
  expect(plan('prefix', { recipe: severe })).toMatchObject({
    transferred: true,
    repair: { id: 'magnitude-mild/prefix-a' },
  });
});

test('shuffled-answer repairs never answer', () => {
  const shuffledOnly = { ...manifest, repairs: manifest.repairs.filter(({ shuffledAnswers }) => shuffledAnswers) };
  expect(plan('prompt', { manifest: shuffledOnly })).toMatchObject({ regime: null, repair: null });
  expect(plan('prompt', { manifest: shuffledOnly }).unavailable).toMatch(/no repair/);
});

test('the text regime waits for a text and is another regime for another text', () => {
  expect(plan('text', { textPrompt: ' ' })).toMatchObject({ regime: null });
  expect(plan('text', { textPrompt: 'One.' }).regime?.id).not.toBe(plan('text', { textPrompt: 'Two.' }).regime?.id);
});

test('recipes of one method are always nearer than those of two, and of one kind nearer than of two', () => {
  expect(toRecipeDistance(mild, mild)).toBe(0);
  const wanda: Recipe = { version: 1, steps: [toStep('wanda', 0.6)] };
  expect(toRecipeDistance(magnitude(0), magnitude(1))).toBeLessThan(toRecipeDistance(mild, wanda));
  expect(toRecipeDistance(magnitude(0), wanda)).toBeLessThan(toRecipeDistance(mild, quantized));
});

test('of several steps those are compared that are alike, whatever stands before them', () => {
  const steps = (...all: [MethodId, number][]): Recipe => ({
    version: 1,
    steps: all.map(([method, level]) => toStep(method, level)),
  });
  const both = steps(['neurons', 0.25], ['rtn', 3]);
  expect(plan('prompt', { recipe: both }).repair?.recipeId).toBe('rtn-severe');
  expect(toRecipeDistance(both, steps(['rtn', 3]))).toBeCloseTo(20, 2);
  expect(toRecipeDistance(steps(['rtn', 3]), both)).toBe(toRecipeDistance(both, steps(['rtn', 3])));
  expect(toRecipeDistance(both, steps(['neurons', 0.25], ['rtn', 4]))).toBeLessThan(10);
  expect(toRecipeDistance(both, steps(['rtn', 3], ['neurons', 0.25]))).toBeCloseTo(40, 2);
});
