import { countOnes, toCodeEncoding, toNonZeros } from './code-encoding.ts';
import { PATTERNS } from './pruning-amount.ts';
import type { Recipe } from './recipe.ts';
import { embeddingGridOf } from './rounding-options.ts';
import { storedNames } from './stored-matrix.ts';
import { refuseStored, type StoredTensors } from './stored-tensors.ts';
import type { Bits, GroupSize, Pattern, QuantizedMatrix, VariantMatrix } from './variant.ts';

type Shape = readonly [out: number, inputs: number];

/** What a recipe makes of one matrix. */
interface MatrixForm {
  isPruned: boolean;
  /** Patterns that its mask may follow, the latest first. */
  patterns: readonly Pattern[];
  /** The grid of the last step that quantizes. */
  grid: Pick<QuantizedMatrix, 'bits' | 'groupSize' | 'symmetric'> | null;
  /** A step behind it removes units, and a matrix that loses columns loses its grid. */
  mayLoseGrid: boolean;
  /** The inputs may have scales of their own. */
  hasInputScales: boolean;
}

/** A module's matrix of this shape out of the tensors of a compressed checkpoint; null where the recipe changes no value of it and the file has none. */
export function parseStoredMatrix(
  stored: StoredTensors,
  module: string,
  shape: Shape,
  recipe: Recipe,
): VariantMatrix | null {
  const form = toForm(recipe, module);
  const names = storedNames(module);
  if (form.grid !== null && (stored.has(names.codes) || !form.mayLoseGrid)) {
    return parseQuantized(stored, module, shape, form, form.grid);
  }
  const { isPruned } = form;
  const pruning = takePruning(stored, module, shape, form);
  if (pruning !== null) return { kind: 'dense', shape, weight: takeKept(stored, module, pruning.mask), ...pruning };
  if (!isPruned && !stored.has(names.weight)) return null;
  const { data } = stored.takeFloats(names.weight, shape);
  return { kind: 'dense', shape, weight: data, mask: isPruned ? toMask(data) : null, pattern: null };
}

/** The embeddings, or a head of its own, out of the tensors of a compressed checkpoint; null where the recipe leaves them alone. */
export function parseStoredEmbedding(
  stored: StoredTensors,
  module: string,
  shape: Shape,
  { steps }: Recipe,
): QuantizedMatrix | null {
  const grids = steps.map((step) => ('bits' in step ? embeddingGridOf(step) : null));
  const grid = grids.findLast((each) => each !== null) ?? null;
  return grid && parseQuantized(stored, module, shape, { isPruned: false, patterns: [], hasInputScales: false }, grid);
}

function toForm({ steps }: Recipe, module: string): MatrixForm {
  const acting = steps.filter(({ exclude }) => exclude?.includes(module) !== true);
  const at = acting.findLastIndex((step) => 'bits' in step);
  const last = acting[at];
  return {
    isPruned: acting.some((step) => !('bits' in step || 'share' in step)),
    patterns: acting
      .flatMap((step) => ('pattern' in step && step.pattern !== undefined ? [step.pattern] : []))
      .reverse(),
    grid: last === undefined || !('bits' in last) ? null : { ...last, bits: last.bitsPerMatrix?.[module] ?? last.bits },
    // Whole units and SparseGPT put other values in the place of codes.
    mayLoseGrid: acting.slice(at + 1).some((step) => 'share' in step || step.method === 'sparsegpt'),
    hasInputScales: last?.method === 'awq',
  };
}

/** Which weights are stored, and the pattern that they follow. */
interface Pruning {
  mask: Uint8Array<ArrayBuffer>; // [out, in]
  pattern: Pattern | null;
}

/** The weights that are stored: those of the indices or of the mask; null where the file has neither for the matrix, which stores all. */
function takePruning(
  stored: StoredTensors,
  module: string,
  shape: Shape,
  { isPruned, patterns }: Pick<MatrixForm, 'isPruned' | 'patterns'>,
): Pruning | null {
  const names = storedNames(module);
  const count = shape[0] * shape[1];
  if (isPruned && stored.has(names.indices)) return takePattern(stored, names.indices, count, patterns);
  if (isPruned && stored.has(names.mask)) return { mask: stored.takeStream(names.mask, 1, count), pattern: null };
  return null;
}

/** The mask of the first of the patterns that the number of indices fits. */
function takePattern(stored: StoredTensors, indices: string, count: number, patterns: readonly Pattern[]): Pruning {
  const fits = (pattern: Pattern) =>
    stored.lengthOf(indices) === Math.ceil((toKept(pattern, count) * toBits(pattern)) / 8);
  const pattern = patterns.find(fits) ?? patterns[0];
  if (pattern === undefined) return refuseStored(indices, 'is', 'present', 'a mask, as the recipe has no pattern');
  const { kept, of } = PATTERNS[pattern];
  const places = stored.takeStream(indices, toBits(pattern), toKept(pattern, count));
  const mask = new Uint8Array(count);
  for (let i = 0; i < places.length; i++) {
    const place = places[i] ?? 0;
    const before = i % kept === 0 ? -1 : (places[i - 1] ?? 0);
    if (place <= before) refuseStored(indices, `holds at element ${i}`, String(place), `a number above ${before}`);
    mask[Math.floor(i / kept) * of + place] = 1;
  }
  return { mask, pattern };
}

function toKept(pattern: Pattern, count: number): number {
  return (count * PATTERNS[pattern].kept) / PATTERNS[pattern].of;
}

/** Bits of an index. */
function toBits(pattern: Pattern): number {
  return Math.log2(PATTERNS[pattern].of);
}

/** The kept values in their places `[out, in]`, zeros elsewhere. */
function takeKept(stored: StoredTensors, module: string, mask: Uint8Array): Float32Array<ArrayBuffer> {
  const { data } = stored.takeFloats(storedNames(module).weight, [countOnes(mask)]);
  const weight = new Float32Array(mask.length);
  let next = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1) weight[i] = data[next++] ?? 0;
  return weight;
}

function parseQuantized(
  stored: StoredTensors,
  module: string,
  shape: Shape,
  form: Pick<MatrixForm, 'isPruned' | 'patterns' | 'hasInputScales'>,
  { bits, groupSize, symmetric }: { bits: Bits; groupSize: GroupSize; symmetric: boolean },
): QuantizedMatrix {
  const names = storedNames(module);
  const [out, inputs] = shape;
  const pruning = takePruning(stored, module, shape, form);
  const codes = stored.takeStream(names.codes, bits, pruning === null ? out * inputs : countOnes(pruning.mask));
  const { data: scales, dtype: scaleDtype } = stored.takeScales(names.scales, [out, inputs / groupSize]);
  const zeroPoints = symmetric
    ? new Uint8Array(scales.length).fill(2 ** (bits - 1))
    : stored.takeStream(names.zeroPoints, bits, scales.length);
  const inputScales =
    form.hasInputScales && stored.has(names.inputScales) ? stored.takeScales(names.inputScales, [inputs]).data : null;
  const grid = {
    kind: 'quantized',
    shape,
    bits,
    groupSize,
    symmetric,
    scaleDtype,
    scales,
    zeroPoints,
    inputScales,
  } as const;
  if (pruning !== null) return { ...grid, codes: placeCodes(names.codes, codes, pruning, grid), ...pruning };
  const whole = { ...grid, codes, mask: null, pattern: null };
  return form.isPruned ? { ...whole, mask: toPrunedMask(whole) } : whole;
}

/** Kept codes in their places `[out, in]`; elsewhere the zero point, which is the weight 0 and which no mask keeps. */
function placeCodes(
  name: string,
  kept: Uint8Array,
  { mask, pattern }: Pruning,
  { zeroPoints, groupSize }: Pick<QuantizedMatrix, 'zeroPoints' | 'groupSize'>,
): Uint8Array<ArrayBuffer> {
  const codes = new Uint8Array(mask.length);
  let next = 0;
  for (let i = 0; i < mask.length; i++) {
    const zero = zeroPoints[Math.floor(i / groupSize)] ?? 0;
    const code = mask[i] === 1 ? (kept[next++] ?? 0) : zero;
    if (pattern === null && mask[i] === 1 && code === zero) {
      refuseStored(name, `holds at element ${next - 1}`, String(code), `a code other than its zero point ${zero}`);
    }
    codes[i] = code;
  }
  return codes;
}

/** What is not zero of a matrix that stores all codes; null where a mask would have taken less, so that nothing was pruned. */
function toPrunedMask(whole: QuantizedMatrix): QuantizedMatrix['mask'] {
  const mask = toNonZeros(whole);
  return toCodeEncoding({ ...whole, mask }).kind === 'all' ? mask : null;
}

/** 1 where a value is not zero: where no mask is stored, kept weights that are zero cannot be told from pruned ones. */
function toMask(values: Float32Array): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(values.length);
  for (let i = 0; i < mask.length; i++) mask[i] = values[i] === 0 ? 0 : 1;
  return mask;
}
