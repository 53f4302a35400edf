import { methodOf } from '../core/compress/methods.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import type { Variant } from '../core/compress/variant.ts';
import { toCheckpoint } from '../core/compress/variant-matrix.ts';
import { AppError } from '../core/errors.ts';
import { toFormatKey, type WeightFormat } from '../core/onnx/weight-format.ts';
import { seededRandom } from '../core/random.ts';
import { forward } from '../core/reference/forward.ts';
import type { BoundRegime } from './bound-regime.ts';
import { range } from './help.ts';

/** As long as a short question, so that a GPU has the kernels already. */
const LENGTH = 12;
/**
 * Largest difference from the plain forward pass, as a share of its largest logit: both count in float32, and the order of summation costs
 * about 1e-6. A matrix in the wrong place is a thousand times above it.
 */
const TOLERANCE = 1e-4;

/** A variant before its first answer. */
interface FreshVariant {
  recipe: Recipe | null;
  variant: Variant;
  /** What it runs in. */
  format: WeightFormat;
}

/** The self-tests of a model's variants on its device. */
export class SelfTests {
  private readonly passed: Set<string>;

  /** `known` is the format whose logits are compared with those of PyTorch. */
  constructor(known: WeightFormat) {
    this.passed = new Set([toFormatKey(known)]);
  }

  /**
   * Tries a variant; throws `golden-mismatch`. One that was made from the weights alone in a format that has passed is taken as it is: an edit
   * is to be there at once, its values come from plain loops, and its kernels were tried.
   */
  async pass({ recipe, variant, format }: FreshVariant, bind: () => Promise<BoundRegime>): Promise<void> {
    const key = toFormatKey(format);
    const isEdit = recipe === null || recipe.steps.every((step) => methodOf(step).kind === 'weights');
    if (isEdit && this.passed.has(key)) return;
    await selfTest(await bind(), variant);
    this.passed.add(key);
  }
}

/** Runs a fresh variant once and compares its logits with the plain forward pass of the same weights; throws `golden-mismatch`. */
async function selfTest(bound: BoundRegime, variant: Variant): Promise<void> {
  const [help] = bound.helps;
  if (help === undefined) throw new AppError('internal', 'The variant has no cache to run with.');
  const { bosTokenId, vocabSize } = bound.decoder.config;
  const random = seededRandom(vocabSize);
  const ids = range(0, LENGTH).map((i) => (i === 0 ? bosTokenId : random.integer(vocabSize)));
  const expected = forward(toCheckpoint(variant), { tokens: ids, start: 0 }).logits.data.subarray(-vocabSize);
  help.cache.reset();
  const observed = await bound.decoder.run(bound.weights, help.cache, {
    ids,
    positions: range(help.start, help.start + LENGTH),
    rows: [LENGTH - 1],
    keepsCache: false,
  });
  const size = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const difference = expected.reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - (observed[i] ?? Number.NaN))),
    0,
  );
  if (difference <= TOLERANCE * size) return;
  const message =
    'This device computes the compressed model wrongly, so it is not used. Choose another device or another method.';
  throw new AppError('golden-mismatch', message, { observed: difference, allowed: TOLERANCE * size });
}
