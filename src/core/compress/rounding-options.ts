import { EMBEDDINGS } from '../checkpoint/checkpoint.ts';
import { leavingOut, toDamageDistance } from './damage-distance.ts';
import { BITS, GROUP_SIZES, type GridOptions } from './grid.ts';
import type { MethodStep, StepFit } from './method.ts';
import { toOverridesKey } from './pruning-amount.ts';
import type { StepFields } from './step-fields.ts';
import type { Bits, GroupSize } from './variant.ts';

/** The grid that a rounding step puts weights on. */
export interface RoundingOptions {
  bits: Bits;
  groupSize: GroupSize;
  symmetric: boolean;
  /** Storage dtype of the scales; F16 unless said otherwise. */
  scaleDtype?: 'F16' | 'F32';
  /** Overrides `bits` by module name. */
  bitsPerMatrix?: Readonly<Record<string, Bits>>;
  /** Bits of the embeddings and of a head that is not tied to them; without it they are left alone. */
  embeddings?: Bits;
}

/** The options that a form starts from. */
export const DEFAULT_ROUNDING: RoundingOptions = { bits: 4, groupSize: 32, symmetric: false };

/** Every dtype that scales are stored in, in the order a form offers them. */
export const SCALE_DTYPES = ['F16', 'F32'] as const;

/** Checks the fields of `RoundingOptions`; throws `recipe-invalid`. */
export function parseRounding(fields: StepFields): RoundingOptions {
  const bitsPerMatrix = fields.byModule('bitsPerMatrix', BITS);
  return {
    bits: fields.oneOf('bits', BITS),
    groupSize: fields.oneOf('groupSize', GROUP_SIZES),
    symmetric: fields.oneOf('symmetric', [true, false]),
    ...(fields.has('scaleDtype') ? { scaleDtype: fields.oneOf('scaleDtype', SCALE_DTYPES) } : {}),
    ...(bitsPerMatrix === undefined ? {} : { bitsPerMatrix }),
    ...(fields.has('embeddings') ? { embeddings: fields.oneOf('embeddings', BITS) } : {}),
  };
}

/** Refuses overrides of modules that the model does not have, and groups that do not divide its matrices. */
export function checkRounding(options: RoundingOptions, fit: StepFit): void {
  const { inputs, hiddenSize, expectModule, refuse } = fit;
  for (const name of Object.keys(options.bitsPerMatrix ?? {})) expectModule('bitsPerMatrix', name);
  const rounded = options.embeddings === undefined ? inputs : new Map([...inputs, [EMBEDDINGS, hiddenSize]]);
  for (const [module, count] of rounded) {
    if (count % options.groupSize !== 0) {
      refuse('groupSize', options.groupSize, `a divisor of the ${count} inputs of ${module}`);
    }
  }
}

/** The grid of one matrix. */
export function gridOptionsOf(options: RoundingOptions, module: string): GridOptions {
  return toGrid(options, options.bitsPerMatrix?.[module] ?? options.bits);
}

/** The grid of the embeddings and of a head that is not tied to them; null where they are left alone. */
export function embeddingGridOf(options: RoundingOptions): GridOptions | null {
  return options.embeddings === undefined ? null : toGrid(options, options.embeddings);
}

function toGrid({ groupSize, symmetric, scaleDtype = 'F16' }: RoundingOptions, bits: Bits): GridOptions {
  return { bits, groupSize, symmetric, scaleDtype };
}

/** The options as part of a recipe's key. */
export function toRoundingKey(options: RoundingOptions): string {
  const mixed = toOverridesKey(options.bitsPerMatrix, options.bits);
  const grid = `${options.bits}/${options.groupSize} ${toSymmetryText(options)} ${options.scaleDtype ?? 'F16'}`;
  return `${grid}${mixed}${options.embeddings === undefined ? '' : ` embeddings ${options.embeddings}`}`;
}

/** The options in words. */
export function toRoundingText(options: RoundingOptions): string {
  const widths = new Set([options.bits, ...Object.values(options.bitsPerMatrix ?? {})]);
  const bits = [...widths].sort((a, b) => a - b).join(' and ');
  const tables = options.embeddings === undefined ? '' : `, embeddings ${options.embeddings} bit`;
  return `${bits} bit, groups of ${options.groupSize}, ${toSymmetryText(options)}${tables}`;
}

type RoundingStep = RoundingOptions & Pick<MethodStep, 'exclude'>;

/** How far two steps that round lie apart, below 3: how coarse the grid of every matrix is, and less for all other options. */
export function toRoundingDistance(one: RoundingStep, other: RoundingStep, modules: readonly string[]): number {
  const matrices = toDamageDistance(modules, toErrorOf(one), toErrorOf(other));
  const groups = Math.abs(Math.log2(one.groupSize / other.groupSize)) / 10;
  const tables = Math.abs(toSquaredError(one.embeddings) - toSquaredError(other.embeddings)) / 4;
  return matrices + groups + tables + (one.symmetric === other.symmetric ? 0 : 0.1);
}

function toErrorOf({ bits, bitsPerMatrix, exclude }: RoundingStep): (module: string) => number {
  return leavingOut(exclude, (module) => toSquaredError(bitsPerMatrix?.[module] ?? bits));
}

/** The squared error of a grid, a quarter with every bit: 1 with 2 bits, 0 for what is left alone. */
function toSquaredError(bits: Bits | undefined): number {
  return bits === undefined ? 0 : 4 ** (2 - bits);
}

function toSymmetryText({ symmetric }: RoundingOptions): string {
  return symmetric ? 'symmetric' : 'asymmetric';
}
