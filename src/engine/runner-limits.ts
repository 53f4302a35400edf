import type { GateDepth } from './golden-gate.ts';

/** What a runner may use. */
export interface RunnerLimits {
  /** Slots of a KV cache: help, context and new tokens together. */
  cacheLength: number;
  /** Bytes of prepared weights kept for regimes that are not in use. */
  weightBudgetBytes: number;
  /** Tokens of a packed scoring row. */
  rowLength: number;
  /** How deep the golden check goes: the first decoder of all is checked thoroughly. */
  gates: { otherDecoders: GateDepth; otherRegimes: GateDepth };
}

/** Those that a loaded model keeps. */
export type MemoryLimits = Pick<RunnerLimits, 'cacheLength' | 'weightBudgetBytes'>;

export const DEFAULT_LIMITS: RunnerLimits = {
  // Longer than any prompt, question and answer of the shipped pack by far, and 1 MB of cache there.
  cacheLength: 512,
  weightBudgetBytes: 512 * 1024 * 1024,
  // Attention grows with the square of the row: 128 tokens were the fastest on wasm (1.5 ms an item; 1.8 at 64, 2.3 at 384)
  // and on SwiftShader (4.5 ms a token; 5.4 at 64, 7 and more at 256). Not measured on hardware yet.
  rowLength: 128,
  gates: { otherDecoders: 'thorough', otherRegimes: 'short' },
};
