import type { Recipe } from '../core/compress/recipe.ts';
import type { WireError } from '../core/errors.ts';
import type { Comparison, Side } from '../core/eval/comparisons.ts';
import type { ResultSource } from './results.ts';

/** What a person picked to compare: the first minus the second. */
export type PickedSides = readonly [first: Side, second: Side];

/** The paired comparisons of one recipe: recorded, live or of an imported run, never two of them. */
export interface ComparisonSet {
  source: ResultSource;
  recipe: Recipe;
  /** Number of items, set before the run, from which on a result may be called decided. */
  presetItems: number;
  /** That number was kept with the run; else it is what the page takes for its device. */
  isPresetKept: boolean;
  /** How many items there are to ask. */
  availableItems: number;
  /** What was answered, so that it can be picked. */
  sides: readonly Side[];
  /** The same regimes in other runs of the same recipe, to hold an imported one against; none elsewhere. */
  otherSides: readonly Side[];
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
  /** Of the imported run that is in view. */
  imported: ComparisonsPhase;
  /** The declared comparisons of every imported run whose figures were read, for files. */
  compareImported(): Promise<readonly ComparisonSet[]>;
  picked: PickedSides | null;
  pick(sides: PickedSides | null): void;
  plannedDifference: number | null;
  /** Says what difference should be seen, for the items that an undecided comparison needs. */
  planFor(difference: number | null): void;
  /** Computes the comparisons of the recipe in view, from now on of every recipe that comes into view. */
  load(): void;
}
