import type { Recipe } from '../core/compress/recipe.ts';
import type { WireError } from '../core/errors.ts';
import type { Comparison } from '../core/eval/comparisons.ts';
import type { ResultSource } from './results.ts';
import type { TaskResults } from './task-state.ts';

/** A run that was not made here and answered the chosen task. */
export interface BesideRun {
  id: string;
  recipe: Recipe;
  recipeLabel: string;
  source: ResultSource;
}

/** A task of one's own that such a run answered, and that is not in this browser. */
export interface MissingTask {
  fileName: string;
  name: string;
}

/** What such a run answered to the chosen task. */
export interface BesideResults {
  run: BesideRun;
  results: TaskResults;
  /** Each of its regimes against the same one measured here, on the documents that both answered, exploratory; null while they are compared. */
  against: readonly Comparison[] | null;
}

export type BesidePhase =
  | { status: 'none' }
  | { status: 'loading' }
  | { status: 'ready'; of: BesideResults }
  | { status: 'failed'; error: WireError };

/** Runs of the chosen task that stand beside what is measured here, and never among it. */
export interface TaskBesideState {
  /** In the order in which they came. */
  runs: readonly BesideRun[];
  missing: readonly MissingTask[];
  /** The one that is drawn; null for the imported one in view, or else the last that answered the task. */
  pickedId: string | null;
  /** Draws a run; one that could not be read is read again. */
  pick(id: string | null): void;
  beside: BesidePhase;
  /** Draws what there is from now on: nothing is read or computed before. */
  load(): void;
  /** What all of them answered to every task that is here, what they are compared with here last among their comparisons; for files. */
  readAll(): Promise<readonly TaskResults[]>;
}
