import type { LINEAR_NAMES, ModelConfig } from './checkpoint.ts';

/** Sizes of one layer; those of a whole one are the config's. */
export type LayerSizes = Pick<ModelConfig, 'numHeads' | 'numKvHeads' | 'intermediateSize'>;

/** Which units of a layer are left, ascending; null where all are. */
export interface KeptUnits {
  /** Feed-forward neurons. */
  neurons: readonly number[] | null;
  /** Key/value heads, each with the query heads that read it. */
  kvHeads: readonly number[] | null;
}

/** A layer that may have lost units, which are numbered as in the checkpoint. */
export interface LayerShape extends LayerSizes {
  kept: KeptUnits;
}

/** A layer of `sizes` with these units left. */
export function toLayerShape({ numHeads, numKvHeads, intermediateSize }: LayerSizes, kept: KeptUnits): LayerShape {
  const kvHeadsLeft = kept.kvHeads?.length ?? numKvHeads;
  return {
    numHeads: (numHeads / numKvHeads) * kvHeadsLeft,
    numKvHeads: kvHeadsLeft,
    intermediateSize: kept.neurons?.length ?? intermediateSize,
    kept,
  };
}

/** The layers of a model that has lost nothing. */
export function wholeLayers(config: ModelConfig): LayerShape[] {
  const whole = { neurons: null, kvHeads: null };
  return Array.from({ length: config.numLayers }, () => toLayerShape(config, whole));
}

/** Which rows and columns of a matrix `[out, in]` are left, ascending; null where all are. */
export interface MatrixPart {
  rows: readonly number[] | null;
  columns: readonly number[] | null;
}

/** The part of a linear matrix, named as within its layer, that belongs to the units that are left. */
export function partOf(
  name: (typeof LINEAR_NAMES)[number],
  { neurons, kvHeads }: KeptUnits,
  { numHeads, numKvHeads, headDim }: Pick<ModelConfig, 'numHeads' | 'numKvHeads' | 'headDim'>,
): MatrixPart {
  switch (name) {
    case 'self_attn.q_proj':
      return { rows: toWide(kvHeads, (numHeads / numKvHeads) * headDim), columns: null };
    case 'self_attn.k_proj':
    case 'self_attn.v_proj':
      return { rows: toWide(kvHeads, headDim), columns: null };
    case 'self_attn.o_proj':
      return { rows: null, columns: toWide(kvHeads, (numHeads / numKvHeads) * headDim) };
    case 'mlp.gate_proj':
    case 'mlp.up_proj':
      return { rows: neurons, columns: null };
    case 'mlp.down_proj':
      return { rows: null, columns: neurons };
    default:
      return name satisfies never;
  }
}

/** Every index of units that are `width` indices wide. */
function toWide(units: readonly number[] | null, width: number): readonly number[] | null {
  return units?.flatMap((unit) => Array.from({ length: width }, (_, i) => unit * width + i)) ?? null;
}
