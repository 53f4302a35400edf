import { LINEAR_NAMES, linearModules } from '../checkpoint/checkpoint.ts';
import type { Variant } from '../compress/variant.ts';
import { toWeights } from '../compress/variant-matrix.ts';
import { AppError } from '../errors.ts';
import { mergeLora } from '../recover/lora.ts';
import type { Lora } from '../recover/repair.ts';
import type { MatrixReport } from './capture.ts';
import { singularValues } from './singular-values.ts';

/** A LoRA, cut to the variant's sizes, and how it is merged. */
export interface Merge {
  lora: Lora;
  /** The variant's mask or grid is put on again. */
  recompress: boolean;
}

/**
 * A linear matrix `[out, in]` of the checkpoint, of its variant and, where a LoRA changes it, with that merged (`W + scale * B A`; what a
 * LoRA beside the weights computes with). Quantized weights are those that their codes stand for, without the input scales of AWQ, so that
 * all compare. Copies: nothing of the variant is given away. Throws `input-invalid` for any other module.
 */
export function toMatrixReport(variant: Variant, module: string, merge: Merge | null): MatrixReport {
  const before = variant.checkpoint.tensors.get(`${module}.weight`);
  const after = variant.matrices.get(module);
  const { numLayers } = variant.checkpoint.config;
  if (before === undefined || after === undefined || !linearModules(numLayers).includes(module)) {
    const allowed = `model.layers.0 to ${numLayers - 1}, each with ${LINEAR_NAMES.join(', ')}`;
    const message = `The model has no linear matrix "${module}". Choose one of ${allowed}.`;
    throw new AppError('input-invalid', message, { field: 'module', observed: module, allowed });
  }
  const [out = 0, inputs = 0] = before.shape;
  return {
    module,
    before: { shape: [out, inputs], weight: before.data.slice() },
    after: { shape: after.shape, weight: toWeights(after).slice() },
    lora: merge === null ? null : toMergeReport(variant, module, merge),
  };
}

/** Null where the LoRA leaves the module alone. */
function toMergeReport(variant: Variant, module: string, { lora, recompress }: Merge): MatrixReport['lora'] {
  const adapter = lora.modules.get(module);
  if (adapter === undefined) return null;
  const alone: Lora = { kind: 'lora', modules: new Map([[module, adapter]]) };
  const merged = mergeLora(variant, alone, { recompress }).matrices.get(module);
  if (merged === undefined) return null;
  return { r: adapter.r, merged: toWeights(merged), singularValues: singularValues(adapter) };
}
