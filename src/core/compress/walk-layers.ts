import { EMBEDDINGS } from '../checkpoint/checkpoint.ts';
import { AppError } from '../errors.ts';
import type { RunOptions } from '../run-options.ts';
import type { CalibrationSource, LayerInputs } from './calibration.ts';
import { embeddingOf } from './embeddings.ts';
import { matricesOf } from './layer-matrices.ts';
import type { CalibratedStep, LayerOptions } from './method.ts';
import type { RecipeStep } from './recipe.ts';
import type { Variant, VariantMatrix } from './variant.ts';

/** What methods that look at activations work with. */
export interface Calibrator extends Pick<LayerOptions, 'algebra' | 'dtype'> {
  source: CalibrationSource;
}

/** A step with what it is calibrated with. */
export interface CalibratedWalk {
  calibrator: Calibrator;
  step: RecipeStep & CalibratedStep;
}

/** The step and what it is calibrated with; that both are there was checked before any work. */
export function toCalibrated(step: RecipeStep, calibrator: Calibrator | undefined): CalibratedWalk {
  if (calibrator !== undefined && 'calibration' in step) return { calibrator, step };
  throw new AppError('internal', `There is nothing to calibrate ${step.method} with.`, { method: step.method });
}

export interface CalibratedLayer {
  /** The layer's seven matrices; what is put in their place before the next layer is asked for is what the layers behind read. */
  matrices: Map<string, VariantMatrix>;
  inputs: LayerInputs;
}

/** The layers with what they get as input, from the first to the last. */
export async function* walkLayers(
  variant: Variant,
  { calibrator, step }: CalibratedWalk,
  run: RunOptions,
): AsyncGenerator<CalibratedLayer> {
  const { matrices, layers } = variant;
  const walk = await calibrator.source.begin(embeddingOf(variant, EMBEDDINGS), step.calibration, run);
  try {
    for (let layer = 0; layer < layers.length; layer++) {
      const own = matricesOf(matrices, layer);
      yield { matrices: own, inputs: await walk.inputsOf(own, run) };
      if (layer + 1 < layers.length) await walk.advance(own, run);
    }
  } finally {
    walk.dispose();
  }
}
