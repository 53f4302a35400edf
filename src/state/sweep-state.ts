import type { MethodId, Recipe } from '../core/compress/recipe.ts';
import type { WireError } from '../core/errors.ts';
import type { Comparison } from '../core/eval/comparisons.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { Run } from './evaluate-state.ts';
import type { PlannedItem } from './evaluation-plan.ts';
import type { Estimate, ResultSource } from './results.ts';

/** What a person chose to sweep: the pack's own recipes and every method at every level of it, in every regime, on the same items. */
export interface SweepPlan {
  /** Whether the recipes that the pack ships are swept too, whatever their options. */
  withShipped: boolean;
  methods: readonly SweepMethod[];
  /** Regimes beside `dense`, which is always measured once. */
  regimes: readonly RegimeKey[];
  itemsPerRegime: number;
}

export interface SweepMethod {
  method: MethodId;
  /** On the method's axis, ascending: sparsity from 0 to 1 for methods that prune, bits for those that round. */
  levels: readonly number[];
}

/** One recipe in one regime. */
export interface SweepPoint {
  /** Null for the dense model. */
  recipe: Recipe | null;
  /** Null where the recipe is not of one step, as is the level. */
  method: MethodId | null;
  level: number | null;
  regime: RegimeKey;
  /** The recipe in words, and the one that the repair was trained for where that is another one. */
  label: string;
  transferredFrom: string | null;
  /** Bytes of the weights with what the regime adds, in an encoding that exists. */
  storedBytes: number;
  /** Share of items answered right; held-out ones where the regime has a repair. */
  accuracy: Estimate | null;
  /** Of the right answers' tokens. */
  perplexity: Estimate | null;
  /** Mean over tokens of KL(dense || this), in nats. */
  klDivergence: Estimate | null;
  /** Share of tokens whose likeliest successor is the dense model's. */
  sameTop: Estimate | null;
  /** What the figures are of: 1 right, 0 wrong, or `NOT_ASKED`. */
  right: Uint8Array; // [items of the sweep]
  /** Only one of the repair's two twins is there, so that it is asked half of the items. */
  isOneTwin: boolean;
}

/** One matrix compressed alone. */
export interface SensitivityCell {
  layer: number;
  /** Name within the layer, such as `mlp.up_proj`; `all` for the layer's seven together. */
  matrix: string;
  accuracy: Estimate | null;
  klDivergence: Estimate | null;
  /** What the figures are of, as in `SweepPoint`. */
  right: Uint8Array; // [items of the sweep]
}

/** The declared comparisons of a recipe of a sweep. */
export interface RecipeComparisons {
  /** Number of items, set before the run, from which on a result may be called decided. */
  presetItems: number;
  comparisons: readonly Comparison[];
}

/** The declared comparisons of all recipes of a sweep: each recovery against none, and IDP against LoRA-merged, on held-out items; and those of its map. */
export interface SweepFamily {
  /** Over how many comparisons Holm was made: those of a plan, measured or not. */
  size: number;
  /** How many items there are to ask. */
  availableItems: number;
  /** By `toRecipeKey`. */
  ofRecipes: ReadonlyMap<string, RecipeComparisons>;
  /** Apart from the recipes; null without a sensitivity map. */
  cells: CellFamily | null;
}

/** Each cell of a sensitivity map against the dense model, all cells one family. */
export interface CellFamily {
  /** Over how many comparisons Holm was made: those of all cells, measured or not. */
  size: number;
  /** Number of items, set before the run, from which on a result may be called decided. */
  presetItems: number;
  availableItems: number;
  /** In the order of the cells; null where the two have no item in common. */
  comparisons: readonly (Comparison | null)[]; // [cells]
}

export interface SweepResults {
  source: ResultSource;
  /** What is asked, in the order of the plan. */
  items: readonly PlannedItem[];
  points: readonly SweepPoint[];
  sensitivity: { recipe: Recipe; label: string; cells: readonly SensitivityCell[] } | null;
  /** Null until it is computed. */
  family: SweepFamily | null;
}

export interface LeftOut {
  label: string;
  error: WireError;
}

export interface SweepState {
  plan: SweepPlan;
  /** Ends a run that is under way. */
  setPlan(plan: SweepPlan): void;
  /** Those of the plan that were measured on this device, in this visit or an earlier one; null before the first. */
  live: SweepResults | null;
  /** Those that the pack came with; null while they are read, or where it has none. */
  recorded: SweepResults | null;
  /** Measurements of the plan that lack answers on this device; null where nothing is known of it yet. */
  left: number | null;
  run: Run;
  /** What `run` measures, or measured last. */
  runOf: 'points' | 'sensitivity';
  /** What is built or scored right now, in words; null where nothing is. */
  now: string | null;
  /** Recipes and regimes of the last run that could not be measured, each with the reason. */
  leftOut: readonly LeftOut[];
  /** Measures what is missing of the plan; goes on where an earlier visit stopped. */
  start(): void;
  /** Compresses each matrix and each layer alone, by the method and level of the page's recipe. */
  startSensitivity(): void;
  stop(): void;
  /** Computes the comparisons of what was recorded, once it is there. */
  load(): Promise<void>;
}
