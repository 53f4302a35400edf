import { AXIS_OF, DEFAULT_LEVELS, METHOD_IDS } from '../../core/compress/levels.ts';
import type { MethodId } from '../../core/compress/recipe.ts';
import { REGIME_KEYS, type RegimeKey } from '../../core/recover/regime.ts';
import type { SweepMethod, SweepPlan, SweepPoint } from '../../state/sweep-state.ts';

/** `50 %` or `3 bit`. */
export function formatLevel(method: MethodId, level: number): string {
  return AXIS_OF[method] === 'bits' ? `${level}\u00a0bit` : `${+(level * 100).toFixed(1)}\u00a0%`;
}

/** Every level of a method that can be chosen: the usual ones, those planned and those measured, ascending. */
export function toOfferedLevels(method: MethodId, plan: SweepPlan, points: readonly SweepPoint[]): readonly number[] {
  const planned = toPlannedLevels(method, plan);
  const measured = points.flatMap((point) => (point.method === method && point.level !== null ? [point.level] : []));
  return [...new Set([...DEFAULT_LEVELS[AXIS_OF[method]], ...planned, ...measured])].sort((one, other) => one - other);
}

export function toPlannedLevels(method: MethodId, plan: SweepPlan): readonly number[] {
  return plan.methods.find((each) => each.method === method)?.levels ?? [];
}

/** The plan with a level of a method added, or taken out where it was planned; a method without levels leaves the plan. */
export function toggleLevel(plan: SweepPlan, method: MethodId, level: number): SweepPlan {
  const methods = METHOD_IDS.flatMap((id): readonly SweepMethod[] => {
    const levels = toPlannedLevels(id, plan);
    const next = id === method ? toggle(levels, level).sort((one, other) => one - other) : levels;
    return next.length === 0 ? [] : [{ method: id, levels: next }];
  });
  return { ...plan, methods };
}

/** The plan with a regime added in the order of the board, or taken out where it was planned. */
export function toggleRegime(plan: SweepPlan, key: RegimeKey): SweepPlan {
  const next = toggle(plan.regimes, key);
  return { ...plan, regimes: REGIME_KEYS.filter((each) => next.includes(each)) };
}

function toggle<T>(list: readonly T[], item: T): T[] {
  return list.includes(item) ? list.filter((each) => each !== item) : [...list, item];
}

/** Recipes times regimes, and the dense model once. */
export function countMeasurements({ methods, regimes }: SweepPlan): number {
  const recipes = methods.reduce((sum, { levels }) => sum + levels.length, 0);
  return recipes === 0 || regimes.length === 0 ? 0 : 1 + recipes * regimes.length;
}
