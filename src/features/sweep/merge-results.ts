import { METHOD_IDS } from '../../core/compress/levels.ts';
import { toRecipeKey } from '../../core/compress/recipe-key.ts';
import type { PackRecipe } from '../../core/pack/manifest.ts';
import { REGIME_KEYS } from '../../core/recover/regime.ts';
import { type PointComparisons, toPointComparisons } from '../../state/point-comparisons.ts';
import type { ResultSource } from '../../state/results.ts';
import type { SweepPoint, SweepResults } from '../../state/sweep-state.ts';

/** A point that says where it was measured: recorded and live ones stand in one figure, so each must. */
export interface SourcedPoint extends SweepPoint {
  source: ResultSource;
  /** Unique among the points of a figure. */
  id: string;
  /** The recipe is one of the pack's own. */
  isShipped: boolean;
  /** Its declared comparisons, with points of the same source alone; null for the dense model and until they are computed. */
  compared: PointComparisons | null;
}

/**
 * Recorded points, each replaced by the live one of the same recipe and regime once there is one; the dense model, then by method, level,
 * recipe from large to small, and the order of the board. Recipes of several steps come last.
 */
export function mergePoints(
  recorded: SweepResults | null,
  live: SweepResults | null,
  shipped: readonly PackRecipe[],
): readonly SourcedPoint[] {
  const shippedKeys = new Set(shipped.map(({ recipe }) => toRecipeKey(recipe)));
  const merged = new Map<string, SourcedPoint>();
  const bytes = new Map<string, number>();
  for (const results of [recorded, live]) {
    for (const point of results?.points ?? []) {
      if (results === null) continue;
      const key = toRecipeKey(point.recipe);
      const id = `${key} ${point.regime}`;
      const compared = toPointComparisons(results.family, point);
      merged.set(id, { ...point, id, source: results.source, isShipped: shippedKeys.has(key), compared });
      if (point.regime === 'compressed') bytes.set(key, point.storedBytes);
    }
  }
  const toOrder = ({ recipe, method, level, regime }: SweepPoint) => [
    recipe === null ? -1 : method === null ? METHOD_IDS.length : METHOD_IDS.indexOf(method),
    level ?? 0,
    -(bytes.get(toRecipeKey(recipe)) ?? 0),
    REGIME_KEYS.indexOf(regime),
  ];
  return [...merged.values()]
    .map((point) => ({ point, order: toOrder(point) }))
    .sort((one, other) => {
      const differences = one.order.map((place, i) => place - (other.order[i] ?? 0));
      return differences.find((difference) => difference !== 0) ?? 0;
    })
    .map(({ point }) => point);
}

/** The sources of some points, recorded before live. */
export function toSources(points: readonly SourcedPoint[]): readonly ResultSource[] {
  const kinds = (['recorded', 'live'] as const).map(
    (kind) => points.find(({ source }) => source.kind === kind)?.source,
  );
  return kinds.filter((source) => source !== undefined);
}
