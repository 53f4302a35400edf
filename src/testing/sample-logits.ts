import { type GoldenLogits, LOGIT_STRIDE, TOP_TOKENS } from '../engine/golden-logits.ts';

/** What a golden keeps of whole rows of logits `[contexts, vocabSize]`. */
export function sampleLogits(logits: Float32Array, vocabSize: number): GoldenLogits {
  const rows = Array.from({ length: logits.length / vocabSize }, (_, i) =>
    logits.subarray(i * vocabSize, (i + 1) * vocabSize),
  );
  const top = rows.map((row) => [...row.keys()].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0)).slice(0, TOP_TOKENS));
  return {
    sampled: Float32Array.from(rows.flatMap((row) => [...row.filter((_, id) => id % LOGIT_STRIDE === 0)])),
    topIds: Int32Array.from(top.flat()),
    topLogits: Float32Array.from(rows.flatMap((row, i) => (top[i] ?? []).map((id) => row[id] ?? 0))),
  };
}
