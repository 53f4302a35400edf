import type { Recipe } from '../compress/recipe.ts';

/** What a pack holds; see `docs/pack-format.md`. Paths are relative to the manifest. */
export interface PackManifest {
  formatVersion: 1;
  id: string;
  name: string;
  licence: string;
  description: string;
  checkpoint: { path: string; dtype: 'F16' | 'F32'; parameters: number; layers: number };
  files: readonly PackFile[];
  folds: { A: number; B: number; calibration: number; control: number };
  /** File of general sentences for calibrated methods, one a line. */
  calibration?: string | undefined;
  recipes: readonly PackRecipe[];
  repairs: readonly PackRepair[];
  goldens: { file: string; contexts: readonly { text: string; ids: readonly number[] }[] };
  tasks: readonly { id: string; config: string }[];
  /** File of the transfer matrix. */
  transfer?: string | undefined;
  /** By recipe id, and two of them by `SWEEP_ID` and `SHAPES_ID`. */
  recorded: readonly { id: string; path: string; device: string; date: string }[];
  /** Which questions every regime got right: one file a recipe, and one of the dense model (`recipeId` null). */
  outcomes?: readonly PackOutcomes[] | undefined;
}

export interface PackOutcomes {
  recipeId: string | null;
  path: string;
  device: string;
  date: string;
}

/** Stands for the recorded sweep where the other recorded results have the id of their recipe; no recipe may have it. */
export const SWEEP_ID = 'sweep';
/** The same for the recorded times of random weights. */
export const SHAPES_ID = 'shapes';

export interface PackFile {
  path: string;
  sizeBytes: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

export interface PackRecipe {
  id: string;
  label: string;
  severity: 'mild' | 'severe';
  recipe: Recipe;
  /** File of golden logits. */
  goldens: string;
  /** File of the compressed matrices, for calibrated methods: repairs meet exactly what they were trained for. */
  variant?: string | undefined;
}

export type Fold = 'A' | 'B' | 'calibration' | 'control';

interface RepairBase {
  /** `<recipe>/<name>`. */
  id: string;
  recipeId: string;
  name: string;
  /** The fold it was trained on: its seen fold. */
  fold: 'A' | 'B';
  shuffledAnswers: boolean;
  path: string;
  /** Extra parameters. */
  parameters: number;
  /** Optimizer steps. */
  steps: number;
}

export type PackRepair = RepairBase &
  (
    | { kind: 'prompt'; virtualTokens: number }
    | { kind: 'prefix'; virtualTokens: number }
    | { kind: 'lora'; r: number; alpha: number }
    | { kind: 'pool'; virtualTokens: readonly number[]; trained: 'apart' | 'routed'; bestSingle: number }
  );
