import { LINEAR_NAMES } from '../checkpoint/checkpoint.ts';
import { type KeptUnits, type LayerSizes, partOf } from '../checkpoint/layer-shape.ts';
import {
  type CalibrationOptions,
  DEFAULT_CALIBRATION,
  type Gram,
  parseCalibration,
  toCalibrationDistance,
  toCalibrationKey,
} from './calibration.ts';
import { toDamageDistance } from './damage-distance.ts';
import type { CalibratedStep } from './method.ts';
import { maskRuns } from './score-mask.ts';
import type { StepFields } from './step-fields.ts';

/** How many units a structured step takes from each layer: the same share of all, or those that matter least of all layers together. */
export type Allocation = 'uniform' | 'global';

/** Every allocation that exists, in the order a form offers them. */
export const ALLOCATIONS: readonly Allocation[] = ['uniform', 'global'];

/** The options that structured methods share. */
export interface UnitOptions {
  /** Share of the units that go, 0 to 1. */
  share: number;
  allocation: Allocation;
  calibration: CalibrationOptions;
}

/** A step that removes whole units. A unit stands in several matrices, so a layer stays whole where one that holds its units is excluded. */
export interface StructuredStep extends CalibratedStep, UnitOptions {}

/** The options that a form starts from. */
export const DEFAULT_UNITS: UnitOptions = {
  share: 0.25,
  allocation: 'uniform',
  calibration: DEFAULT_CALIBRATION,
};

/** What structured methods do alike with units that go in blocks of `blockSize`. */
export function removing(units: keyof KeptUnits, blockSize: number) {
  return {
    kind: 'structured',
    toKey: ({ share, allocation, calibration }: UnitOptions) =>
      `${share} ${allocation} ${toCalibrationKey(calibration)}`,
    toText: ({ share, allocation }: UnitOptions) => `${+(share * 100).toFixed(1)} %, ${allocation}`,
    toDistance: (one: StructuredStep, other: StructuredStep, modules: readonly string[]) =>
      toDamageDistance(layersOf(modules), toShareOf(one, units), toShareOf(other, units)) +
      (one.allocation === other.allocation ? 0 : 0.05) +
      toCalibrationDistance(one.calibration, other.calibration),
    units,
    chooseUnits: (scores: readonly Float64Array[], step: StructuredStep) => chooseUnits(scores, step, units, blockSize),
    sizesAfter: (layers: readonly LayerSizes[], step: StructuredStep) => sizesAfter(layers, step, units, blockSize),
  } as const;
}

/** Whether a step leaves all units of a layer, because a matrix that holds them is excluded. */
export function staysWhole({ exclude = [] }: StructuredStep, units: keyof KeptUnits, layer: number): boolean {
  return holdersOf(units).some((name) => exclude.includes(`model.layers.${layer}.${name}`));
}

/** The layers of a model with these linear modules. */
function layersOf(modules: readonly string[]): readonly number[] {
  return Array.from({ length: modules.length / LINEAR_NAMES.length }, (_, layer) => layer);
}

/** The share that a layer is to lose: none where it stays whole. */
function toShareOf(step: StructuredStep, units: keyof KeptUnits): (layer: number) => number {
  return (layer) => (staysWhole(step, units, layer) ? 0 : step.share);
}

/** The matrices of a layer that lose rows or columns with these units. */
export function holdersOf(units: keyof KeptUnits): readonly (typeof LINEAR_NAMES)[number][] {
  const none = { neurons: null, kvHeads: null, [units]: [] };
  return LINEAR_NAMES.filter((name) => {
    const { rows, columns } = partOf(name, none, { numHeads: 1, numKvHeads: 1, headDim: 1 });
    return rows !== null || columns !== null;
  });
}

/** Checks the fields of `UnitOptions`; throws `recipe-invalid`. */
export function parseUnits(fields: StepFields): UnitOptions {
  return {
    share: fields.number('share', 0, 1),
    allocation: fields.oneOf('allocation', ALLOCATIONS),
    calibration: parseCalibration(fields),
  };
}

/** How much each input of a matrix `[out, in]` contributes to its outputs: `sqrt(G_jj) ||W_:j||_2`, `[in]`. */
export function columnScores(weight: Float32Array, { size, data }: Gram): Float64Array {
  const squares = new Float64Array(size);
  for (let i = 0; i < weight.length; i++) squares[i % size] = (squares[i % size] ?? 0) + (weight[i] ?? 0) ** 2;
  return squares.map((sum, j) => Math.sqrt(data[j * size + j] ?? 0) * Math.sqrt(sum));
}

/**
 * The units of every layer that stay, ascending, or null where none goes; the lowest scores go, the lower index first on a tie.
 * `scores` are one a unit, by layer. What goes is counted in whole blocks, and one block stays at least (`docs/pack-format.md`).
 */
function chooseUnits(
  scores: readonly Float64Array[],
  step: StructuredStep,
  units: keyof KeptUnits,
  blockSize: number,
): readonly (readonly number[] | null)[] {
  const { share, allocation } = step;
  // A layer that stays whole is weighed against no other.
  const judged = scores.map((own, layer) => (staysWhole(step, units, layer) ? own.subarray(0, 0) : own));
  const found = allocation === 'global' ? countLowest(judged, share) : null;
  return scores.map((own, layer) => {
    const wanted =
      found === null
        ? countUniform(judged[layer]?.length ?? 0, share, blockSize)
        : Math.floor((found[layer] ?? 0) / blockSize + 0.5) * blockSize;
    const going = leaveBlock(wanted, own.length, blockSize);
    if (going === 0) return null;
    const mask = maskRuns(own, own.length, going);
    return [...mask.keys()].filter((unit) => mask[unit] === 1);
  });
}

function sizesAfter(
  layers: readonly LayerSizes[],
  step: StructuredStep,
  units: keyof KeptUnits,
  blockSize: number,
): readonly LayerSizes[] | null {
  if (step.allocation === 'global') return null;
  const left = (count: number) => count - leaveBlock(countUniform(count, step.share, blockSize), count, blockSize);
  return layers.map((sizes, layer) => {
    if (staysWhole(step, units, layer)) return sizes;
    if (units === 'neurons') return { ...sizes, intermediateSize: left(sizes.intermediateSize) };
    const numKvHeads = left(sizes.numKvHeads);
    return { ...sizes, numKvHeads, numHeads: (sizes.numHeads / sizes.numKvHeads) * numKvHeads };
  });
}

function countUniform(count: number, share: number, blockSize: number): number {
  return Math.floor((share * count) / blockSize) * blockSize;
}

/** As many as are wanted, less where not one block would stay. */
function leaveBlock(wanted: number, count: number, blockSize: number): number {
  return Math.max(0, Math.min(wanted, count - blockSize));
}

/** How many of each layer's units are among the lowest share of all, scores divided by their layer's mean. */
function countLowest(scores: readonly Float64Array[], share: number): readonly number[] {
  const relative = Float64Array.from(scores.flatMap(toRelative));
  const mask = maskRuns(relative, relative.length, Math.floor(share * relative.length));
  let start = 0;
  return scores.map(({ length }) => {
    const own = mask.subarray(start, start + length);
    start += length;
    return own.reduce((count, stays) => count + 1 - stays, 0);
  });
}

/** Scores over their mean; a layer that contributes nothing at all stands at 0. */
function toRelative(scores: Float64Array): number[] {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return Array.from(scores, (score) => (mean === 0 ? 0 : score / mean));
}
