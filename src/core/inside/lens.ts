import { logProbability } from '../eval/scoring.ts';
import type { LensLayer, LikelyToken } from './capture.ts';

/** Tokens that a layer of the lens names. */
const NUM_LIKELY = 5;

/**
 * What the logit lens (nostalgebraist 2020) says at one place of the stack, by its logits `[A, vocabSize]`; row i stands before token i of the
 * right answer. Where no answer is known `target` is empty and the one row `[1, vocabSize]` stands behind the question. `toText` writes a token.
 * Throws `run-failed` for logits that are no numbers and `input-invalid` for ids outside the vocabulary.
 */
export function toLensLayer(
  logits: Float32Array,
  target: readonly number[],
  toText: (id: number) => string,
): LensLayer {
  const vocabSize = logits.length / Math.max(1, target.length);
  const behindQuestion = logits.subarray(0, vocabSize);
  return {
    logProbabilities: toLogProbabilities(logits, target),
    ranks: target.map((id, i) => rankOf(logits.subarray(i * vocabSize, (i + 1) * vocabSize), id)),
    top: toLikely(behindQuestion, toText),
  };
}

/** Log-probabilities `[A]` of a target's tokens by logits `[A, vocabSize]`, each behind those before it; throws as `toLensLayer` does. */
export function toLogProbabilities(logits: Float32Array, target: readonly number[]): Float32Array {
  const vocabSize = logits.length / Math.max(1, target.length);
  return Float32Array.from(target, (id, i) => logProbability(logits.subarray(i * vocabSize, (i + 1) * vocabSize), id));
}

/** Place of a token among all by their logits, 1 for the likeliest; equals share the better place. */
export function rankOf(logits: Float32Array, id: number): number {
  const own = logits[id] ?? Number.NaN;
  return logits.reduce((rank, logit) => (logit > own ? rank + 1 : rank), 1);
}

/** Place of the answer's token that stands worst: 1 where greedy decoding says the whole answer; null where no answer is known. */
export function worstRank({ ranks }: Pick<LensLayer, 'ranks'>): number | null {
  return ranks.length === 0 ? null : Math.max(...ranks);
}

/**
 * The first place (0 for the embeddings, then layers) from which on every token of the answer ranks 1 to the end; null where they do not at
 * the end, or no answer is known.
 */
export function findFirst(lens: readonly Pick<LensLayer, 'ranks'>[]): number | null {
  const lastMiss = lens.findLastIndex((layer) => worstRank(layer) !== 1);
  return lastMiss === lens.length - 1 ? null : lastMiss + 1;
}

/** The likeliest tokens by logits `[vocabSize]`, the likeliest first, the smaller id first among equals. */
function toLikely(logits: Float32Array, toText: (id: number) => string): LikelyToken[] {
  const best: number[] = [];
  for (const [id, logit] of logits.entries()) {
    const at = best.findIndex((other) => logit > (logits[other] ?? 0));
    if (at >= 0) best.splice(at, 0, id);
    else if (best.length < NUM_LIKELY) best.push(id);
    best.length = Math.min(best.length, NUM_LIKELY);
  }
  return best.map((id) => ({ text: toText(id), probability: Math.exp(logProbability(logits, id)) }));
}
