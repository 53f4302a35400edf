import { GREEDY } from '../core/eval/sampling.ts';
import type { BoundRegime } from './bound-regime.ts';
import { generateTokens } from './generation.ts';

/** As long as a short question. Above 31 tokens other kernels are chosen, which longer texts compile when they come. */
const CONTEXT_LENGTH = 12;
/** The prefill and one decode step. */
const NEW_TOKENS = 2;

/**
 * Runs what answers a question once: WebGPU compiles a kernel at its first run, which takes seconds in software and would
 * otherwise fall into the first answer. Scoring compiles in the golden gate, or where there is none when it is first asked for.
 */
export async function warmUp(regime: BoundRegime, beginId: number): Promise<void> {
  await generateTokens(regime, new Array<number>(CONTEXT_LENGTH).fill(beginId), {
    maxNewTokens: NEW_TOKENS,
    sampling: GREEDY,
    endTokenId: null,
  });
}
