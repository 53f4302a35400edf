import { levelOnAxis } from './levels.ts';
import type { RecipeStep } from './recipe.ts';
import type { Bits } from './variant.ts';

/** What a step does to one matrix: what it does to all, a level of its own (bits, or a sparsity from 0 to 1), or nothing. */
export type MatrixLevel = { kind: 'usual' } | { kind: 'own'; level: number } | { kind: 'excluded' };

/** What a step counts in; null where its matrices cannot differ. */
export function levelUnit(step: RecipeStep): 'bits' | 'sparsity' | null {
  if ('bits' in step) return 'bits';
  const isShared = 'granularity' in step && step.granularity === 'global';
  return 'sparsity' in step && step.sparsity !== undefined && !isShared ? 'sparsity' : null;
}

/** What a step does to a module. */
export function matrixLevelOf(step: RecipeStep, module: string): MatrixLevel {
  if (step.exclude?.includes(module)) return { kind: 'excluded' };
  const level = overridesOf(step)[module];
  return level === undefined ? { kind: 'usual' } : { kind: 'own', level };
}

/** The levels that a step gives to matrices, its own and those that override it, falling, each once. */
export function levelsOf(step: RecipeStep): readonly number[] {
  return [...new Set([levelOnAxis(step), ...Object.values(overridesOf(step))])].sort((one, other) => other - one);
}

/** The step with another level for some of its modules; the other modules keep theirs. */
export function withLevel(step: RecipeStep, modules: readonly string[], wanted: MatrixLevel): RecipeStep {
  const changed = new Set(modules);
  const others = (step.exclude ?? []).filter((module) => !changed.has(module));
  const exclude = wanted.kind === 'excluded' ? [...others, ...modules] : others;
  const overrides = Object.fromEntries(Object.entries(overridesOf(step)).filter(([module]) => !changed.has(module)));
  if (wanted.kind === 'own') for (const module of modules) overrides[module] = wanted.level;
  const { exclude: _, ...rest } = withOverrides(step, overrides);
  return (exclude.length === 0 ? rest : { ...rest, exclude }) as RecipeStep;
}

function overridesOf(step: RecipeStep): Readonly<Record<string, number>> {
  if ('bits' in step) return step.bitsPerMatrix ?? {};
  return ('sparsityPerMatrix' in step ? step.sparsityPerMatrix : undefined) ?? {};
}

function withOverrides(step: RecipeStep, overrides: Readonly<Record<string, number>>): RecipeStep {
  const isEmpty = Object.keys(overrides).length === 0;
  if ('bits' in step) {
    const { bitsPerMatrix: _, ...rest } = step;
    return isEmpty ? rest : { ...rest, bitsPerMatrix: overrides as Record<string, Bits> };
  }
  if (levelUnit(step) !== 'sparsity') return step;
  const { sparsityPerMatrix: _, ...rest } = step as Extract<RecipeStep, { sparsity: number }>;
  return (isEmpty ? rest : { ...rest, sparsityPerMatrix: overrides }) as RecipeStep;
}
