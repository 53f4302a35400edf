import type { LayerInputs } from './calibration.ts';
import {
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
import { type GridOptions, quantize, toCode } from './grid.ts';
import type { CalibratedMethod, LayerOptions, Matrices, MethodStep } from './method.ts';
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
import type { QuantizedMatrix, VariantMatrix } from './variant.ts';
import { toWeights } from './variant-matrix.ts';

export interface GptqStep extends MethodStep, RoundingOptions, WalkOptions {
  method: 'gptq';
  /** Whether the inputs with the largest activations are rounded first. */
  actOrder: boolean;
}

/**
 * GPTQ (Frantar et al. 2022, arXiv 2210.17323): rounds column by column, and the columns behind make up for each.
 * In the order of activations every group's grid is made from the weights as they were (static groups), so that groups
 * stay those of neighbouring inputs; in the order of columns it is made when its first column is reached.
 */
export const gptq: CalibratedMethod<GptqStep> = {
  kind: 'calibrated',
  label: 'GPTQ',
  summary: 'Rounds one input after the other, and lets the weights of those still to come make up for it.',
  defaultOptions: { method: 'gptq', ...DEFAULT_ROUNDING, actOrder: true, ...DEFAULT_WALK },
  parseOptions(fields) {
    const rounding = parseRounding(fields);
    return {
      method: 'gptq',
      ...rounding,
      actOrder: fields.oneOf('actOrder', [true, false]),
      ...parseWalk(fields, rounding.groupSize),
    };
  },
  checkFit: checkRounding,
  toKey: (step) => `${toRoundingKey(step)} ${step.actOrder ? 'act order' : 'in order'} ${toWalkKey(step)}`,
  toText: (step) => `${toRoundingText(step)}${step.actOrder ? ', act order' : ''}`,
  toDistance: (one, other, modules) =>
    toRoundingDistance(one, other, modules) + toWalkDistance(one, other) + (one.actOrder === other.actOrder ? 0 : 0.1),
  applyLayer: roundLayer,
};

async function* roundLayer(
  matrices: Matrices,
  inputs: LayerInputs,
  step: GptqStep,
  options: LayerOptions,
): AsyncGenerator<readonly [string, VariantMatrix]> {
  const inputsOf = walkInputsOf(inputs, step, options.algebra);
  for (const [module, matrix] of matrices) {
    if (step.exclude?.includes(module)) continue;
    const known = await inputsOf(module, matrix.shape[1]);
    const { actOrder, blockSize } = step;
    yield [
      module,
      await roundColumns(matrix, known, { own: gridOptionsOf(step, module), actOrder, blockSize }, options),
    ];
  }
}

async function roundColumns(
  matrix: VariantMatrix,
  { dead, order, root }: WalkInputs,
  { own, actOrder, blockSize }: { own: GridOptions; actOrder: boolean; blockSize: number },
  options: LayerOptions,
): Promise<QuantizedMatrix> {
  const { shape, mask, pattern } = matrix;
  const [rows, columns] = shape;
  const live = toLiveWeights(toWeights(matrix), dead);
  const grid = { ...quantize(Float32Array.from(live), shape, own), mask, pattern };
  const weight = live.map((_, i) => live[i - (i % columns) + (order[i % columns] ?? 0)] ?? 0);
  const settle = (row: number, at: number, value: number) => {
    const i = row * columns + (order[at] ?? 0);
    const group = Math.floor(i / own.groupSize);
    const [scale, zero] = [grid.scales[group] ?? 1, grid.zeroPoints[group] ?? 0];
    // What an earlier step pruned stays zero; the columns behind make up for that too.
    const code = mask?.[i] === 0 ? zero : toCode(Math.fround(value), scale, zero, 2 ** own.bits - 1);
    grid.codes[i] = code;
    return Math.fround((code - zero) * scale);
  };
  const enterColumn = (column: number) => {
    if (column % own.groupSize === 0) remakeGroup(grid, weight, column, own);
  };
  const steps = actOrder ? { settle } : { settle, enterColumn };
  await walkColumns(weight, root, { rows, columns, blockSize }, steps, options);
  return grid;
}

/** Makes the grids of the group that begins at `column` anew, one a row, from these weights `[out, in]`. */
function remakeGroup(grid: QuantizedMatrix, weight: Float64Array, column: number, options: GridOptions): void {
  const [rows, columns] = grid.shape;
  const { groupSize } = options;
  const part = new Float32Array(rows * groupSize);
  for (let i = 0; i < part.length; i++) {
    const at = Math.floor(i / groupSize) * columns + column + (i % groupSize);
    part[i] = grid.mask?.[at] === 0 ? 0 : (weight[at] ?? 0);
  }
  const { scales, zeroPoints } = quantize(part, [rows, groupSize], options);
  for (let row = 0; row < rows; row++) {
    const group = (row * columns + column) / groupSize;
    grid.scales[group] = scales[row] ?? 1;
    grid.zeroPoints[group] = zeroPoints[row] ?? 0;
  }
}
