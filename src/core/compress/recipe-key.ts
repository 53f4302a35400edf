import type { Recipe, RecipeStep } from './recipe.ts';

/** A text that two recipes share exactly when they ask for the same: key order, empty lists and written-out defaults do not count. */
export function toRecipeKey(recipe: Recipe | null): string {
  return recipe === null ? 'dense' : recipe.steps.map(toStepKey).join('+');
}

function toStepKey(step: RecipeStep): string {
  const exclude = [...(step.exclude ?? [])].sort();
  const left = exclude.length === 0 ? '' : ` without ${exclude.join(',')}`;
  switch (step.method) {
    case 'magnitude':
      return `magnitude ${step.sparsity} ${step.granularity}${left}`;
    case 'rtn': {
      const overrides = Object.entries(step.bitsPerMatrix ?? {})
        .filter(([, bits]) => bits !== step.bits)
        .map(([name, bits]) => `${name}=${bits}`)
        .sort();
      const mixed = overrides.length === 0 ? '' : ` with ${overrides.join(',')}`;
      const grid = `${step.symmetric ? 'symmetric' : 'asymmetric'} ${step.scaleDtype ?? 'F16'}`;
      return `rtn ${step.bits}/${step.groupSize} ${grid}${mixed}${left}`;
    }
    default:
      return step satisfies never;
  }
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
  switch (step.method) {
    case 'magnitude':
      return `Magnitude ${+(step.sparsity * 100).toFixed(1)} %, ${step.granularity.replace('-', ' ')}`;
    case 'rtn': {
      const widths = new Set([step.bits, ...Object.values(step.bitsPerMatrix ?? {})]);
      const bits = [...widths].sort((a, b) => a - b).join(' and ');
      return `RTN ${bits} bit, groups of ${step.groupSize}, ${step.symmetric ? 'symmetric' : 'asymmetric'}`;
    }
    default:
      return step satisfies never;
  }
}
