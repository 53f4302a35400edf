import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { linearModules } from '../core/checkpoint/checkpoint.ts';
import { toStep } from '../core/compress/levels.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { MethodId, Recipe } from '../core/compress/recipe.ts';
import { parseManifest } from '../core/pack/parse.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import { makeManifest } from '../testing/make-pack.ts';
import { type RegimeContext, toRecipeDistance, toRegimePlan } from './regimes.ts';

const manifest = makeManifest();
const [mild, severe, quantized] = manifest.recipes.map(({ recipe }) => recipe) as [Recipe, Recipe, Recipe];

function plan(key: RegimeKey, context: Partial<RegimeContext> = {}) {
  return toRegimePlan(key, { recipe: mild, manifest, fold: 'A', textPrompt: 'Answer.', ...context });
}

const modules = linearModules(manifest.checkpoint.layers);
const distance = (one: Recipe, other: Recipe) => toRecipeDistance(one, other, modules);

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
  expect(distance(mild, mild)).toBe(0);
  const wanda: Recipe = { version: 1, steps: [toStep('wanda', 0.6)] };
  expect(distance(magnitude(0), magnitude(1))).toBeLessThan(distance(mild, wanda));
  expect(distance(magnitude(0), wanda)).toBeLessThan(distance(mild, quantized));
});

test('of several steps those are compared that are alike, whatever stands before them', () => {
  const steps = (...all: [MethodId, number][]): Recipe => ({
    version: 1,
    steps: all.map(([method, level]) => toStep(method, level)),
  });
  const both = steps(['neurons', 0.25], ['rtn', 3]);
  expect(plan('prompt', { recipe: both }).repair?.recipeId).toBe('rtn-severe');
  expect(distance(both, steps(['rtn', 3]))).toBeCloseTo(20, 2);
  expect(distance(steps(['rtn', 3]), both)).toBe(distance(both, steps(['rtn', 3])));
  expect(distance(both, steps(['neurons', 0.25], ['rtn', 4]))).toBeLessThan(10);
  expect(distance(both, steps(['rtn', 3], ['neurons', 0.25]))).toBeCloseTo(40, 2);
});

describe('of the shipped repairs', () => {
  const path = new URL('../../public/packs/atlas/manifest.json', import.meta.url);
  const atlas = parseManifest(JSON.parse(readFileSync(path, 'utf8')));
  const names = linearModules(atlas.checkpoint.layers);
  const giving = (level: number, to: readonly string[]) => Object.fromEntries(to.map((name) => [name, level]));
  const low = atlas.recipes.flatMap(({ id, recipe: { steps } }) =>
    steps.flatMap((step) => (id === 'rtn-mild' && 'bits' in step ? Object.keys(step.bitsPerMatrix ?? {}) : [])),
  );
  const rtn = { method: 'rtn', bits: 4, groupSize: 32, symmetric: false };
  const pruned = { method: 'magnitude', granularity: 'per-output' };

  const attention = names.filter((name) => name.includes('self_attn'));
  const feedForward = names.filter((name) => name.includes('mlp'));
  const spared = names.filter((name) => !low.includes(name));
  const five = names.filter((_, i) => i % 6 === 0);

  /** The repair that serves better, measured by more than the error of the difference (docs/decisions/0014-the-nearest-repair.md). */
  const BETTER: readonly [name: string, step: object, recipeId: string][] = [
    ['3 bits', { ...rtn, bits: 3 }, 'rtn-mild'],
    ['3 bits in groups of 16', { ...rtn, bits: 3, groupSize: 16 }, 'rtn-mild'],
    ['3 bits in groups of 128', { ...rtn, bits: 3, groupSize: 128 }, 'rtn-mild'],
    ['4 bits, 2 in feed-forward matrices', { ...rtn, bitsPerMatrix: giving(2, feedForward) }, 'rtn-mild'],
    ['4 bits, 2 in all that the mild recipe spares', { ...rtn, bitsPerMatrix: giving(2, spared) }, 'rtn-severe'],
    ['2 bits, 4 in five', { ...rtn, bits: 2, groupSize: 16, bitsPerMatrix: giving(4, five) }, 'rtn-severe'],
    ['58 % pruned', { ...pruned, sparsity: 0.58 }, 'magnitude-severe'],
    ['46 %, 18 left alone', { ...pruned, sparsity: 0.46, exclude: low }, 'magnitude-mild'],
    [
      '46 %, 70 % in attention',
      { ...pruned, sparsity: 0.46, sparsityPerMatrix: giving(0.7, attention) },
      'magnitude-severe',
    ],
  ];

  it.each(BETTER)('%s gets the one that serves better', (_, step, recipeId) => {
    const recipe = parseRecipe({ version: 1, steps: [step] });
    expect(plan('lora-merged', { recipe, manifest: atlas })).toMatchObject({ transferred: true, repair: { recipeId } });
  });

  it('a recipe is another one where as many matrices have other bits', () => {
    const recipe = parseRecipe({ version: 1, steps: [{ ...rtn, bitsPerMatrix: giving(8, low) }] });
    const shipped = atlas.recipes.find(({ id }) => id === 'rtn-mild')?.recipe ?? recipe;
    expect(low).toHaveLength(18);
    expect(toRecipeDistance(recipe, shipped, names)).toBeGreaterThan(0.5);
  });

  it('AWQ, which has none of its own, gets those of the steps that round as it does', () => {
    const recipe = (bits: number) =>
      parseRecipe({ version: 1, steps: [{ ...rtn, method: 'awq', bits, calibration: { samples: 512, seed: 0 } }] });
    expect(plan('prompt', { recipe: recipe(3), manifest: atlas }).repair?.recipeId).toBe('rtn-mild');
    expect(plan('prompt', { recipe: recipe(2), manifest: atlas }).repair?.recipeId).toBe('rtn-severe');
  });
});
