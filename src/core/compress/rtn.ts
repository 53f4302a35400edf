import { BITS, GROUP_SIZES, quantize } from './grid.ts';
import type { Matrices, MethodStep, WeightMethod } from './method.ts';
import type { Bits, GroupSize, VariantMatrix } from './variant.ts';
import { toWeights } from './variant-matrix.ts';

export interface RtnStep extends MethodStep {
  method: 'rtn';
  bits: Bits;
  groupSize: GroupSize;
  symmetric: boolean;
  /** Storage dtype of the scales; F16 unless said otherwise. */
  scaleDtype?: 'F16' | 'F32';
  /** Overrides `bits` by module name. */
  bitsPerMatrix?: Readonly<Record<string, Bits>>;
}

const SCALE_DTYPES = ['F16', 'F32'] as const;

/** Round to nearest, in groups of inputs that share a scale and a zero point, all in float32 (`docs/pack-format.md`). */
export const rtn: WeightMethod<RtnStep> = {
  kind: 'weights',
  label: 'RTN',
  summary: 'Rounds every weight to the nearest of a few levels per group.',
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
  checkFit(step, { inputs, expectModule, refuse }) {
    for (const name of Object.keys(step.bitsPerMatrix ?? {})) expectModule('bitsPerMatrix', name);
    for (const [module, count] of inputs) {
      if (count % step.groupSize !== 0) {
        refuse('groupSize', step.groupSize, `a divisor of the ${count} inputs of ${module}`);
      }
    }
  },
  toKey(step) {
    const overrides = Object.entries(step.bitsPerMatrix ?? {})
      .filter(([, bits]) => bits !== step.bits)
      .map(([name, bits]) => `${name}=${bits}`)
      .sort();
    const mixed = overrides.length === 0 ? '' : ` with ${overrides.join(',')}`;
    return `${step.bits}/${step.groupSize} ${toSymmetryText(step)} ${step.scaleDtype ?? 'F16'}${mixed}`;
  },
  toText(step) {
    const widths = new Set([step.bits, ...Object.values(step.bitsPerMatrix ?? {})]);
    const bits = [...widths].sort((a, b) => a - b).join(' and ');
    return `${bits} bit, groups of ${step.groupSize}, ${toSymmetryText(step)}`;
  },
  toDistance(one, other) {
    const mixed = Object.keys(one.bitsPerMatrix ?? {}).length - Object.keys(other.bitsPerMatrix ?? {}).length;
    const bits = Math.abs(one.bits - other.bits) / 2;
    const groups = Math.abs(Math.log2(one.groupSize / other.groupSize)) / 4;
    return bits + groups + (one.symmetric === other.symmetric ? 0 : 0.5) + Math.min(1, Math.abs(mixed) / 8);
  },
  apply: applyRtn,
};

function toSymmetryText({ symmetric }: RtnStep): string {
  return symmetric ? 'symmetric' : 'asymmetric';
}

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
