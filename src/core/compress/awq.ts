import { roundToF16 } from '../tensor/half.ts';
import {
  DEFAULT_CALIBRATION,
  gramOf,
  type LayerInputs,
  parseCalibration,
  type Tap,
  type TapInputs,
  tapOf,
  toCalibrationDistance,
  toCalibrationKey,
} from './calibration.ts';
import { dequantize, type GridOptions, quantize, toScaled } from './grid.ts';
import type { CalibratedMethod, CalibratedStep, LayerOptions, Matrices } from './method.ts';
import { outputError } from './output-error.ts';
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

export interface AwqStep extends CalibratedStep, RoundingOptions {
  method: 'awq';
}

/** Exponents of the activations that are tried: k / 20. */
const TRIES = 20;

/** Weights of whole rows that are rounded, and whose error is summed, between two pauses: on wasm none of that takes 100 ms. */
const WEIGHTS_AT_ONCE = 2 ** 20;

/** Activations below this count as this, so that an input that was never on has a scale. */
const LEAST_MAGNITUDE = 1e-4;

/** All but `o` are scaled: a norm or `up_proj` before them can undo it. `o_proj` has `v_proj` before it, whose rows serve several heads. */
const TAPS: readonly Tap[] = ['attn', 'o', 'mlp', 'down'];

/**
 * AWQ (Lin et al. 2023, arXiv 2306.00978), without clipping: weights are multiplied by a power of the mean `|x|` of their inputs
 * before they are rounded, so that those which matter most err least; the power with the smallest output error is taken.
 */
export const awq: CalibratedMethod<AwqStep> = {
  kind: 'calibrated',
  label: 'AWQ',
  summary: 'Rounds weights after scaling up those that meet the largest activations.',
  defaultOptions: { method: 'awq', ...DEFAULT_ROUNDING, calibration: DEFAULT_CALIBRATION },
  parseOptions: (fields) => ({ method: 'awq', ...parseRounding(fields), calibration: parseCalibration(fields) }),
  checkFit: checkRounding,
  // Earlier pages took the root mean square: what they kept is not found.
  toKey: (step) => `${toRoundingKey(step)} by mean ${toCalibrationKey(step.calibration)}`,
  toText: toRoundingText,
  toDistance: (one, other, modules) =>
    toRoundingDistance(one, other, modules) + toCalibrationDistance(one.calibration, other.calibration),
  applyLayer: roundLayer,
};

async function* roundLayer(
  matrices: Matrices,
  inputs: LayerInputs,
  step: AwqStep,
  options: LayerOptions,
): AsyncGenerator<readonly [string, VariantMatrix]> {
  for (const tap of TAPS) {
    const all = [...matrices].filter(([module]) => tapOf(module) === tap);
    const members = all
      .filter(([module]) => !step.exclude?.includes(module))
      .map(([module, matrix]) => ({ module, matrix, weight: toWeights(matrix), grid: gridOptionsOf(step, module) }));
    const [first] = members;
    if (first === undefined) continue;
    const isScaled = tap !== 'o' && members.length === all.length;
    const gram = gramOf(inputs, first.module, first.matrix.shape[1]);
    const scales = isScaled ? await findScales(members, gram, options) : null;
    for (const member of members) yield [member.module, round(member, scales)];
  }
}

/** A matrix to be rounded. */
interface Member {
  matrix: VariantMatrix;
  weight: Float32Array<ArrayBuffer>; // [out, in]
  grid: GridOptions;
}

/** What a member becomes; zero is on every grid, so what pruning removed before stays removed. */
function round({ matrix, weight, grid }: Member, inputScales: Float32Array<ArrayBuffer> | null): QuantizedMatrix {
  return { ...roundScaled(weight, matrix.shape, grid, inputScales), mask: matrix.mask, pattern: matrix.pattern };
}

/** `Q(W s)` as the grid of W. */
function roundScaled(
  weight: Float32Array<ArrayBuffer>,
  shape: QuantizedMatrix['shape'],
  grid: GridOptions,
  inputScales: Float32Array<ArrayBuffer> | null,
): QuantizedMatrix {
  return { ...quantize(toScaled(weight, inputScales), shape, grid), inputScales };
}

/** The scales `[in]` with which matrices that share an input move their outputs least; of equal ones the smaller power. */
async function findScales(
  members: readonly Member[],
  gram: TapInputs,
  options: LayerOptions,
): Promise<Float32Array<ArrayBuffer> | null> {
  let best: Float32Array<ArrayBuffer> | null = null;
  let least = Number.POSITIVE_INFINITY;
  const partLength = Math.max(1, Math.floor(WEIGHTS_AT_ONCE / gram.size)) * gram.size;
  for (let k = 0; k < TRIES; k++) {
    const scales = toInputScales(gram, k / TRIES);
    let error = 0;
    for (const { weight, grid } of members) {
      for (let start = 0; start < weight.length; start += partLength) {
        const part = weight.subarray(start, start + partLength);
        const rounded = dequantize(roundScaled(part, [part.length / gram.size, gram.size], grid, scales));
        const difference = rounded.map((value, i) => value - (part[i] ?? 0));
        error += await outputError(difference, gram, options);
      }
    }
    if (error < least) [best, least] = [scales, error];
  }
  return best;
}

/** `magnitude^power` divided by the root of its largest times its smallest value, rounded to F16. */
function toInputScales({ magnitudes }: TapInputs, power: number): Float32Array<ArrayBuffer> {
  const scales = magnitudes.map((magnitude) => Math.max(magnitude, LEAST_MAGNITUDE) ** power);
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const scale of scales) {
    least = Math.min(least, scale);
    most = Math.max(most, scale);
  }
  const middle = Math.sqrt(most * least);
  return Float32Array.from(scales, (value) => roundToF16(value / middle));
}
