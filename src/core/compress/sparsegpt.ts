import { roundToDtype } from '../tensor/half.ts';
import type { LayerInputs } from './calibration.ts';
import {
  type ColumnSteps,
  DEFAULT_WALK,
  parseWalk,
  toLiveWeights,
  toWalkDistance,
  toWalkKey,
  type WalkInputs,
  type WalkOptions,
  walkColumns,
  walkInputsOf,
} from './column-walk.ts';
import type { CalibratedMethod, LayerOptions, Matrices, MethodStep } from './method.ts';
import {
  amountOf,
  checkAmount,
  PATTERNS,
  type PruningAmount,
  parseAmount,
  toAmountDistance,
  toAmountKey,
  toAmountText,
} from './pruning-amount.ts';
import { maskRuns } from './score-mask.ts';
import type { Pattern, VariantMatrix } from './variant.ts';
import { pruneMatrix, toWeights } from './variant-matrix.ts';

export type SparsegptStep = MethodStep & WalkOptions & { method: 'sparsegpt' } & PruningAmount;

/**
 * SparseGPT (Frantar and Alistarh 2023, arXiv 2301.00774): of every block of columns, or every group of a pattern, the
 * weights with the smallest `(w / U_jj)^2` go, column by column, and the columns behind make up for each.
 */
export const sparsegpt: CalibratedMethod<SparsegptStep> = {
  kind: 'calibrated',
  label: 'SparseGPT',
  summary: 'Sets the weights to zero that the outputs miss least, and lets the others make up for them.',
  defaultOptions: { method: 'sparsegpt', sparsity: 0.5, ...DEFAULT_WALK },
  parseOptions(fields) {
    const amount = parseAmount(fields);
    const groupSize = amount.pattern === undefined ? 1 : PATTERNS[amount.pattern].of;
    return {
      method: 'sparsegpt',
      ...amount,
      ...parseWalk(fields, groupSize),
    };
  },
  checkFit: checkAmount,
  toKey: (step) => `${toAmountKey(step)} ${toWalkKey(step)}`,
  toText: toAmountText,
  toDistance: (one, other, modules) => toAmountDistance(one, other, modules) + toWalkDistance(one, other),
  applyLayer: pruneLayer,
};

/** A score below all others, which are squares. */
const ALREADY_GONE = -1;

async function* pruneLayer(
  matrices: Matrices,
  inputs: LayerInputs,
  step: SparsegptStep,
  options: LayerOptions,
): AsyncGenerator<readonly [string, VariantMatrix]> {
  const inputsOf = walkInputsOf(inputs, { dampening: step.dampening, actOrder: false }, options.algebra);
  for (const [module, matrix] of matrices) {
    const amount = amountOf(step, module);
    if (step.exclude?.includes(module) || amount === 0) continue;
    const known = await inputsOf(module, matrix.shape[1]);
    yield [module, await pruneColumns(matrix, known, { amount, blockSize: step.blockSize }, options)];
  }
}

async function pruneColumns(
  matrix: VariantMatrix,
  { dead, root }: WalkInputs,
  { amount, blockSize }: { amount: number | Pattern; blockSize: number },
  options: LayerOptions,
): Promise<VariantMatrix> {
  const { shape } = matrix;
  const [rows, columns] = shape;
  const weight = toLiveWeights(toWeights(matrix), dead);
  // What an earlier step pruned goes again: by the time its column is reached, others have passed their errors on to it.
  const mask = matrix.mask?.slice() ?? new Uint8Array(weight.length).fill(1);
  const choose = (start: number, end: number, { run, count }: { run: number; count: number }) => {
    const chosen = maskRuns(toScores({ weight, mask }, root, columns, { start, end }), run, count);
    for (const [i, stays] of chosen.entries()) {
      if (stays === 0) mask[placeIn({ start, end }, columns, i)] = 0;
    }
  };
  const settle = (row: number, column: number, value: number) => (mask[row * columns + column] === 1 ? value : 0);
  const steps = { ...toChoices(amount, rows, choose), settle };
  await walkColumns(weight, root, { rows, columns, blockSize }, steps, options);
  const rounded = roundToDtype(weight, options.dtype);
  const { mask: earlier, pattern } = matrix;
  const walked: VariantMatrix = { kind: 'dense', shape, weight: rounded, mask: earlier, pattern };
  return pruneMatrix(walked, mask, typeof amount === 'number' ? null : amount);
}

/** When `choose` is to choose what goes from columns `start .. end - 1`: `count` of every `run` weights, row by row. */
function toChoices(
  amount: number | Pattern,
  rows: number,
  choose: (start: number, end: number, among: { run: number; count: number }) => void,
): Pick<ColumnSteps, 'enterBlock' | 'enterColumn'> {
  if (typeof amount === 'number') {
    return {
      enterBlock: (start, end) => {
        const run = rows * (end - start);
        choose(start, end, { run, count: Math.floor(amount * run) });
      },
    };
  }
  const { kept, of } = PATTERNS[amount];
  return {
    enterColumn: (column) => {
      if (column % of === 0) choose(column, column + of, { run: of, count: of - kept });
    },
  };
}

/** A block of columns. */
interface Span {
  start: number;
  end: number;
}

/** Where weight `i` of a block, row by row, stands in the matrix. */
function placeIn({ start, end }: Span, columns: number, i: number): number {
  const width = end - start;
  return Math.floor(i / width) * columns + start + (i % width);
}

/** `(w / U_jj)^2` of a block, `[rows, end - start]`; below all others for what is gone already. */
function toScores(
  { weight, mask }: { weight: Float64Array; mask: Uint8Array },
  root: Float64Array,
  columns: number,
  span: Span,
): Float64Array {
  return Float64Array.from({ length: (weight.length / columns) * (span.end - span.start) }, (_, i) => {
    const at = placeIn(span, columns, i);
    if (mask[at] === 0) return ALREADY_GONE;
    const column = at % columns;
    const error = (weight[at] ?? 0) / (root[column * columns + column] ?? 1);
    return error * error;
  });
}
