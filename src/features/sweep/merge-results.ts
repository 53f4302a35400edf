import { METHOD_IDS } from '../../core/compress/levels.ts';
import { toRecipeKey } from '../../core/compress/recipe-key.ts';
import { REGIME_KEYS } from '../../core/recover/regime.ts';
import type { ResultSource } from '../../state/results.ts';
import type { SweepPoint, SweepResults } from '../../state/sweep-state.ts';

/** A point that says where it was measured: recorded and live ones stand in one figure, so each must. */
export interface SourcedPoint extends SweepPoint {
  source: ResultSource;
  /** Unique among the points of a figure. */
  id: string;
}

/** Recorded points, each replaced by the live one of the same recipe and regime once there is one; by method, level and the order of the board. */
export function mergePoints(recorded: SweepResults | null, live: SweepResults | null): readonly SourcedPoint[] {
  const merged = new Map<string, SourcedPoint>();
  for (const results of [recorded, live]) {
    for (const point of results?.points ?? []) {
      if (results === null) continue;
      const id = `${toRecipeKey(point.recipe)} ${point.regime}`;
      merged.set(id, { ...point, id, source: results.source });
    }
  }
  const toOrder = ({ method, level, regime }: SweepPoint) => [
    method === null ? -1 : METHOD_IDS.indexOf(method),
    level ?? 0,
    REGIME_KEYS.indexOf(regime),
  ];
  return [...merged.values()].sort((one, other) => {
    const others = toOrder(other);
    const differences = toOrder(one).map((place, i) => place - (others[i] ?? 0));
    return differences.find((difference) => difference !== 0) ?? 0;
  });
}

/** The sources of some points, recorded before live. */
export function toSources(points: readonly SourcedPoint[]): readonly ResultSource[] {
  const kinds = (['recorded', 'live'] as const).map(
    (kind) => points.find(({ source }) => source.kind === kind)?.source,
  );
  return kinds.filter((source) => source !== undefined);
}
