import { type Checkpoint, linearModules } from '../checkpoint/checkpoint.ts';
import { AppError } from '../errors.ts';
import { pause, type RunOptions } from '../run-options.ts';
import { methodOf } from './methods.ts';
import { checkRecipe, parseRecipe } from './parse-recipe.ts';
import type { Recipe } from './recipe.ts';
import type { Variant, VariantMatrix } from './variant.ts';
import { toDenseMatrix } from './variant-matrix.ts';

/** The checkpoint itself as a variant: every linear matrix dense, sharing the checkpoint's arrays. */
export function toVariant(checkpoint: Checkpoint): Variant {
  const matrices = new Map<string, VariantMatrix>();
  for (const module of linearModules(checkpoint.config.numLayers)) {
    const tensor = checkpoint.tensors.get(`${module}.weight`);
    if (tensor === undefined) {
      throw new AppError('checkpoint-invalid', `The checkpoint lacks the weight of ${module}.`, { field: module });
    }
    matrices.set(module, toDenseMatrix(tensor));
  }
  return { checkpoint, matrices };
}

/**
 * The variant that a recipe makes of a checkpoint, which is not mutated; `null` is the dense checkpoint.
 * Pauses after each matrix. Throws `recipe-invalid` before any work where the recipe does not fit.
 */
export async function applyRecipe(
  checkpoint: Checkpoint,
  recipe: Recipe | null,
  options: RunOptions = {},
): Promise<Variant> {
  const { matrices } = toVariant(checkpoint);
  const result = new Map(matrices);
  if (recipe === null) return { checkpoint, matrices: result };
  const { steps } = parseRecipe(recipe); // once more: a form's slip must not reach the weights
  checkRecipe({ version: 1, steps }, checkpoint.config);
  const total = steps.length * result.size;
  for (const [index, step] of steps.entries()) {
    let done = index * result.size;
    for (const [module, matrix] of methodOf(step).apply(new Map(result), step)) {
      result.set(module, matrix);
      done += 1;
      await pause(options, done, total);
    }
  }
  return { checkpoint, matrices: result };
}
