import type { RecipeStep } from './recipe.ts';
import type { StepFields } from './step-fields.ts';
import type { VariantMatrix } from './variant.ts';

/** Linear matrices by module name, in the order of `linearModules`. */
export type Matrices = ReadonlyMap<string, VariantMatrix>;

/** A way to compress; one file each, one row in `methods.ts`. */
export interface Method<Step extends RecipeStep = RecipeStep> {
  id: Step['method'];
  /** Name for people. */
  label: string;
  defaultOptions: Step;
  /** Checks the fields of a step; throws `recipe-invalid`. */
  parseOptions(fields: StepFields): Step;
  /**
   * Replacements of the matrices that the step changes, one matrix at a time where the method allows it, so that the
   * caller can stop and report between them; the input is not mutated.
   */
  apply(matrices: Matrices, step: Step): Iterable<readonly [module: string, matrix: VariantMatrix]>;
}
