import type { Method } from './method.ts';
import { METHODS } from './methods.ts';
import { PATTERNS } from './pruning-amount.ts';
import type { MethodId, Recipe, RecipeStep } from './recipe.ts';
import { stepFields } from './step-fields.ts';

/** The option that says how hard a method compresses: a share of zeros or of whole units from 0 to 1, or bits per weight. */
export type LevelAxis = 'sparsity' | 'bits' | 'share';

/** The axis of every method: one that is added names its own here. */
export const AXIS_OF: Readonly<Record<MethodId, LevelAxis>> = {
  magnitude: 'sparsity',
  wanda: 'sparsity',
  sparsegpt: 'sparsity',
  rtn: 'bits',
  gptq: 'bits',
  awq: 'bits',
  neurons: 'share',
  heads: 'share',
};

/**
 * Levels that a sweep begins with, from mild to severe or from small to large as the axis runs. Of sparsities those between which the
 * shipped model goes from unharmed to useless, its recipes' own (0.46, 0.56) among them; of bits all that a runtime holds packed, and 3; whole units
 * do harm much sooner than single weights, and a model may have but two key/value heads.
 */
export const DEFAULT_LEVELS: Readonly<Record<LevelAxis, readonly number[]>> = {
  sparsity: [0.3, 0.4, 0.46, 0.5, 0.56, 0.6, 0.7],
  bits: [2, 3, 4, 8],
  share: [0.125, 0.25, 0.5],
};

/** Every method's id, in the order a form offers them. */
export const METHOD_IDS = Object.keys(METHODS) as MethodId[];

/** The method's step at a level, all other options at their defaults; throws `recipe-invalid` for a level that it has not. */
export function toStep(id: MethodId, level: number): RecipeStep {
  const method: Method<RecipeStep> = METHODS[id];
  return method.parseOptions(stepFields({ ...method.defaultOptions, [AXIS_OF[id]]: level }, 0));
}

/** Where a step stands on its method's axis, matrices with a level of their own aside; a pattern stands at the share that it clears. */
export function levelOnAxis(step: RecipeStep): number {
  if ('bits' in step) return step.bits;
  if ('share' in step) return step.share;
  if (step.pattern === undefined) return step.sparsity;
  const { kept, of } = PATTERNS[step.pattern];
  return 1 - kept / of;
}

/** Whether the method has a step at this level. */
export function isLevel(id: MethodId, level: number): boolean {
  try {
    toStep(id, level);
    return true;
  } catch {
    return false;
  }
}

/** Whether a recipe can act on a single matrix: whole units go from all matrices of a layer that hold them. */
export function actsOnSingle({ steps }: Recipe): boolean {
  return steps.every((step) => !('share' in step));
}

/** The recipe acting on `modules` alone; `all` are the linear modules of the model. What it leaves alone already stays so, and embeddings do. */
export function restrictRecipe(recipe: Recipe, modules: ReadonlySet<string>, all: readonly string[]): Recipe {
  const others = all.filter((module) => !modules.has(module));
  const steps = recipe.steps.map((step) => {
    const restricted = { ...step, exclude: [...new Set([...(step.exclude ?? []), ...others])] };
    if ('bits' in restricted) delete restricted.embeddings;
    return restricted;
  });
  return { ...recipe, steps };
}
