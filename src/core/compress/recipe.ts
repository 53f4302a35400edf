/** How a checkpoint is compressed: ordered steps, versioned; link, export, packs and tests share this form. */
export interface Recipe {
  version: 1;
  steps: readonly RecipeStep[];
}

export type RecipeStep = MagnitudeStep | RtnStep;

export interface MagnitudeStep {
  method: 'magnitude';
  /** Share of weights set to zero, 0 to 1. */
  sparsity: number;
  granularity: 'per-output' | 'per-layer' | 'global';
  /** Names of modules left alone, such as `model.layers.0.mlp.up_proj`. */
  exclude?: readonly string[];
}

export interface RtnStep {
  method: 'rtn';
  bits: Bits;
  /** Inputs of one output row that share a scale. */
  groupSize: GroupSize;
  symmetric: boolean;
  /** Storage dtype of the scales; F16 unless said otherwise. */
  scaleDtype?: 'F16' | 'F32';
  /** Overrides `bits` by module name. */
  bitsPerMatrix?: Readonly<Record<string, Bits>>;
  exclude?: readonly string[];
}

export type Bits = 2 | 3 | 4 | 8;
export type GroupSize = 16 | 32 | 64 | 128;
