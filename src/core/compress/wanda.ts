import {
  DEFAULT_CALIBRATION,
  type Gram,
  gramOf,
  type LayerInputs,
  parseCalibration,
  toCalibrationDistance,
  toCalibrationKey,
} from './calibration.ts';
import type { CalibratedMethod, CalibratedStep, Matrices } from './method.ts';
import {
  amountOf,
  checkAmount,
  type PruningAmount,
  parseAmount,
  toAmountDistance,
  toAmountKey,
  toAmountText,
} from './pruning-amount.ts';
import { maskRows } from './score-mask.ts';
import type { VariantMatrix } from './variant.ts';
import { pruneMatrix, toWeights } from './variant-matrix.ts';

export type WandaStep = CalibratedStep & { method: 'wanda' } & PruningAmount;

/**
 * Wanda (Sun et al. 2023, arXiv 2306.11695): within each output row, or each group of a pattern, the weights with the
 * smallest `|w_ij| ||x_j||` become zero; `||x_j||` is the norm of input j over the calibration tokens.
 */
export const wanda: CalibratedMethod<WandaStep> = {
  kind: 'calibrated',
  label: 'Wanda',
  summary: 'Sets the weights to zero that are small where the activations that they meet are small too.',
  defaultOptions: { method: 'wanda', sparsity: 0.5, calibration: DEFAULT_CALIBRATION },
  parseOptions: (fields) => ({ method: 'wanda', ...parseAmount(fields), calibration: parseCalibration(fields) }),
  checkFit: checkAmount,
  toKey: (step) => `${toAmountKey(step)} ${toCalibrationKey(step.calibration)}`,
  toText: toAmountText,
  toDistance: (one, other, modules) =>
    toAmountDistance(one, other, modules) + toCalibrationDistance(one.calibration, other.calibration),
  applyLayer: pruneLayer,
};

async function* pruneLayer(
  matrices: Matrices,
  inputs: LayerInputs,
  step: WandaStep,
): AsyncGenerator<readonly [string, VariantMatrix]> {
  for (const [module, matrix] of matrices) {
    if (step.exclude?.includes(module)) continue;
    const columns = matrix.shape[1];
    const amount = amountOf(step, module);
    const mask = maskRows(toScores(toWeights(matrix), gramOf(inputs, module, columns)), columns, amount);
    if (mask !== null) yield [module, pruneMatrix(matrix, mask, typeof amount === 'number' ? null : amount)];
  }
}

/** `|w_ij| sqrt(G_jj)`, `[out, in]`. */
function toScores(weight: Float32Array, { size, data }: Gram): Float64Array {
  const norms = Float64Array.from({ length: size }, (_, j) => Math.sqrt(data[j * size + j] ?? 0));
  return Float64Array.from(weight, (value, i) => Math.abs(value) * (norms[i % size] ?? 0));
}
