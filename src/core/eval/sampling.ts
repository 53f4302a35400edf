import { AppError } from '../errors.ts';
import type { Random } from '../random.ts';
import { argmax } from './scoring.ts';

/** How the next token is drawn. */
export interface SamplingOptions {
  /** 0 is greedy. */
  temperature: number;
  /** Only the `topK` most probable tokens are drawn from; 0 means all. */
  topK: number;
}

/** How all tokens of an answer are drawn. */
export interface Sampling extends SamplingOptions {
  /** The same seed gives the same answer. */
  seed: number;
}

export const GREEDY: Sampling = { temperature: 0, topK: 0, seed: 0 };

/** The next token: the most probable one at temperature 0, else drawn from `softmax(logits / temperature)` over the top k. */
export function sampleToken(logits: ArrayLike<number>, { temperature, topK }: SamplingOptions, random: Random): number {
  if (!(temperature >= 0) || !Number.isInteger(topK) || topK < 0) {
    throw new AppError(
      'input-invalid',
      `Sampling needs a temperature and a top k from 0 on, not ${temperature} and ${topK}.`,
      {
        field: 'sampling',
        observed: `${temperature}, ${topK}`,
        allowed: '0 or more',
      },
    );
  }
  const best = argmax(logits);
  if (!Number.isFinite(logits[best])) {
    throw new AppError(
      'run-failed',
      'The model gave logits that are no numbers. Reload it, or choose another device.',
      {
        field: 'logits',
        observed: String(logits[best]),
        allowed: 'finite numbers',
      },
    );
  }
  if (temperature === 0) return best;
  const ids = Array.from(logits, (_, id) => id);
  const chosen = topK === 0 || topK >= ids.length ? ids : topIds(ids, logits, topK);
  const largest = logits[best] ?? 0;
  const weights = chosen.map((id) => Math.exp(((logits[id] ?? 0) - largest) / temperature));
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return chosen[i] ?? best;
  }
  return best; // rounding left a trace of the last weight
}

/** The `count` ids with the largest logits; of equal ones the lower ids. */
function topIds(ids: number[], logits: ArrayLike<number>, count: number): number[] {
  return ids.sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b).slice(0, count);
}
