import type { Recipe } from '../core/compress/recipe.ts';
import type { WireError } from '../core/errors.ts';
import type { RegimeSize } from '../engine/protocol.ts';

/** The variant that answers for the recipe on the page; `none` without an engine. */
export type VariantPhase =
  | { status: 'none' }
  /** `step` is what is being done, such as `Layer 2 of 4, GPTQ`; null before the engine has said so. */
  | { status: 'building'; step: string | null }
  | { status: 'ready'; size: RegimeSize }
  | { status: 'failed'; error: WireError };

export interface RecipeState {
  /** What the controls show; acts at once, the last one wins. */
  recipe: Recipe;
  /** The shipped recipe that equals it. */
  presetId: string | null;
  /** A sentence where the recipe on the page cannot be run; it is then not sent to the engine. */
  problem: WireError | null;
  variant: VariantPhase;
  /** The recipe whose variant the engine holds: the previous one while the next is being built, and where that failed. */
  applied: Recipe | null;
  denseSize: RegimeSize | null;
  setRecipe(recipe: Recipe): void;
  setPreset(recipeId: string): void;
  /** Leaves a variant that is being built, or that failed: the recipe of the one that the engine holds comes back, or the pack's first. */
  goBack(): void;
}
