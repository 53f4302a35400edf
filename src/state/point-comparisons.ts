import { toRecipeKey } from '../core/compress/recipe-key.ts';
import type { Comparison } from '../core/eval/comparisons.ts';
import type { SweepFamily, SweepPoint } from './sweep-state.ts';

/** What is declared of one point of a sweep; null where it has no such comparison. */
export interface PointComparisons {
  /** Over how many comparisons Holm was made. */
  familySize: number;
  /** Number of items, set before the run, from which on a result may be called decided. */
  presetItems: number;
  /** How many items there are to ask. */
  availableItems: number;
  /** The recovery minus the same recipe without one. */
  againstNone: Comparison | null;
  /** IDP minus LoRA-merged; told of the point of IDP. */
  againstLora: Comparison | null;
}

/** The declared comparisons that a point is the first side of; null before the family is computed and for the dense model. */
export function toPointComparisons(
  family: SweepFamily | null,
  { recipe, regime }: Pick<SweepPoint, 'recipe' | 'regime'>,
): PointComparisons | null {
  const own = family?.ofRecipes.get(toRecipeKey(recipe));
  if (family === null || own === undefined) return null;
  const find = (other: Comparison['second']['key']) =>
    own.comparisons.find(({ first, second }) => first.key === regime && second.key === other) ?? null;
  const { size: familySize, availableItems } = family;
  const { presetItems } = own;
  const items = { familySize, presetItems, availableItems };
  return { ...items, againstNone: find('compressed'), againstLora: find('lora-merged') };
}
