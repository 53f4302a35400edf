import { describe, expect, it, test } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { compressPlainly } from '../../testing/make-calibration.ts';
import { tinyCheckpoint } from '../../testing/make-checkpoint.ts';
import { linearModules } from '../checkpoint/checkpoint.ts';
import { wholeLayers } from '../checkpoint/layer-shape.ts';
import { applyRecipe } from './apply-recipe.ts';
import {
  AXIS_OF,
  actsOnSingle,
  DEFAULT_LEVELS,
  isLevel,
  levelOnAxis,
  METHOD_IDS,
  restrictRecipe,
  toStep,
} from './levels.ts';
import { parseRecipe } from './parse-recipe.ts';
import type { RecipeStep } from './recipe.ts';
import { toRecipeKey } from './recipe-key.ts';

test.each(METHOD_IDS)('every level of %s is a step of its own that a recipe can hold', (id) => {
  const recipes = DEFAULT_LEVELS[AXIS_OF[id]].map((level) => parseRecipe({ version: 1, steps: [toStep(id, level)] }));
  expect(new Set(recipes.map(toRecipeKey)).size).toBe(DEFAULT_LEVELS[AXIS_OF[id]].length);
});

test('a level is the option of the method that is swept, the others stay', () => {
  expect(toStep('magnitude', 0.3)).toEqual({ method: 'magnitude', sparsity: 0.3, granularity: 'per-output' });
  expect(toStep('rtn', 3)).toMatchObject({ method: 'rtn', bits: 3, groupSize: 32 });
});

test('a step stands at the level that it was made for, and a pattern at the share that it clears', () => {
  for (const id of METHOD_IDS) {
    const levels = DEFAULT_LEVELS[AXIS_OF[id]];
    expect(levels.map((level) => levelOnAxis(toStep(id, level)))).toEqual(levels);
  }
  expect(levelOnAxis({ method: 'magnitude', pattern: '1:4' })).toBe(0.75);
});

test('a level that a method has not is refused', () => {
  expectAppError(() => toStep('magnitude', 1.5), 'recipe-invalid');
  expectAppError(() => toStep('rtn', 5), 'recipe-invalid');
  expect([isLevel('magnitude', 1), isLevel('magnitude', Number.NaN), isLevel('rtn', 4)]).toEqual([true, false, true]);
});

describe('restrictRecipe', () => {
  const checkpoint = tinyCheckpoint();
  const all = linearModules(checkpoint.config.numLayers);
  const up = 'model.layers.1.mlp.up_proj';

  it('changes the chosen matrices only, and them as the whole recipe does', async () => {
    const recipe = parseRecipe({ version: 1, steps: [toStep('magnitude', 0.5)] });
    const whole = await applyRecipe(checkpoint, recipe);
    const dense = await applyRecipe(checkpoint, null);
    const alone = await applyRecipe(checkpoint, restrictRecipe(recipe, new Set([up]), all));
    for (const module of all) {
      expect(alone.matrices.get(module)).toEqual((module === up ? whole : dense).matrices.get(module));
    }
  });

  it('is of single matrices for every recipe but those that remove whole units', () => {
    const can = (...steps: RecipeStep[]) => actsOnSingle({ version: 1, steps });
    expect(can(toStep('magnitude', 0.5), toStep('rtn', 4))).toBe(true);
    expect(can(toStep('magnitude', 0.5), toStep('neurons', 0.5))).toBe(false);
    expect(can(toStep('heads', 0.5))).toBe(false);
  });

  it.each(['neurons', 'heads'] as const)('takes %s from the chosen layer alone', async (id) => {
    const recipe = parseRecipe({ version: 1, steps: [{ ...toStep(id, 0.5), calibration: { samples: 1, seed: 0 } }] });
    const layer = new Set(all.filter((module) => module.startsWith('model.layers.1.')));
    const { layers } = await compressPlainly(checkpoint, [[0, 7, 21, 3]], restrictRecipe(recipe, layer, all).steps);
    expect(layers[0]).toEqual(wholeLayers(checkpoint.config)[0]);
    expect(layers[1]?.kept[id === 'neurons' ? 'neurons' : 'kvHeads']).not.toBeNull();
  });

  it('leaves embeddings alone, which are none of the chosen matrices', () => {
    const recipe = parseRecipe({ version: 1, steps: [{ ...toStep('rtn', 4), embeddings: 4 }] });
    expect(restrictRecipe(recipe, new Set([up]), all).steps[0]).not.toHaveProperty('embeddings');
  });

  it('keeps what the recipe leaves alone', () => {
    const recipe = parseRecipe({ version: 1, steps: [{ ...toStep('rtn', 4), exclude: [up] }] });
    expect(restrictRecipe(recipe, new Set([up]), all).steps[0]?.exclude).toHaveLength(all.length);
  });
});
