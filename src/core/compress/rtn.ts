import { quantize } from './grid.ts';
import type { Matrices, Method } from './method.ts';
import { BITS, GROUP_SIZES, type RtnStep } from './recipe.ts';
import type { VariantMatrix } from './variant.ts';
import { toWeights } from './variant-matrix.ts';

const SCALE_DTYPES = ['F16', 'F32'] as const;

/** Round to nearest, in groups of inputs that share a scale and a zero point, all in float32 (`docs/pack-format.md`). */
export const rtn: Method<RtnStep> = {
  id: 'rtn',
  label: 'Round to nearest',
  defaultOptions: { method: 'rtn', bits: 4, groupSize: 32, symmetric: false },
  parseOptions(fields) {
    const exclude = fields.names('exclude');
    const bitsPerMatrix = fields.byModule('bitsPerMatrix', BITS);
    return {
      method: 'rtn',
      bits: fields.oneOf('bits', BITS),
      groupSize: fields.oneOf('groupSize', GROUP_SIZES),
      symmetric: fields.oneOf('symmetric', [true, false]),
      ...(fields.has('scaleDtype') ? { scaleDtype: fields.oneOf('scaleDtype', SCALE_DTYPES) } : {}),
      ...(bitsPerMatrix === undefined ? {} : { bitsPerMatrix }),
      ...(exclude === undefined ? {} : { exclude }),
    };
  },
  apply: applyRtn,
};

function* applyRtn(matrices: Matrices, step: RtnStep): Generator<readonly [string, VariantMatrix]> {
  for (const [module, matrix] of matrices) {
    if (step.exclude?.includes(module)) continue;
    const bits = step.bitsPerMatrix?.[module] ?? step.bits;
    const { groupSize, symmetric, scaleDtype = 'F16' } = step;
    const grid = quantize(toWeights(matrix), matrix.shape, { bits, groupSize, symmetric, scaleDtype });
    // Zero is on every grid, so what pruning removed before stays removed.
    yield [module, { ...grid, mask: matrix.mask }];
  }
}
