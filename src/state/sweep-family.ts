import type { Recipe } from '../core/compress/recipe.ts';
import { toRecipeKey } from '../core/compress/recipe-key.ts';
import { toDeclared } from '../core/eval/comparisons.ts';
import { PACKED, toSubjectNumbers } from '../core/eval/packed-comparison.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import { type CellOrder, compareCells, toCellMark } from './cell-family.ts';
import { RESAMPLES } from './estimates.ts';
import type { SweepFamily, SweepPoint } from './sweep-state.ts';

export interface FamilyOrder extends CellOrder {
  /** Items that comparisons wait for: those of a recipe by its `toRecipeKey`, those of the map by its `toMapKey`. */
  presetOf: (key: string) => number;
  /** How many comparisons are declared, measured or not; those at hand count in any case. */
  size: number;
}

type PointFamily = Omit<SweepFamily, 'cells'>;

/** The families of a sweep, of its recipes and of its map, computed in the statistics worker. */
export async function compareSweep(statistics: Statistics, order: FamilyOrder): Promise<SweepFamily> {
  const [points, cells] = await Promise.all([comparePoints(statistics, order), compareCells(statistics, order)]);
  return { ...points, cells };
}

async function comparePoints(
  statistics: Statistics,
  { items, points, availableItems, presetOf, size, precision }: FamilyOrder,
): Promise<PointFamily> {
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
  const toPoints = keepLast(toPointMark, (order: FamilyOrder) => comparePoints(statistics, order));
  const toCells = keepLast(toCellMark, (order: FamilyOrder) => compareCells(statistics, order));
  let kept: { points: PointFamily; family: SweepFamily } | null = null;
  return async (order) => {
    const [points, cells] = await Promise.all([toPoints(order), toCells(order)]);
    if (kept?.points !== points || kept.family.cells !== cells) kept = { points, family: { ...points, cells } };
    return kept.family;
  };
}

function toPointMark({ points, presetOf, precision, size }: FamilyOrder): readonly unknown[] {
  const presets = [...toRecipes(points).keys()].map((recipe) => presetOf(toRecipeKey(recipe)));
  return [precision, size, ...points.map(({ right }) => right), ...presets];
}

/** `compute` whose last result stands while the mark of what it is of has the same entries. */
function keepLast<Of, Result>(
  toMark: (of: Of) => readonly unknown[],
  compute: (of: Of) => Promise<Result>,
): (of: Of) => Promise<Result> {
  let kept: { mark: readonly unknown[]; result: Result } | null = null;
  return async (of) => {
    const mark = toMark(of);
    const isKnown = kept?.mark.length === mark.length && mark.every((each, i) => each === kept?.mark[i]);
    if (kept !== null && isKnown) return kept.result;
    const result = await compute(of);
    kept = { mark, result };
    return result;
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
