import type { RunOptions } from '../run-options.ts';
import { matricesOf } from './layer-matrices.ts';
import type { StructuredMethod } from './method.ts';
import type { RecipeStep } from './recipe.ts';
import { removeUnits } from './remove-units.ts';
import type { Variant } from './variant.ts';
import { type Calibrator, toCalibrated, walkLayers } from './walk-layers.ts';

export interface StructuredRun extends RunOptions {
  calibrator?: Calibrator;
  /** Called, and waited for, when a layer was looked at. */
  onLayer(): Promise<void>;
}

/** A variant without the units that matter least: all layers are looked at before one becomes smaller; the input is not mutated. */
export async function applyStructured(
  method: StructuredMethod<RecipeStep>,
  variant: Variant,
  step: RecipeStep,
  { onLayer, calibrator, ...run }: StructuredRun,
): Promise<Variant> {
  const { layers } = variant;
  const scores: Float64Array[] = [];
  const calibrated = toCalibrated(step, calibrator);
  for await (const { matrices, inputs } of walkLayers(variant, calibrated, run)) {
    const sizes = layers[scores.length];
    if (sizes !== undefined) scores.push(method.scoreUnits(matrices, inputs, sizes));
    await onLayer();
  }
  const left = method.chooseUnits(scores, step);
  const matrices = new Map(variant.matrices);
  const into = { config: variant.checkpoint.config, dtype: calibrated.calibrator.dtype };
  const smaller = layers.map((layer, i) => {
    const kept = { neurons: null, kvHeads: null, [method.units]: left[i] ?? null };
    const { shape, changes } = removeUnits(matricesOf(matrices, i), layer, kept, into);
    for (const change of changes) matrices.set(...change);
    return shape;
  });
  return { ...variant, layers: smaller, matrices };
}
