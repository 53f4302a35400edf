import { gramOf } from './calibration.ts';
import { entryOf } from './layer-matrices.ts';
import type { StructuredMethod } from './method.ts';
import { columnScores, DEFAULT_UNITS, parseUnits, removing, type StructuredStep } from './structured.ts';
import { toWeights } from './variant-matrix.ts';

export interface HeadsStep extends StructuredStep {
  method: 'heads';
}

/**
 * Removes whole key/value heads with the query heads that read them: rows of `q_proj`, `k_proj` and `v_proj`, columns of
 * `o_proj`. A head's score is the root of the sum of its columns' squared scores.
 */
export const heads: StructuredMethod<HeadsStep> = {
  ...removing('kvHeads', 1),
  label: 'Heads',
  summary:
    'Removes whole attention heads by their key/value head, so that matrices and cache shrink. A share of less than one head of a layer takes none.',
  // A layer has few heads: a share of every layer's would mostly be none or half of them.
  defaultOptions: { method: 'heads', ...DEFAULT_UNITS, allocation: 'global' },
  parseOptions: (fields) => ({ method: 'heads', ...parseUnits(fields) }),
  scoreUnits(matrices, inputs, { numKvHeads }) {
    const [module, matrix] = entryOf(matrices, 'self_attn.o_proj');
    const columns = columnScores(toWeights(matrix), gramOf(inputs, module, matrix.shape[1]));
    const width = columns.length / numKvHeads;
    return Float64Array.from({ length: numKvHeads }, (_, head) =>
      Math.sqrt(columns.subarray(head * width, (head + 1) * width).reduce((sum, score) => sum + score ** 2, 0)),
    );
  },
};
