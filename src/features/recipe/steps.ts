import type { RecipeStep } from '../../core/compress/recipe.ts';

/** The step a method starts from when it is chosen. */
export function defaultStep(method: RecipeStep['method']): RecipeStep {
  switch (method) {
    case 'magnitude':
      return { method, sparsity: 0.5, granularity: 'per-output' };
    case 'rtn':
      return { method, bits: 4, groupSize: 32, symmetric: false };
  }
}
