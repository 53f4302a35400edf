import { type Checkpoint, linearModules } from '../checkpoint/checkpoint.ts';
import { wholeLayers } from '../checkpoint/layer-shape.ts';
import { AppError } from '../errors.ts';
import { pause, type RunOptions } from '../run-options.ts';
import { roundToDtype } from '../tensor/half.ts';
import { applyStructured } from './apply-structured.ts';
import { checkCalibration } from './check-calibration.ts';
import { roundEmbeddings } from './embeddings.ts';
import type { CalibratedMethod, LayerOptions } from './method.ts';
import { methodOf } from './methods.ts';
import { checkRecipe, checkSteps, parseRecipe } from './parse-recipe.ts';
import type { Recipe, RecipeStep } from './recipe.ts';
import type { Variant, VariantMatrix } from './variant.ts';
import { toDenseMatrix } from './variant-matrix.ts';
import { type Calibrator, toCalibrated, walkLayers } from './walk-layers.ts';

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
  return { checkpoint, layers: wholeLayers(checkpoint.config), matrices, embeddings: new Map() };
}

export interface ApplyOptions extends RunOptions {
  /** Without it a recipe with a method that looks at activations is refused. */
  calibrator?: Calibrator;
}

/**
 * The variant that a recipe makes of a checkpoint, which is not mutated; `null` is the dense checkpoint.
 * Pauses after each matrix. Throws `recipe-invalid` before any work where the recipe does not fit; how many units a step
 * leaves may hang on what it sees, and the steps behind it are then checked when that is known.
 */
export async function applyRecipe(
  checkpoint: Checkpoint,
  recipe: Recipe | null,
  options: ApplyOptions = {},
): Promise<Variant> {
  let variant = toVariant(checkpoint);
  if (recipe === null) return { ...variant, matrices: new Map(variant.matrices) };
  const checked = parseRecipe(recipe); // once more: a form's slip must not reach the weights
  checkRecipe(checked, checkpoint.config);
  if (options.calibrator === undefined) checkCalibration(checked, 0);
  const { size } = variant.matrices;
  const total = checked.steps.length * size;
  for (const [index, step] of checked.steps.entries()) {
    const report = (done: number) => pause(options, index * size + done, total);
    const isLast = index === checked.steps.length - 1;
    variant = await applyStep(variant, step, isLast ? options : toUnrounded(options), report);
    checkSteps(checked, checkpoint.config, { from: index + 1, layers: variant.layers });
  }
  return checked.steps.length > 1 ? toRounded(variant, options) : variant;
}

/** A step hands float32 to the next: a weight that falls to the F16 beside it may turn a code there, and codes compound. */
function toUnrounded({ calibrator, ...options }: ApplyOptions): ApplyOptions {
  return calibrator === undefined ? options : { ...options, calibrator: { ...calibrator, dtype: 'F32' } };
}

/** The variant with dense weights as they are stored; only steps that look at activations leave others. */
function toRounded(variant: Variant, { calibrator }: ApplyOptions): Variant {
  if (calibrator === undefined) return variant;
  const matrices = new Map(variant.matrices);
  for (const [module, matrix] of matrices) {
    if (matrix.kind !== 'dense') continue;
    matrices.set(module, { ...matrix, weight: roundToDtype(matrix.weight, calibrator.dtype) });
  }
  return { ...variant, matrices };
}

/** The variant after one more step; `report` is told how many of the matrices are done. */
async function applyStep(
  before: Variant,
  step: RecipeStep,
  options: ApplyOptions,
  report: (done: number) => Promise<void>,
): Promise<Variant> {
  let done = 0;
  const advance = (count: number) => {
    done += count;
    return report(done);
  };
  const method = methodOf(step);
  const embeddings = new Map(before.embeddings);
  for (const rounded of roundEmbeddings(before, step)) {
    embeddings.set(...rounded);
    await report(done);
  }
  const variant = { ...before, embeddings }; // the layers read embeddings that are rounded already
  const matrices = new Map(variant.matrices);
  // Rows of samples are no parts of the recipe: they report where it stands.
  const run = { ...options, onProgress: () => report(done) };
  if (method.kind === 'structured') {
    const perLayer = variant.matrices.size / variant.layers.length;
    return applyStructured(method, variant, step, { ...run, onLayer: () => advance(perLayer) });
  }
  const changes =
    method.kind === 'calibrated'
      ? applyByLayer(method, variant, step, { ...run, pause: () => report(done) })
      : method.apply(variant.matrices, step);
  for await (const [module, matrix] of changes) {
    matrices.set(module, matrix);
    await advance(1);
  }
  return { ...variant, matrices };
}

/** Layer by layer, each seeing what the compressed ones before it put out. */
async function* applyByLayer(
  method: CalibratedMethod<RecipeStep>,
  variant: Variant,
  step: RecipeStep,
  { pause, calibrator, ...run }: ApplyOptions & Pick<LayerOptions, 'pause'>,
): AsyncGenerator<readonly [string, VariantMatrix]> {
  const calibrated = toCalibrated(step, calibrator);
  const { algebra, dtype } = calibrated.calibrator;
  for await (const { matrices, inputs } of walkLayers(variant, calibrated, run)) {
    for await (const change of method.applyLayer(new Map(matrices), inputs, calibrated.step, {
      algebra,
      dtype,
      pause,
    })) {
      matrices.set(...change);
      yield change;
    }
  }
}
