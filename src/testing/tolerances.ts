/** How far two results may lie apart, each with its reason; the one place where tests take such numbers from. */
export interface Tolerance {
  /** Allowed share of the expected value. */
  relative: number;
  /** Allowed difference beside it. */
  absolute: number;
}

export const TOLERANCES = {
  /** The same float32 formula summed in another order or in float64: logits of a tiny model are of size 1 to 10. */
  logits: { relative: 1e-5, absolute: 2e-5 },
  /** Hidden states, keys and values: sums of terms of size 1 to 10 that largely cancel, so the error stays while the value shrinks. */
  activations: { relative: 1e-5, absolute: 2e-5 },
  /** Sums of few log-probabilities, each with the error of its logits; over sentences of 20 tokens, -119 nats, 4.4e-5 at worst. */
  logProbabilities: { relative: 1e-5, absolute: 5e-5 },
  /** Attention shares in [0, 1], averaged over heads and tokens. */
  probabilities: { relative: 1e-5, absolute: 1e-6 },
  /** `G_ij / sqrt(G_ii G_jj)` of Gram matrices: shares in [-1, 1] of sums over hundreds of tokens, of activations in float32. */
  correlations: { relative: 0, absolute: 1e-5 },
  /** Mean `|x|` of hundreds of tokens: terms of one sign, each off by the error of an activation in float32. */
  magnitudes: { relative: 1e-5, absolute: 0 },
  /**
   * How far a compressed matrix's outputs lie from those of PyTorch's, over the size of those. Both walk in float64 and store float32: with PyTorch 1.13
   * every golden case is 0 apart. A single code beside its own is mostly 1e-3 to 2e-2.
   */
  layerOutputs: { relative: 1e-4, absolute: 0 },
  /** Sums of some hundred products of numbers of size 1 in float32, against float64: each sum of size 20 is rounded to 1e-6 a few times. */
  updates: { relative: 0, absolute: 1e-4 },
  /** The same float64 formula over some hundred terms, summed in another order. */
  sums: { relative: 1e-12, absolute: 1e-12 },
  /** Float64 formulas against numbers published with four digits. */
  published: { relative: 0, absolute: 5e-5 },
} as const satisfies Record<string, Tolerance>;

/**
 * Shares of a matrix that must be chosen alike by two who are given the same Gram matrix and weights. Sums run in another order, so that of
 * two scores nearly alike the other one may go, or a weight nearly half-way between two levels may fall to the other; the columns behind
 * then make up for something else.
 */
export const LEAST_ALIKE = { masks: 0.999, codes: 0.995 } as const;

/**
 * Largest differences of what is captured of the shipped pack from PyTorch's, both float32. On the CPU the largest were 1.4e-6 of a probability of
 * attention, 9.6e-7 of a stream's largest value, 5.7e-6 nats and 3.7e-6 of an answer's probability. A GPU is allowed what the gate of its logits
 * allows it: 1e-3 nats, and as much of a probability as follows from that.
 */
export const MOST_APART = {
  wasm: { attention: 1e-5, streams: 1e-5, lens: 5e-5, answer: 1e-5 },
  webgpu: { attention: 1e-4, streams: 1e-4, lens: 1e-3, answer: 1e-3 },
} as const;
