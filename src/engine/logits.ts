import type { Random } from '../core/random.ts';
import type { Sampling } from './protocol.ts';

/** Index of the largest value, the first one on a tie. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

/** log softmax(logits)[id]. */
export function logProbability(logits: ArrayLike<number>, id: number): number {
  const top = logits[argMax(logits)] ?? 0;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp((logits[i] ?? 0) - top);
  return (logits[id] ?? 0) - top - Math.log(sum);
}

/** The next token: the likeliest at temperature 0, else drawn from the `topK` likeliest (all with 0). */
export function pickToken(logits: ArrayLike<number>, { temperature, topK }: Sampling, random: Random): number {
  if (temperature <= 0) return argMax(logits);
  const order = Array.from(logits, (_, id) => id).sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
  const candidates = topK > 0 ? order.slice(0, topK) : order;
  const top = logits[candidates[0] ?? 0] ?? 0;
  const weights = candidates.map((id) => Math.exp(((logits[id] ?? 0) - top) / temperature));
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return candidates[i] ?? 0;
  }
  return candidates[candidates.length - 1] ?? 0;
}
