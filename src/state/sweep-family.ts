import type { Recipe } from '../core/compress/recipe.ts';
import { toRecipeKey } from '../core/compress/recipe-key.ts';
import { toDeclared } from '../core/eval/comparisons.ts';
import { PACKED, toSubjectNumbers } from '../core/eval/packed-comparison.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import { type Precision, RESAMPLES } from './estimates.ts';
import type { SweepFamily, SweepPoint, SweepResults } from './sweep-state.ts';

export interface FamilyOrder extends Pick<SweepResults, 'items' | 'points'>, Pick<SweepFamily, 'availableItems'> {
  /** Items that the comparisons of a recipe, by its `toRecipeKey`, wait for. */
  presetOf: (recipeKey: string) => number;
  /** How many comparisons are declared, measured or not; those at hand count in any case. */
  size: number;
  precision: Precision;
}

/** The family of a sweep, computed in the statistics worker. */
export async function compareSweep(
  statistics: Statistics,
  { items, points, availableItems, presetOf, size, precision }: FamilyOrder,
): Promise<SweepFamily> {
  // A sweep asks held-out items only.
  const seen = new Uint8Array(items.length).fill(PACKED.notAnswered);
  const recipes = [...toRecipes(points)].map(([recipe, own]) => {
    const key = toRecipeKey(recipe);
    const regimes = own.map(({ regime, right, isOneTwin }) => ({ key: regime, heldOut: right, seen, isOneTwin }));
    return { key, presetItems: presetOf(key), regimes };
  });
  const input = {
    subjects: toSubjectNumbers(items.map(({ fact }) => fact)),
    recipes: recipes.map(({ presetItems, regimes }) => ({ presetItems, regimes })),
    familySize: size,
  };
  const compared = await statistics.compute('comparePackedFamily', input, { resamples: RESAMPLES[precision] });
  const atHand = compared.reduce((sum, { length }) => sum + length, 0);
  const ofRecipes = recipes.map(
    ({ key, presetItems }, i) => [key, { presetItems, comparisons: compared[i] ?? [] }] as const,
  );
  return { size: Math.max(size, atHand), availableItems, ofRecipes: new Map(ofRecipes) };
}

/** `compareSweep` of answers as they come: what did not change since the last time is not computed again. */
export function createLiveFamily(statistics: Statistics): (order: FamilyOrder) => Promise<SweepFamily> {
  let kept: { mark: readonly unknown[]; family: SweepFamily } | null = null;
  return async (order) => {
    const answers = order.points.map(({ right }) => right);
    const presets = [...toRecipes(order.points).keys()].map((recipe) => order.presetOf(toRecipeKey(recipe)));
    const mark = [order.precision, order.size, ...answers, ...presets];
    const isKnown = kept?.mark.length === mark.length && mark.every((each, i) => each === kept?.mark[i]);
    if (kept !== null && isKnown) return kept.family;
    const family = await compareSweep(statistics, order);
    kept = { mark, family };
    return family;
  };
}

/** How many comparisons are declared for the regimes of a plan's recipes. */
export function countDeclared(points: readonly Pick<SweepPoint, 'recipe' | 'regime'>[]): number {
  const declaredFor = (keys: ReadonlySet<RegimeKey>) =>
    toDeclared([...keys]).filter(
      ([first, second]) => second.exposure === 'held-out' && keys.has(first.key) && keys.has(second.key),
    ).length;
  const regimes = [...toRecipes(points).values()].map((own) => new Set(own.map(({ regime }) => regime)));
  return regimes.reduce((sum, keys) => sum + declaredFor(keys), 0);
}

/** The points of every recipe, the dense model's left out; those of a recipe share the object. */
function toRecipes<Point extends Pick<SweepPoint, 'recipe'>>(points: readonly Point[]): Map<Recipe, Point[]> {
  const recipes = new Map<Recipe, Point[]>();
  for (const point of points) {
    if (point.recipe === null) continue;
    const own = recipes.get(point.recipe);
    if (own === undefined) recipes.set(point.recipe, [point]);
    else own.push(point);
  }
  return recipes;
}
