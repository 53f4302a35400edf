import type { Algebra, UpdateShape } from '../linear-algebra/algebra.ts';
import {
  type CalibrationOptions,
  DEFAULT_CALIBRATION,
  type Gram,
  gramOf,
  type LayerInputs,
  parseCalibration,
  type Tap,
  tapOf,
  toCalibrationDistance,
  toCalibrationKey,
} from './calibration.ts';
import type { LayerOptions } from './method.ts';
import type { StepFields } from './step-fields.ts';

/** Options of the methods that walk the columns of a matrix and pass on what each one gets wrong. */
export interface WalkOptions {
  /** Columns that are settled before the ones behind them are updated. */
  blockSize: number;
  /** Share of the Gram matrix's mean diagonal that is added to its diagonal, so that it has an inverse. */
  dampening: number;
  calibration: CalibrationOptions;
}

/** The papers' settings. */
export const DEFAULT_WALK: WalkOptions = { blockSize: 128, dampening: 0.01, calibration: DEFAULT_CALIBRATION };

/** Widest block that a recipe may ask for: half of the inputs that the widest model taken can have. */
const MAX_BLOCK_SIZE = 2 ** 16;

/** Checks the fields of `WalkOptions`; blocks must hold whole groups of `groupSize` columns; throws `recipe-invalid`. */
export function parseWalk(fields: StepFields, groupSize: number): WalkOptions {
  const blockSize = fields.whole('blockSize', 1, MAX_BLOCK_SIZE);
  if (blockSize % groupSize !== 0) fields.refuse('blockSize', `a multiple of the ${groupSize} columns of a group`);
  return { blockSize, dampening: fields.number('dampening', 0, 1), calibration: parseCalibration(fields) };
}

/** The options as part of a recipe's key. */
export function toWalkKey({ blockSize, dampening, calibration }: WalkOptions): string {
  return `blocks ${blockSize} dampening ${dampening} ${toCalibrationKey(calibration)}`;
}

/** How far two walks lie apart, below 1. */
export function toWalkDistance(one: WalkOptions, other: WalkOptions): number {
  const blocks = Math.abs(Math.log2(one.blockSize / other.blockSize)) / 100;
  const dampening = Math.abs(one.dampening - other.dampening) / 10;
  return blocks + dampening + toCalibrationDistance(one.calibration, other.calibration);
}

/** What a walk needs to know of a matrix's inputs. */
export interface WalkInputs {
  /** 1 where an input was never on: nothing is known of it, and its weights become 0. */
  dead: Uint8Array<ArrayBuffer>; // [inputs]
  /** The inputs in the order in which they are walked. */
  order: readonly number[];
  /** Upper triangular U with `H^-1 = U^T U`, in that order. */
  root: Float64Array<ArrayBuffer>; // [inputs, inputs]
}

/** Makes the `WalkInputs` of a layer's matrices when they are first asked for; the matrices of one tap share them. */
export function walkInputsOf(
  inputs: LayerInputs,
  options: { dampening: number; actOrder: boolean },
  algebra: Algebra,
): (module: string, size: number) => Promise<WalkInputs> {
  const known = new Map<Tap, WalkInputs>();
  return async (module, size) => {
    const tap = tapOf(module);
    const found = known.get(tap) ?? (await toWalkInputs(gramOf(inputs, module, size), options, algebra));
    known.set(tap, found);
    return found;
  };
}

/** `H = G`, 1 on the diagonal for dead inputs, then `dampening * mean(diag H)` added to the diagonal. */
async function toWalkInputs(
  { size, data }: Gram,
  { dampening, actOrder }: { dampening: number; actOrder: boolean },
  algebra: Algebra,
): Promise<WalkInputs> {
  const diagonal = Float64Array.from({ length: size }, (_, j) => data[j * size + j] ?? 0);
  const dead = Uint8Array.from(diagonal, (value) => (value === 0 ? 1 : 0));
  const live = diagonal.map((value) => (value === 0 ? 1 : value));
  const added = (dampening * live.reduce((sum, value) => sum + value, 0)) / size;
  const order = Array.from(live.keys());
  // The sort is stable, so the lower index comes first where two are equal.
  if (actOrder) order.sort((a, b) => (live[b] ?? 0) - (live[a] ?? 0));
  const h = new Float64Array(size * size);
  for (const [i, from] of order.entries()) {
    for (const [j, column] of order.entries()) h[i * size + j] = data[from * size + column] ?? 0;
    h[i * size + i] = (live[from] ?? 0) + added;
  }
  return { dead, order, root: await algebra.inverseRoot(h, size) };
}

/** The weights `[out, in]` in float64, those of dead inputs 0. */
export function toLiveWeights(weight: Float32Array, dead: Uint8Array): Float64Array<ArrayBuffer> {
  // `from` with a function took 97 ms for 0.9 million weights.
  const live = new Float64Array(weight);
  for (const [column, isDead] of dead.entries()) {
    for (let at = column; isDead === 1 && at < live.length; at += dead.length) live[at] = 0;
  }
  return live;
}

/** What happens to the columns of a walk. */
export interface ColumnSteps {
  /** Before the first column of a block. */
  enterBlock?(start: number, end: number): void;
  /** Before a column. */
  enterColumn?(column: number): void;
  /** What a weight becomes. */
  settle(row: number, column: number, weight: number): number;
}

/**
 * Settles the columns from left to right and passes the error of each on to the columns behind it, so that the outputs
 * change least: `e = (w_j - settled w_j) / U_jj`, and `e U_jk` is taken from every column k > j (Frantar et al. 2022,
 * arXiv 2210.17323). `weight` `[rows, columns]` is overwritten, and holds the weights as they are by then up to the end
 * of the block that is walked; those behind it get theirs when their block is reached.
 */
export async function walkColumns(
  weight: Float64Array<ArrayBuffer>,
  root: Float64Array,
  { rows, columns, blockSize }: UpdateShape,
  steps: ColumnSteps,
  { algebra, pause }: Pick<LayerOptions, 'algebra' | 'pause'>,
): Promise<void> {
  const updates = blockSize < columns ? await algebra.openUpdates(root, { rows, columns, blockSize }) : null;
  try {
    for (let start = 0; start < columns; start += blockSize) {
      const end = Math.min(start + blockSize, columns);
      const errors = settleBlock(weight, root, { rows, columns, start, end }, steps);
      const width = Math.min(blockSize, columns - end);
      if (updates !== null && width > 0) {
        takeAway(weight, await updates.next(errors, width), { rows, columns, start: end, width });
      }
      await pause();
    }
  } finally {
    updates?.dispose();
  }
}

/** Settles the columns `start .. end - 1`, each seeing those before it in the block; returns their errors `[rows, end - start]`. */
function settleBlock(
  weight: Float64Array<ArrayBuffer>,
  root: Float64Array,
  { rows, columns, start, end }: { rows: number; columns: number; start: number; end: number },
  steps: ColumnSteps,
): Float64Array {
  const width = end - start;
  const errors = new Float64Array(rows * width);
  steps.enterBlock?.(start, end);
  for (let j = start; j < end; j++) {
    steps.enterColumn?.(j);
    const ownRoot = root.subarray(j * columns + j, j * columns + end); // U_jj and what follows it in the block
    for (let row = 0; row < rows; row++) {
      const at = row * columns + j;
      const before = weight[at] ?? 0;
      const settled = steps.settle(row, j, before);
      const error = (before - settled) / (ownRoot[0] ?? 1);
      errors[row * width + j - start] = error;
      weight[at] = settled;
      if (error === 0) continue; // a weight that stayed as it was has nothing to pass on
      for (let k = 1; k < ownRoot.length; k++) weight[at + k] = (weight[at + k] ?? 0) - error * (ownRoot[k] ?? 0);
    }
  }
  return errors;
}

/** In `weight` `[rows, columns]`: `weight[:, start : start + width] -= taken`. */
function takeAway(
  weight: Float64Array,
  taken: Float32Array | Float64Array,
  { rows, columns, start, width }: { rows: number; columns: number; start: number; width: number },
): void {
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) {
      const at = row * columns + start + i;
      weight[at] = (weight[at] ?? 0) - (taken[row * width + i] ?? 0);
    }
  }
}
