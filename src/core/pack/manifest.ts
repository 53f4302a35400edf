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
  recipes: readonly PackRecipe[];
  repairs: readonly PackRepair[];
  goldens: { file: string; contexts: readonly { text: string; ids: readonly number[] }[] };
  tasks: readonly { id: string; config: string }[];
  /** File of the transfer matrix. */
  transfer?: string | undefined;
  recorded: readonly { id: string; path: string; device: string; date: string }[];
}

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
