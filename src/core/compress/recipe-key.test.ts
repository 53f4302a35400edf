import { expect, test } from 'vitest';
import { METHODS } from './methods.ts';
import type { Recipe } from './recipe.ts';
import { isSameRecipe, toRecipeKey, toRecipeLabel } from './recipe-key.ts';

const rtn: Recipe = {
  version: 1,
  steps: [{ method: 'rtn', bits: 4, groupSize: 32, symmetric: false, bitsPerMatrix: { b: 2, a: 2 } }],
};

test('what says the same has the same key', () => {
  const written: Recipe = {
    version: 1,
    steps: [
      {
        scaleDtype: 'F16',
        bitsPerMatrix: { a: 2, b: 2, c: 4 },
        symmetric: false,
        groupSize: 32,
        bits: 4,
        method: 'rtn',
        exclude: [],
      },
    ],
  };
  expect(isSameRecipe(rtn, written)).toBe(true);
  const leaving = (...exclude: string[]): Recipe => ({
    ...rtn,
    steps: rtn.steps.map((step) => ({ ...step, exclude }) as typeof step),
  });
  expect(isSameRecipe(leaving('a', 'b'), leaving('b', 'a', 'b'))).toBe(true);
});

test('every field that changes the weights changes the key', () => {
  const step = { method: 'rtn', bits: 4, groupSize: 32, symmetric: false } as const;
  const pruning = { method: 'magnitude', sparsity: 0.5, granularity: 'global' } as const;
  const recipes: (Recipe | null)[] = [
    null,
    ...[
      [step],
      [{ ...step, bits: 2 } as const],
      [{ ...step, groupSize: 64 } as const],
      [{ ...step, symmetric: true }],
      [{ ...step, scaleDtype: 'F32' } as const],
      [{ ...step, bitsPerMatrix: { a: 2 } } as const],
      [{ ...step, exclude: ['a'] }],
      [{ ...step, embeddings: 8 } as const],
      [{ ...step, embeddings: 4 } as const],
      [pruning],
      [{ ...pruning, sparsity: 0.6 }],
      [{ ...pruning, granularity: 'per-layer' } as const],
      [{ ...pruning, exclude: ['a'] }],
      [pruning, step],
      [step, pruning],
    ].map((steps): Recipe => ({ version: 1, steps })),
  ];
  expect(new Set(recipes.map(toRecipeKey)).size).toBe(recipes.length);
});

test('a recipe has a label for people', () => {
  const recipe: Recipe = { version: 1, steps: [{ method: 'magnitude', sparsity: 0.575, granularity: 'per-output' }] };
  expect(toRecipeLabel(recipe)).toBe('Magnitude 57.5 %, per output');
  expect(toRecipeLabel(rtn)).toBe('RTN 2 and 4 bit, groups of 32, asymmetric');
  const all: Recipe = { version: 1, steps: [{ ...METHODS.rtn.defaultOptions, embeddings: 8 }] };
  expect(toRecipeLabel(all)).toBe('RTN 4 bit, groups of 32, asymmetric, embeddings 8 bit');
});
