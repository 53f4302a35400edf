import type { Recipe } from '../core/compress/recipe.ts';
import type { WireError } from '../core/errors.ts';
import type { Comparison, Side } from '../core/eval/comparisons.ts';
import type { ResultSource } from './results.ts';

/** What a person picked to compare: the first minus the second. */
export type PickedSides = readonly [first: Side, second: Side];

/** The paired comparisons of one recipe, recorded or live, never both. */
export interface ComparisonSet {
  source: ResultSource;
  recipe: Recipe;
  /** Number of items, set before the run, from which on a result may be called decided. */
  presetItems: number;
  /** How many items there are to ask. */
  availableItems: number;
  /** What was answered, so that it can be picked. */
  sides: readonly Side[];
  declared: readonly Comparison[];
  /** The picked sides that the next one is of; others may have been picked since. */
  picked: PickedSides | null;
  /** The difference, a share of items, that the items needed are for; null for the one at hand. */
  plannedDifference: number | null;
  /** Unadjusted; null where none are picked, or the two have no item in common. */
  exploratory: Comparison | null;
}

export type ComparisonsPhase =
  | { status: 'loading' }
  /** Nothing was recorded, or measured, that could be compared. */
  | { status: 'none' }
  | { status: 'ready'; of: ComparisonSet }
  | { status: 'failed'; error: WireError };

export interface ComparisonsState {
  recorded: ComparisonsPhase;
  live: ComparisonsPhase;
  picked: PickedSides | null;
  pick(sides: PickedSides | null): void;
  plannedDifference: number | null;
  /** Says what difference should be seen, for the items that an undecided comparison needs. */
  planFor(difference: number | null): void;
  /** Computes the comparisons of the recipe in view, from now on of every recipe that comes into view. */
  load(): void;
}
