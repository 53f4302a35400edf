import type { Recipe } from '../core/compress/recipe.ts';
import { ANSWER_BITS } from './parse-sweep.ts';
import { toCodesText, toItemsMark } from './recorded-answers.ts';
import type { Estimate } from './results.ts';
import type { SweepResults } from './sweep-state.ts';

/** What a sweep is recorded as (`docs/pack-format.md`): every recipe once, estimates as value and bounds, answers in a few characters. */
export function toSweepFile({ source, items, points, sensitivity }: SweepResults) {
  const recipes = new Map<Recipe, object>();
  for (const { recipe, label, method, level } of points) {
    if (recipe !== null) recipes.set(recipe, { recipe, label, method, level });
  }
  const places = [...recipes.keys()];
  return {
    version: 3 as const,
    source: { ...source, kind: 'recorded' as const },
    items: toItemsMark(items),
    recipes: [...recipes.values()],
    points: points.map(({ recipe, regime, transferredFrom, isOneTwin, storedBytes, right, ...point }) => ({
      recipe: recipe && places.indexOf(recipe),
      regime,
      ...(transferredFrom === null ? {} : { transferredFrom }),
      ...(isOneTwin ? { isOneTwin } : {}),
      storedBytes,
      accuracy: toBounds(point.accuracy),
      perplexity: toBounds(point.perplexity),
      klDivergence: toBounds(point.klDivergence),
      sameTop: toBounds(point.sameTop),
      right: toCodesText(right, ANSWER_BITS),
    })),
    sensitivity: sensitivity && {
      ...sensitivity,
      cells: sensitivity.cells.map(({ accuracy, klDivergence, right, ...place }) => ({
        ...place,
        accuracy: toBounds(accuracy),
        klDivergence: toBounds(klDivergence),
        right: toCodesText(right, ANSWER_BITS),
      })),
    },
  };
}

/** A cluster bootstrap goes without saying, counts follow from the answers. */
function toBounds(estimate: Estimate | null): (number | string | null)[] | null {
  if (estimate === null) return null;
  const { value, low, high, method = null } = estimate;
  return method === 'cluster-bootstrap' ? [value, low, high] : [value, low, high, method];
}
