import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { type Pool, promptLength } from '../recover/repair.ts';
import { layerOf, project, shares, toEmbeddings, toHeads } from './forward.ts';

/**
 * The paper's routing scores of a context, `[numPrompts]`: the first layer's attention that the context's tokens, the
 * begin token excepted, pay to each prompt's vectors, in the mean over heads, tokens and vectors; a begin token alone
 * counts itself. One softmax over all prompts' keys, each end-aligned before `pool.start`, and the context's own (Hoang
 * et al. 2023, arXiv 2310.00867).
 */
export function routingScores(checkpoint: Checkpoint, pool: Pool, ids: readonly number[]): Float64Array {
  const { headDim, hiddenSize } = checkpoint.config;
  const layer = layerOf(checkpoint, 0);
  const { q, k } = project(layer, toEmbeddings(checkpoint, ids), pool.start);
  const [numHeads, numKvHeads] = [q.width / headDim, k.width / headDim];
  let poolKeys = new Float32Array();
  for (const prompt of pool.prompts) {
    const vectors = { data: prompt.vectors.data, width: hiddenSize };
    poolKeys = toHeads(project(layer, vectors, pool.start - promptLength(prompt)).k, numKvHeads, poolKeys);
  }
  const keys = toHeads(k, numKvHeads, poolKeys); // [numKvHeads, pool + length, headDim]
  const total = keys.length / numKvHeads / headDim;
  const numPoolKeys = total - ids.length;
  const paid = new Float64Array(numPoolKeys); // sums over heads and tokens
  const firstCounted = ids.length > 1 ? 1 : 0;
  for (let head = 0; head < numHeads; head++) {
    const group = Math.floor((head * numKvHeads) / numHeads);
    const headKeys = keys.subarray(group * total * headDim, (group + 1) * total * headDim);
    for (let t = firstCounted; t < ids.length; t++) {
      const at = t * q.width + head * headDim;
      const share = shares(q.data.subarray(at, at + headDim), headKeys, numPoolKeys + t + 1, headDim);
      for (let j = 0; j < numPoolKeys; j++) paid[j] = (paid[j] ?? 0) + (share[j] ?? 0);
    }
  }
  let from = 0;
  const scores = pool.prompts.map((prompt) => {
    const part = paid.subarray(from, from + promptLength(prompt));
    from += part.length;
    return part.reduce((sum, value) => sum + value, 0) / part.length / numHeads / (ids.length - firstCounted);
  });
  return Float64Array.from(scores);
}
