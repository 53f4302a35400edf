import { gramOf } from './calibration.ts';
import { entryOf } from './layer-matrices.ts';
import type { StructuredMethod } from './method.ts';
import { columnScores, DEFAULT_UNITS, parseUnits, removing, type StructuredStep } from './structured.ts';
import { toWeights } from './variant-matrix.ts';

export interface NeuronsStep extends StructuredStep {
  method: 'neurons';
}

/**
 * Removes whole feed-forward neurons: rows of `gate_proj` and `up_proj`, columns of `down_proj`. Those go whose output, the norm
 * of the activation times that of the column, is smallest over the calibration tokens.
 */
export const neurons: StructuredMethod<NeuronsStep> = {
  // In blocks of 32, so that groups of 16 and 32 inputs still divide what is left.
  ...removing('neurons', 32),
  label: 'Neurons',
  summary:
    'Removes whole feed-forward neurons, so that matrices shrink and the model gets faster. They go in blocks of 32; a share of less than one takes none.',
  defaultOptions: { method: 'neurons', ...DEFAULT_UNITS },
  parseOptions: (fields) => ({ method: 'neurons', ...parseUnits(fields) }),
  scoreUnits(matrices, inputs) {
    const [module, matrix] = entryOf(matrices, 'mlp.down_proj');
    return columnScores(toWeights(matrix), gramOf(inputs, module, matrix.shape[1]));
  },
};
