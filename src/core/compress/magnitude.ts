import type { Matrices, MethodStep, WeightMethod } from './method.ts';
import {
  amountOf,
  checkAmount,
  type PatternAmount,
  parseAmount,
  type SparsityAmount,
  toAmountDistance,
  toAmountKey,
  toAmountText,
} from './pruning-amount.ts';
import { maskRows } from './score-mask.ts';
import { clearSmallest, selectSmallest, toWords, type WeightRange } from './select-smallest.ts';
import type { VariantMatrix } from './variant.ts';
import { pruneMatrix, toWeights } from './variant-matrix.ts';

/** With a pattern the weights of each of its groups are compared, so it has no granularity. */
export type MagnitudeStep = MethodStep & { method: 'magnitude' } & (
    | (SparsityAmount & { granularity: Granularity })
    | (PatternAmount & { granularity?: never })
  );

/** Weights that are compared with each other when the smallest are chosen: a row, a matrix, or all matrices. */
export type Granularity = 'per-output' | 'per-layer' | 'global';

/** Every granularity that exists, in the order a form offers them. */
export const GRANULARITIES: readonly Granularity[] = ['per-output', 'per-layer', 'global'];

/**
 * Magnitude pruning (Han et al. 2015, arXiv 1506.02626): the `floor(sparsity * count)` weights smallest in absolute value
 * become zero within each output row, each matrix, or all matrices together, or all but N of every M neighbours;
 * ties go by index, the lower one first.
 */
export const magnitude: WeightMethod<MagnitudeStep> = {
  kind: 'weights',
  label: 'Magnitude',
  summary: 'Sets the weights with the smallest absolute values to zero.',
  defaultOptions: { method: 'magnitude', sparsity: 0.5, granularity: 'per-output' },
  parseOptions(fields) {
    const amount = parseAmount(fields);
    const step = { method: 'magnitude' } as const;
    if (amount.pattern !== undefined) {
      return fields.has('granularity')
        ? fields.refuse('granularity', 'nothing beside a pattern')
        : { ...step, ...amount };
    }
    const granularity = fields.oneOf('granularity', GRANULARITIES);
    if (granularity === 'global' && amount.sparsityPerMatrix !== undefined) {
      fields.refuse('sparsityPerMatrix', 'nothing beside the granularity global');
    }
    return { ...step, ...amount, granularity };
  },
  checkFit: checkAmount,
  toKey: (step) => (step.granularity === undefined ? step.pattern : `${toAmountKey(step)} ${step.granularity}`),
  toText: (step) => `${toAmountText(step)}${step.granularity ? `, ${step.granularity.replace('-', ' ')}` : ''}`,
  toDistance: (one, other, modules) =>
    toAmountDistance(one, other, modules) + (one.granularity === other.granularity ? 0 : 0.05),
  apply: applyMagnitude,
};

function* applyMagnitude(matrices: Matrices, step: MagnitudeStep): Generator<readonly [string, VariantMatrix]> {
  const chosen = [...matrices].filter(([module]) => !step.exclude?.includes(module));
  const findMask = step.granularity === 'global' ? globalMasks(chosen, step.sparsity) : null;
  for (const [module, matrix] of chosen) {
    const weight = toWeights(matrix);
    const amount = amountOf(step, module);
    if (typeof amount !== 'number') {
      const mask = maskRows(Float64Array.from(weight, Math.abs), matrix.shape[1], amount);
      if (mask !== null) yield [module, pruneMatrix(matrix, mask, amount)];
      continue;
    }
    const rowLength = step.granularity === 'per-output' ? matrix.shape[1] : weight.length;
    const mask = findMask === null ? maskByRows(weight, rowLength, amount) : findMask(weight);
    if (mask !== null) yield [module, pruneMatrix(matrix, mask)];
  }
}

/** Mask of one matrix, its smallest weights cleared within every run of `rowLength`; null where none goes. */
function maskByRows(
  weight: Float32Array<ArrayBuffer>,
  rowLength: number,
  sparsity: number,
): Uint8Array<ArrayBuffer> | null {
  const count = Math.floor(sparsity * rowLength);
  if (count === 0) return null;
  const words = toWords(weight);
  const mask = new Uint8Array(weight.length).fill(1);
  for (let start = 0; start < weight.length; start += rowLength) {
    const row = { words, start, end: start + rowLength };
    clearSmallest(row, selectSmallest([row], count), mask);
  }
  return mask;
}

/** A function that gives each matrix's mask, called in the order of the matrices; ties are used up along the way. */
function globalMasks(
  chosen: readonly (readonly [string, VariantMatrix])[],
  sparsity: number,
): (weight: Float32Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | null {
  const ranges = chosen.map(([, matrix]): WeightRange => {
    const words = toWords(toWeights(matrix));
    return { words, start: 0, end: words.length };
  });
  const count = Math.floor(sparsity * ranges.reduce((sum, { end }) => sum + end, 0));
  if (count === 0) return () => null;
  const { threshold, ties } = selectSmallest(ranges, count);
  let left = ties;
  return (weight) => {
    const mask = new Uint8Array(weight.length).fill(1);
    left = clearSmallest({ words: toWords(weight), start: 0, end: weight.length }, { threshold, ties: left }, mask);
    return mask;
  };
}
