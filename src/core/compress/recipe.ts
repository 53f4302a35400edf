import type { METHODS } from './methods.ts';

/** How a checkpoint is compressed: ordered steps, versioned; link, export, packs and tests share this form. */
export interface Recipe {
  version: 1;
  steps: readonly RecipeStep[];
}

/** Id of a method. */
export type MethodId = keyof typeof METHODS;

/** One step of a method. */
export type StepOf<Id extends MethodId> = (typeof METHODS)[Id]['defaultOptions'];

export type RecipeStep = StepOf<MethodId>;
