import { quantize } from './grid.ts';
import type { Matrices, MethodStep, WeightMethod } from './method.ts';
import {
  checkRounding,
  DEFAULT_ROUNDING,
  gridOptionsOf,
  parseRounding,
  type RoundingOptions,
  toRoundingDistance,
  toRoundingKey,
  toRoundingText,
} from './rounding-options.ts';
import type { VariantMatrix } from './variant.ts';
import { toWeights } from './variant-matrix.ts';

export interface RtnStep extends MethodStep, RoundingOptions {
  method: 'rtn';
}

/** Round to nearest, in groups of inputs that share a scale and a zero point, all in float32 (`docs/pack-format.md`). */
export const rtn: WeightMethod<RtnStep> = {
  kind: 'weights',
  label: 'RTN',
  summary: 'Rounds every weight to the nearest of a few levels per group.',
  defaultOptions: { method: 'rtn', ...DEFAULT_ROUNDING },
  parseOptions: (fields) => ({ method: 'rtn', ...parseRounding(fields) }),
  checkFit: checkRounding,
  toKey: toRoundingKey,
  toText: toRoundingText,
  toDistance: toRoundingDistance,
  apply: applyRtn,
};

function* applyRtn(matrices: Matrices, step: RtnStep): Generator<readonly [string, VariantMatrix]> {
  for (const [module, matrix] of matrices) {
    if (step.exclude?.includes(module)) continue;
    const grid = quantize(toWeights(matrix), matrix.shape, gridOptionsOf(step, module));
    // Zero is on every grid, so what pruning removed before stays removed.
    yield [module, { ...grid, mask: matrix.mask, pattern: matrix.pattern }];
  }
}
