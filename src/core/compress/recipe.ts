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
  granularity: Granularity;
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

/** Weights that are compared with each other when the smallest are chosen: a row, a matrix, or all matrices. */
export type Granularity = 'per-output' | 'per-layer' | 'global';
export type Bits = 2 | 3 | 4 | 8;
export type GroupSize = 16 | 32 | 64 | 128;

/** Every granularity, bit width and group size that exists, in the order a form offers them. */
export const GRANULARITIES: readonly Granularity[] = ['per-output', 'per-layer', 'global'];
export const BITS: readonly Bits[] = [2, 3, 4, 8];
export const GROUP_SIZES: readonly GroupSize[] = [16, 32, 64, 128];
