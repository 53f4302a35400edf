import { AXIS_OF, DEFAULT_LEVELS, METHOD_IDS } from '../../core/compress/levels.ts';
import type { MethodId } from '../../core/compress/recipe.ts';
import type { PackRecipe } from '../../core/pack/manifest.ts';
import { planRecipes } from '../../state/sweep-plan.ts';
import type { SweepMethod, SweepPlan, SweepPoint } from '../../state/sweep-state.ts';

/** `50 %` or `3 bit`. */
export function formatLevel(method: MethodId, level: number): string {
  return AXIS_OF[method] === 'bits' ? `${level}\u00a0bit` : `${+(level * 100).toFixed(1)}\u00a0%`;
}

/** Every level of a method that can be chosen: the usual ones, those planned and those of points that are there, ascending. */
export function toOfferedLevels(method: MethodId, plan: SweepPlan, points: readonly SweepPoint[]): readonly number[] {
  const planned = toPlannedLevels(method, plan);
  const known = points.flatMap((point) => (point.method === method && point.level !== null ? [point.level] : []));
  return [...new Set([...DEFAULT_LEVELS[AXIS_OF[method]], ...planned, ...known])].sort((one, other) => one - other);
}

export function toPlannedLevels(method: MethodId, plan: SweepPlan): readonly number[] {
  return plan.methods.find((each) => each.method === method)?.levels ?? [];
}

/** The plan with these levels of a method; a method without levels leaves the plan. */
export function withLevels(plan: SweepPlan, method: MethodId, levels: readonly number[]): SweepPlan {
  const methods = METHOD_IDS.flatMap((id): readonly SweepMethod[] => {
    const next = id === method ? levels : toPlannedLevels(id, plan);
    return next.length === 0 ? [] : [{ method: id, levels: next }];
  });
  return { ...plan, methods };
}

/** Recipes times regimes, and the dense model once. */
export function countMeasurements(plan: SweepPlan, shipped: readonly PackRecipe[]): number {
  const measurements = planRecipes(plan, shipped).length * plan.regimes.length;
  return measurements === 0 ? 0 : 1 + measurements;
}
