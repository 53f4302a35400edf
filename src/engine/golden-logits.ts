import { argmax } from '../core/eval/scoring.ts';

/**
 * A golden keeps every 13th logit of a row, from the first on. Kernels work in tiles that are a power of two wide, so an odd stride meets
 * every place in a tile; whole rows would be more than a third of a pack.
 */
export const LOGIT_STRIDE = 13;

/** Likeliest tokens of a row that a golden keeps. */
export const TOP_TOKENS = 2;

/** What a golden keeps of PyTorch's last-position logits `[contexts, vocabSize]`, in float32. */
export interface GoldenLogits {
  /** Every `LOGIT_STRIDE`th logit, `[contexts, sampleWidth(vocabSize)]`. */
  sampled: Float32Array;
  /** Ids of the likeliest tokens, the likeliest first, `[contexts, TOP_TOKENS]`. */
  topIds: Int32Array;
  /** Their logits, `[contexts, TOP_TOKENS]`. */
  topLogits: Float32Array;
}

/** Logits that a golden samples from a row of `vocabSize`. */
export function sampleWidth(vocabSize: number): number {
  return Math.ceil(vocabSize / LOGIT_STRIDE);
}

/** How a row of logits compares with its golden. */
export interface LogitsComparison {
  /** Largest difference of a stored logit, and by how much any other one exceeds the golden's second; infinite for a row of another length or one with a value that is not finite. */
  difference: number;
  /** The same token is the likeliest, wherever the golden's top two stand further apart than twice the tolerance. */
  isSameToken: boolean;
}

/** Compares logits `[vocabSize]` with a row of a golden. */
export function compareLogits(
  observed: Float32Array,
  golden: GoldenLogits,
  { row, vocabSize, tolerance }: { row: number; vocabSize: number; tolerance: number },
): LogitsComparison {
  const width = sampleWidth(vocabSize);
  const sampled = golden.sampled.subarray(row * width, (row + 1) * width);
  const [first = -1, second = -1] = golden.topIds.subarray(row * TOP_TOKENS);
  const [firstLogit = Number.NaN, secondLogit = Number.NaN] = golden.topLogits.subarray(row * TOP_TOKENS);
  const isSameToken = argmax(observed) === first || !(firstLogit - secondLogit > 2 * tolerance);
  if (observed.length !== vocabSize || !observed.every(Number.isFinite)) {
    return { difference: Number.POSITIVE_INFINITY, isSameToken };
  }
  const distance = (id: number, expected: number) => Math.abs((observed[id] ?? Number.NaN) - expected);
  let difference = Math.max(distance(first, firstLogit), distance(second, secondLogit));
  for (const [i, expected] of sampled.entries()) {
    difference = Math.max(difference, distance(i * LOGIT_STRIDE, expected));
  }
  for (const [id, logit] of observed.entries()) {
    if (id !== first && id !== second) difference = Math.max(difference, logit - secondLogit);
  }
  return { difference: Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference, isSameToken };
}
