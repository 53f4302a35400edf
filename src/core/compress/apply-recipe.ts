import { type Checkpoint, LINEAR_NAMES, linearModules } from '../checkpoint/checkpoint.ts';
import { wholeLayers } from '../checkpoint/layer-shape.ts';
import { AppError } from '../errors.ts';
import { pause, type RunOptions } from '../run-options.ts';
import type { CalibrationSource } from './calibration.ts';
import type { CalibratedMethod, LayerOptions } from './method.ts';
import { methodOf } from './methods.ts';
import { checkRecipe, parseRecipe } from './parse-recipe.ts';
import type { Recipe, RecipeStep } from './recipe.ts';
import type { Variant, VariantMatrix } from './variant.ts';
import { toDenseMatrix } from './variant-matrix.ts';

/** The checkpoint itself as a variant: every linear matrix dense, sharing the checkpoint's arrays. */
export function toVariant(checkpoint: Checkpoint): Variant {
  const matrices = new Map<string, VariantMatrix>();
  for (const module of linearModules(checkpoint.config.numLayers)) {
    const tensor = checkpoint.tensors.get(`${module}.weight`);
    if (tensor === undefined) {
      throw new AppError('checkpoint-invalid', `The checkpoint lacks the weight of ${module}.`, { field: module });
    }
    matrices.set(module, toDenseMatrix(tensor));
  }
  return { checkpoint, layers: wholeLayers(checkpoint.config), matrices };
}

/** What calibrated methods work with. */
export interface Calibrator extends Pick<LayerOptions, 'algebra' | 'dtype'> {
  source: CalibrationSource;
}

export interface ApplyOptions extends RunOptions {
  /** Without it a recipe with a calibrated method is refused. */
  calibrator?: Calibrator;
}

/**
 * The variant that a recipe makes of a checkpoint, which is not mutated; `null` is the dense checkpoint.
 * Pauses after each matrix. Throws `recipe-invalid` before any work where the recipe does not fit.
 */
export async function applyRecipe(
  checkpoint: Checkpoint,
  recipe: Recipe | null,
  options: ApplyOptions = {},
): Promise<Variant> {
  const whole = toVariant(checkpoint);
  if (recipe === null) return whole;
  const result = new Map(whole.matrices);
  const { steps } = parseRecipe(recipe); // once more: a form's slip must not reach the weights
  checkRecipe({ version: 1, steps }, checkpoint.config);
  const total = steps.length * result.size;
  for (const [index, step] of steps.entries()) {
    let done = index * result.size;
    const method = methodOf(step);
    const changes =
      method.kind === 'weights'
        ? method.apply(new Map(result), step)
        : applyByLayer(method, result, step, checkpoint.config.numLayers, {
            ...options,
            pause: () => pause(options, done, total),
          });
    for await (const [module, matrix] of changes) {
      result.set(module, matrix);
      done += 1;
      await pause(options, done, total);
    }
  }
  return { ...whole, matrices: result };
}

/** Layer by layer, each seeing what the compressed ones before it put out; `matrices` are those so far, changed by the caller as replacements come. */
async function* applyByLayer(
  method: CalibratedMethod<RecipeStep>,
  matrices: ReadonlyMap<string, VariantMatrix>,
  step: RecipeStep,
  numLayers: number,
  { calibrator, pause, ...options }: ApplyOptions & Pick<LayerOptions, 'pause'>,
): AsyncGenerator<readonly [string, VariantMatrix]> {
  if (calibrator === undefined || !('calibration' in step)) {
    const message = `${method.label} looks at what the layers get as input, and this model came without sentences to run. Choose another method.`;
    throw new AppError('recipe-invalid', message, { method: step.method });
  }
  const run: RunOptions = { ...options, onProgress: pause }; // rows of samples are no parts of the recipe: they report where it stands
  const walk = await calibrator.source.begin(step.calibration, run);
  try {
    for (let layer = 0; layer < numLayers; layer++) {
      const own = new Map(LINEAR_NAMES.map((name) => toEntry(matrices, `model.layers.${layer}.${name}`)));
      const inputs = await walk.inputsOf(own, run);
      const { algebra, dtype } = calibrator;
      for await (const change of method.applyLayer(new Map(own), inputs, step, { algebra, dtype, pause })) {
        own.set(...change);
        yield change;
      }
      if (layer + 1 < numLayers) await walk.advance(own, run);
    }
  } finally {
    walk.dispose();
  }
}

function toEntry(matrices: ReadonlyMap<string, VariantMatrix>, module: string): [string, VariantMatrix] {
  const matrix = matrices.get(module);
  if (matrix === undefined) throw new AppError('internal', `There is no matrix ${module}.`, { module });
  return [module, matrix];
}
