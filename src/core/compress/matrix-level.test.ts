import { expect, test } from 'vitest';
import { levelsOf, levelUnit, matrixLevelOf, withLevel } from './matrix-level.ts';
import { parseRecipe } from './parse-recipe.ts';
import type { RecipeStep } from './recipe.ts';

const RTN: RecipeStep = { method: 'rtn', bits: 4, groupSize: 32, symmetric: false };
const PRUNED: RecipeStep = { method: 'magnitude', sparsity: 0.5, granularity: 'per-output' };
const UP = 'model.layers.0.mlp.up_proj';
const DOWN = 'model.layers.1.mlp.down_proj';

test.each([
  ['bits', RTN, 2],
  ['sparsity', PRUNED, 0.25],
] as const)('a matrix gets %s of its own, and gives them up again', (unit, step, level) => {
  expect(levelUnit(step)).toBe(unit);
  const changed = withLevel(step, [UP, DOWN], { kind: 'own', level });
  expect(matrixLevelOf(changed, UP)).toEqual({ kind: 'own', level });
  expect(parseRecipe({ version: 1, steps: [changed] }).steps).toEqual([changed]);
  const again = withLevel(changed, [UP], { kind: 'usual' });
  expect(matrixLevelOf(again, UP)).toEqual({ kind: 'usual' });
  expect(matrixLevelOf(again, DOWN)).toEqual({ kind: 'own', level });
  expect(withLevel(again, [DOWN], { kind: 'usual' })).toEqual(step);
});

test('the levels of a step are its own and those of single matrices, each once', () => {
  expect(levelsOf(RTN)).toEqual([4]);
  expect(levelsOf({ ...RTN, bits: 2, bitsPerMatrix: { [UP]: 4, [DOWN]: 4 } })).toEqual([4, 2]);
  expect(levelsOf(withLevel(PRUNED, [UP], { kind: 'own', level: 0.75 }))).toEqual([0.75, 0.5]);
});

test('a matrix that is left out loses its own level, and comes back as usual', () => {
  const own = withLevel(RTN, [UP], { kind: 'own', level: 8 });
  const without = withLevel(own, [UP], { kind: 'excluded' });
  expect(without).toEqual({ ...RTN, exclude: [UP] });
  expect(matrixLevelOf(without, UP)).toEqual({ kind: 'excluded' });
  expect(withLevel(without, [UP], { kind: 'usual' })).toEqual(RTN);
});

test('matrices that are pruned together, or by a pattern, have no levels of their own', () => {
  expect(levelUnit({ method: 'magnitude', sparsity: 0.5, granularity: 'global' })).toBeNull();
  expect(levelUnit({ method: 'magnitude', pattern: '2:4' })).toBeNull();
});
