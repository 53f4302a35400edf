import { leavingOut, toDamageDistance } from './damage-distance.ts';
import type { MethodStep, StepFit } from './method.ts';
import type { StepFields } from './step-fields.ts';
import type { Pattern } from './variant.ts';

/** How much a pruning step removes: a share of the weights, or all but N of every M neighbouring inputs of a row. */
export type PruningAmount = SparsityAmount | PatternAmount;

export interface SparsityAmount {
  /** Share of weights set to zero, 0 to 1. */
  sparsity: number;
  /** Overrides `sparsity` by module name. */
  sparsityPerMatrix?: Readonly<Record<string, number>>;
  pattern?: never;
}

export interface PatternAmount {
  /** `N:M`. */
  pattern: Pattern;
  sparsity?: never;
  sparsityPerMatrix?: never;
}

/** How many of how many neighbouring inputs each pattern keeps, in the order a form offers them. */
export const PATTERNS: Readonly<Record<Pattern, { kept: number; of: number }>> = {
  '1:4': { kept: 1, of: 4 },
  '2:4': { kept: 2, of: 4 },
  '4:8': { kept: 4, of: 8 },
};

/** Every pattern that exists. */
export const PATTERN_NAMES: readonly Pattern[] = ['1:4', '2:4', '4:8'];

/** Checks the amount of a step: `sparsity` or `pattern`, not both; throws `recipe-invalid`. */
export function parseAmount(fields: StepFields): PruningAmount {
  if (!fields.has('pattern')) {
    const sparsityPerMatrix = fields.numberByModule('sparsityPerMatrix', 0, 1);
    const sparsity = fields.number('sparsity', 0, 1);
    return sparsityPerMatrix === undefined ? { sparsity } : { sparsity, sparsityPerMatrix };
  }
  for (const field of ['sparsity', 'sparsityPerMatrix']) {
    if (fields.has(field)) fields.refuse(field, 'either a sparsity or a pattern');
  }
  return { pattern: fields.oneOf('pattern', PATTERN_NAMES) };
}

/** Refuses overrides of modules that the model does not have, and a pattern that its matrices do not hold. */
export function checkAmount(amount: PruningAmount, { inputs, expectModule, refuse }: StepFit): void {
  for (const name of Object.keys(amount.sparsityPerMatrix ?? {})) expectModule('sparsityPerMatrix', name);
  if (amount.pattern === undefined) return;
  const { of } = PATTERNS[amount.pattern];
  for (const [module, count] of inputs) {
    if (count % of !== 0) refuse('pattern', amount.pattern, `groups that divide the ${count} inputs of ${module}`);
  }
}

/** The step with another amount. */
export function withAmount<Step extends PruningAmount>(
  step: Step,
  amount: PruningAmount,
): Omit<Step, keyof PruningAmount> & PruningAmount {
  const { sparsity: _sparsity, sparsityPerMatrix: _overrides, pattern: _pattern, ...rest } = step;
  return { ...rest, ...amount };
}

/** What one matrix loses: a share of its weights or a pattern. */
export function amountOf(amount: PruningAmount, module: string): number | Pattern {
  return amount.pattern ?? amount.sparsityPerMatrix?.[module] ?? amount.sparsity;
}

/** The amount as part of a recipe's key. */
export function toAmountKey(amount: PruningAmount): string {
  return amount.pattern ?? `${amount.sparsity}${toOverridesKey(amount.sparsityPerMatrix, amount.sparsity)}`;
}

/** What modules have instead of `usual`, as part of a recipe's key; those that have the usual do not count. */
export function toOverridesKey(overrides: Readonly<Record<string, number>> | undefined, usual: number): string {
  const parts = Object.entries(overrides ?? {})
    .filter(([, value]) => value !== usual)
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  return parts.length === 0 ? '' : ` with ${parts.join(',')}`;
}

/** The amount in words. */
export function toAmountText(amount: PruningAmount): string {
  if (amount.pattern !== undefined) return amount.pattern;
  const levels = [amount.sparsity, ...Object.values(amount.sparsityPerMatrix ?? {})];
  const [least, most] = [toPercent(Math.min(...levels)), toPercent(Math.max(...levels))];
  return least === most ? `${least} %` : `${least} to ${most} %`;
}

function toPercent(share: number): number {
  return +(share * 100).toFixed(1);
}

type PruningStep = PruningAmount & Pick<MethodStep, 'exclude'>;

/** How far two steps that prune lie apart, below 2: what all matrices lose, and a little where one has a pattern of another kind. */
export function toAmountDistance(one: PruningStep, other: PruningStep, modules: readonly string[]): number {
  const matrices = toDamageDistance(modules, toErrorOf(one), toErrorOf(other));
  return matrices + (one.pattern === other.pattern ? 0 : 0.05);
}

/** About the squared error where the smallest of weights in a bell curve go, which grows with the third power of their share. */
function toErrorOf(step: PruningStep): (module: string) => number {
  return leavingOut(step.exclude, (module) => toShare(amountOf(step, module)) ** 3);
}

function toShare(amount: number | Pattern): number {
  if (typeof amount === 'number') return amount;
  const { kept, of } = PATTERNS[amount];
  return 1 - kept / of;
}
