/** What a run of the inspect graph can keep; a view names what it needs. */
export const TAPS = ['attention', 'residual', 'activations', 'lens'] as const;
export type Tap = (typeof TAPS)[number];

/**
 * What stands at a row or a column: a vector of a soft prompt or a prefix, a token of a text prompt, the begin token, a token of the question,
 * a token of the right answer.
 */
export type TokenKind = 'virtual' | 'text' | 'begin' | 'token' | 'answer';

export interface TokenLabel {
  /** As a person reads it: the token's text, or the number of the vector from 1 on. */
  text: string;
  kind: TokenKind;
}

/** Attention probabilities of one layer; every row sums to 1. */
export interface LayerAttention {
  numHeads: number;
  data: Float32Array; // [numHeads, S, T]
}

/** What `down_proj` reads in one layer: `silu(gate x) * up x`. */
export interface LayerActivations {
  width: number;
  data: Float32Array; // [S, width]
}

/** A token that the model might say next. */
export interface LikelyToken {
  text: string;
  probability: number;
}

/**
 * The logit lens (nostalgebraist 2020): the residual stream after a layer through the final norm and the head, as if the layers above were not
 * there.
 */
export interface LensLayer {
  /** Log-probabilities of the right answer's tokens, end token included, each behind those before it; empty where no answer is known. */
  logProbabilities: Float32Array; // [A]
  /** Place of each of the answer's tokens among all, 1 for the likeliest, behind those before it; empty where no answer is known. */
  ranks: readonly number[]; // [A]
  /** The likeliest tokens behind the question, the likeliest first. */
  top: readonly LikelyToken[];
}

/** One run of one regime on one question, seen from inside. S tokens see T columns: what the help holds, then the tokens themselves. */
export interface Capture {
  regimeId: string;
  /** The begin token unless the help holds it, the question, and the right answer without its last token. */
  rows: readonly TokenLabel[]; // [S]
  columns: readonly TokenLabel[]; // [T]
  /** Null where it was not asked for. */
  attention: readonly LayerAttention[] | null; // [numLayers]
  /** Embeddings, then the stream after each layer; null where it was not asked for. */
  residual: readonly Float32Array[] | null; // [numLayers + 1], each [S, hiddenSize]
  activations: readonly LayerActivations[] | null; // [numLayers]
  /** Embeddings, then after each layer. */
  lens: readonly LensLayer[] | null; // [numLayers + 1]
  /** The right answer's tokens, end token included; empty where none is known. */
  answer: readonly TokenLabel[]; // [A]
  /** Probability of the whole right answer; null where none is known. */
  answerProbability: number | null;
  /** The prompt that was chosen, where the regime routes. */
  routing: { scores: readonly number[]; chosen: number; runnerUp: number; margin: number } | null;
}

/** How one tensor stands to another of the same shape. */
export interface Distance {
  cosine: number;
  /** `|x - reference| / |reference|`. */
  relativeError: number;
}

/** How a layer of one regime stands to the same layer of another; null where the two cannot be compared, such as after neurons were removed. */
export interface LayerDistance {
  attention: Distance | null;
  residual: Distance | null;
  activations: Distance | null;
}

export const DISTANCE_QUANTITIES = ['attention', 'residual', 'activations'] as const;
export type DistanceQuantity = (typeof DISTANCE_QUANTITIES)[number];

/** One question's distances of one regime, by layer. */
export interface RegimeDistances {
  toDense: readonly LayerDistance[]; // [numLayers]
  toCompressed: readonly LayerDistance[]; // [numLayers]
}

/** What is patched: the residual stream after a layer at one token, or one head's output at all tokens. */
export const PATCH_TARGETS = ['residual', 'heads'] as const;
export type PatchTarget = (typeof PATCH_TARGETS)[number];

/** Probabilities of the right answer once a part of the donor's run stands in the receiver's (activation patching). */
export interface PatchMap {
  of: PatchTarget;
  /** Tokens of the question and of the right answer that both regimes have a row for, or heads by number from 1 on. */
  columns: readonly TokenLabel[]; // [C]
  numLayers: number;
  values: Float32Array; // [numLayers, C]; NaN where a head is not there
  /** All columns of a layer at once. */
  whole: Float32Array; // [numLayers]
  donorProbability: number;
  receiverProbability: number;
}

/** What one prompt of a pool says to a question. */
export interface PoolAnswer {
  text: string;
  /** Mean log-probability of its own greedy tokens, end token included: how sure it is. */
  confidence: number;
  /** Null where no right answer is known. */
  isRight: boolean | null;
}

/** A question and every prompt of a pool. */
export interface PoolOutcome {
  id: string;
  /** Mean attention per prompt, as the pool is routed by. */
  scores: readonly number[]; // [numPrompts]
  chosen: number;
  answers: readonly PoolAnswer[]; // [numPrompts]
}

/** A linear matrix before and after a recipe, and with a LoRA merged into it. Removed neurons or heads leave `after` smaller. */
export interface MatrixReport {
  module: string;
  before: { shape: readonly [out: number, inputs: number]; weight: Float32Array }; // [out, in]
  after: { shape: readonly [out: number, inputs: number]; weight: Float32Array };
  lora: {
    r: number;
    merged: Float32Array; // the shape of `after`
    /** Largest first. */
    singularValues: Float32Array; // [r], of scale * B A
  } | null;
}
