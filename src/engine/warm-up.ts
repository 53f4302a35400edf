import type { BoundRegime } from './bound-regime.ts';
import { generateTokens } from './generation.ts';
import { scorePacked } from './scoring.ts';

// Long enough for the kernels of long inputs: at 32 tokens others are chosen than at 24.
const CONTEXT_LENGTH = 33;
const GREEDY = { temperature: 0, topK: 0, seed: 0 } as const;

/**
 * Runs every graph of a regime once, short and long: WebGPU compiles a kernel at its first run, which takes seconds in software
 * and would otherwise fall into the first answer. Later regimes find the kernels compiled.
 */
export async function warmUp(regime: BoundRegime, beginId: number, rowLength: number): Promise<void> {
  const context = (length: number) => new Array<number>(length).fill(beginId);
  const options = { maxNewTokens: 2, sampling: GREEDY, endTokenId: null };
  await generateTokens(regime, context(8), options);
  await generateTokens(regime, context(CONTEXT_LENGTH), { ...options, maxNewTokens: 1 });
  // Items that differ at their start share nothing and so fill a row.
  const { vocabSize } = regime.decoder.config;
  const count = Math.ceil(rowLength / CONTEXT_LENGTH);
  const items = Array.from({ length: count }, (_, i) => ({
    context: [(beginId + i) % vocabSize, ...context(CONTEXT_LENGTH - 1)],
    target: [beginId, beginId],
  }));
  await scorePacked(regime, items, rowLength);
}
