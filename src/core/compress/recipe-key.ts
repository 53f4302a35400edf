import { methodOf } from './methods.ts';
import type { Recipe, RecipeStep } from './recipe.ts';

/** A text that two recipes share exactly when they ask for the same: key order, empty lists, names said twice and written-out defaults do not count. */
export function toRecipeKey(recipe: Recipe | null): string {
  return recipe === null ? 'dense' : recipe.steps.map(toStepKey).join('+');
}

/** Recipes are compared by the hundred where a repair or a result is looked up, and steps are never changed in place. */
const stepKeys = new WeakMap<RecipeStep, string>();

function toStepKey(step: RecipeStep): string {
  const known = stepKeys.get(step);
  if (known !== undefined) return known;
  const key = spellStep(step);
  stepKeys.set(step, key);
  return key;
}

function spellStep(step: RecipeStep): string {
  const exclude = [...new Set(step.exclude)].sort();
  const left = exclude.length === 0 ? '' : ` without ${exclude.join(',')}`;
  return `${step.method} ${methodOf(step).toKey(step)}${left}`;
}

/** Whether two recipes ask for the same. */
export function isSameRecipe(one: Recipe | null, other: Recipe | null): boolean {
  return toRecipeKey(one) === toRecipeKey(other);
}

/** A recipe in words, such as `Magnitude 60 %, per output`. */
export function toRecipeLabel(recipe: Recipe): string {
  return recipe.steps.length === 0 ? 'No compression' : recipe.steps.map(toStepLabel).join(', then ');
}

function toStepLabel(step: RecipeStep): string {
  const method = methodOf(step);
  return `${method.label} ${method.toText(step)}`;
}
