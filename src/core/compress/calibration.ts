import type { LINEAR_NAMES } from '../checkpoint/checkpoint.ts';
import { AppError } from '../errors.ts';
import type { RunOptions } from '../run-options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Matrices } from './method.ts';
import type { StepFields } from './step-fields.ts';

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

/** The tap of a module such as `model.layers.0.mlp.up_proj`. */
export function tapOf(module: string): Tap {
  const entry = Object.entries(TAP_OF).find(([name]) => module.endsWith(`.${name}`));
  if (entry === undefined) throw new AppError('internal', `${module} is no linear matrix of a layer.`, { module });
  return entry[1];
}

/** `X^T X` of the calibration tokens at one tap, `X` being `[tokens, size]`. */
export interface Gram {
  size: number;
  data: Float64Array<ArrayBuffer>; // [size, size], symmetric
}

/** What is gathered of the calibration tokens at one tap. */
export interface TapInputs extends Gram {
  /** Mean `|x|` of each input, over the tokens. */
  magnitudes: Float64Array<ArrayBuffer>; // [size]
}

/** What is gathered of one layer. */
export type LayerInputs = ReadonlyMap<Tap, TapInputs>;

/** The Gram matrix of what `module`, with so many inputs, reads, and the magnitudes beside it. */
export function gramOf(inputs: LayerInputs, module: string, size: number): TapInputs {
  const gram = inputs.get(tapOf(module));
  if (gram?.size === size) return gram;
  throw new AppError('internal', `The Gram matrix of ${module} has size ${gram?.size ?? 0}, where it needs ${size}.`, {
    module,
  });
}

/** What a calibrated step looks at: so many sentences of the calibration set, drawn with a seed. */
export interface CalibrationOptions {
  samples: number;
  seed: number;
}

/** What a form starts from: a good part of the sentences that a pack has. */
export const DEFAULT_CALIBRATION: CalibrationOptions = { samples: 512, seed: 0 };

/** Most sentences that a recipe may ask for, whatever the model; more than it has are refused. */
const MAX_SAMPLES = 65_536;

/** Checks the field `calibration` of a step; throws `recipe-invalid`. */
export function parseCalibration(fields: StepFields): CalibrationOptions {
  const calibration = fields.object('calibration');
  return { samples: calibration.whole('samples', 1, MAX_SAMPLES), seed: calibration.whole('seed', 0, 2 ** 32 - 1) };
}

/** The options as part of a recipe's key. */
export function toCalibrationKey({ samples, seed }: CalibrationOptions): string {
  return `on ${samples} of seed ${seed}`;
}

/** How far two calibrations lie apart, below 1. */
export function toCalibrationDistance(one: CalibrationOptions, other: CalibrationOptions): number {
  const samples = Math.abs(Math.log2(one.samples / other.samples)) / 100;
  return samples + (one.seed === other.seed ? 0 : 0.01);
}

/** Runs the calibration sentences through a model, layer by layer. */
export interface CalibrationSource {
  /** Begins with the rows of `embeddings` `[vocabSize, hiddenSize]` that the samples which the options draw look up. */
  begin(embeddings: Tensor, options: CalibrationOptions, run: RunOptions): Promise<CalibrationRun>;
}

/** One walk through the layers, from the first to the last. */
export interface CalibrationRun {
  /** What the matrices of the next layer (all seven, as they are) get as input. */
  inputsOf(matrices: Matrices, run: RunOptions): Promise<LayerInputs>;
  /** Goes through that layer with these matrices in it. */
  advance(matrices: Matrices, run: RunOptions): Promise<void>;
  dispose(): void;
}
