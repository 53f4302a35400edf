import type { LINEAR_NAMES } from '../checkpoint/checkpoint.ts';
import type { RunOptions } from '../run-options.ts';
import type { Matrices } from './method.ts';

/** Where a layer's matrices read their input; those of one tap share it. */
export type Tap = 'attn' | 'o' | 'mlp' | 'down';

/** The tap of every linear matrix, by its name within a layer. */
export const TAP_OF: Readonly<Record<(typeof LINEAR_NAMES)[number], Tap>> = {
  'self_attn.q_proj': 'attn',
  'self_attn.k_proj': 'attn',
  'self_attn.v_proj': 'attn',
  'self_attn.o_proj': 'o',
  'mlp.gate_proj': 'mlp',
  'mlp.up_proj': 'mlp',
  'mlp.down_proj': 'down',
};

/** `X^T X` of the calibration tokens at one tap, `X` being `[tokens, size]`. */
export interface Gram {
  size: number;
  data: Float64Array<ArrayBuffer>; // [size, size], symmetric
}

/** The Gram matrices of one layer. */
export type LayerInputs = ReadonlyMap<Tap, Gram>;

/** What a calibrated step looks at: so many sentences of the calibration set, drawn with a seed. */
export interface CalibrationOptions {
  samples: number;
  seed: number;
}

/** Runs the calibration sentences through a model, layer by layer. */
export interface CalibrationSource {
  /** Begins with the embeddings of the samples that the options draw. */
  begin(options: CalibrationOptions, run: RunOptions): Promise<CalibrationRun>;
}

/** One walk through the layers, from the first to the last. */
export interface CalibrationRun {
  /** What the matrices of the next layer (all seven, as they are) get as input. */
  inputsOf(matrices: Matrices, run: RunOptions): Promise<LayerInputs>;
  /** Goes through that layer with these matrices in it. */
  advance(matrices: Matrices, run: RunOptions): Promise<void>;
  dispose(): void;
}
