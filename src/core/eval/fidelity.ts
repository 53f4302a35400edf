import { AppError } from '../errors.ts';
import { estimateBySubject, type ShareEstimate, type SubjectEstimate, shareBySubject } from './outcomes.ts';
import { argmax, logSumExp } from './scoring.ts';
import type { BootstrapOptions } from './statistics.ts';

/** How one row of logits compares with the dense model's for the same token. */
export interface RowFidelity {
  /** Negative log-likelihood of the right token under each model, in nats. */
  denseNll: number;
  nll: number;
  /** KL(dense || other) of the next token's distribution, in nats. */
  klDivergence: number;
  /** The likeliest next token is the same one. */
  isSameTop: boolean;
}

/** Sums over the tokens of a target; mean KL, perplexity and "same top" of many targets come from sums of these. */
export interface Fidelity {
  tokens: number;
  /** Negative log-likelihood of the target, in nats; `exp(nll / tokens)` is the perplexity. */
  nll: number;
  /** KL(dense || other), in nats. */
  klDivergence: number;
  /** Tokens at whose place both models hold the same one likeliest. */
  sameTop: number;
}

/**
 * Compares two rows of logits `[vocabSize]` at the place of token `id`, by the conventions of llama.cpp's perplexity tool, in float64.
 * Throws `input-invalid` for rows of unlike length or an id outside them, and `run-failed` for logits that are no numbers.
 */
export function compareRows(dense: ArrayLike<number>, other: ArrayLike<number>, id: number): RowFidelity {
  if (dense.length !== other.length || !(id in dense)) {
    throw new AppError(
      'input-invalid',
      `Token ${id} cannot be compared in rows of ${dense.length} and ${other.length} logits.`,
      { field: 'logits', observed: other.length, allowed: dense.length, id },
    );
  }
  const denseSum = logSumExp(dense);
  const otherSum = logSumExp(other);
  let klDivergence = 0;
  for (let i = 0; i < dense.length; i++) {
    const logProbability = (dense[i] ?? Number.NaN) - denseSum;
    const probability = Math.exp(logProbability);
    // What the dense model rules out adds nothing, whatever the other one makes of it.
    if (probability > 0) klDivergence += probability * (logProbability - ((other[i] ?? Number.NaN) - otherSum));
  }
  if (Number.isNaN(denseSum + otherSum)) {
    throw new AppError('run-failed', 'The model gave logits that are no numbers. Choose another recipe or device.', {
      field: 'logits',
      observed: denseSum + otherSum,
      allowed: 'finite numbers',
    });
  }
  return {
    denseNll: denseSum - (dense[id] ?? Number.NaN),
    nll: otherSum - (other[id] ?? Number.NaN),
    // Rounding may leave a divergence of 0 a few 1e-17 below it.
    klDivergence: Math.max(0, klDivergence),
    isSameTop: argmax(dense) === argmax(other),
  };
}

/** Sums over the rows `[target, vocabSize]` that predict a target; throws as `compareRows`. */
export function compareTarget(
  dense: Float32Array,
  other: Float32Array,
  vocabSize: number,
  target: readonly number[],
): Fidelity {
  const sums = { tokens: 0, nll: 0, klDivergence: 0, sameTop: 0 };
  for (const [i, id] of target.entries()) {
    const row = (logits: Float32Array) => logits.subarray(i * vocabSize, (i + 1) * vocabSize);
    const { nll, klDivergence, isSameTop } = compareRows(row(dense), row(other), id);
    sums.tokens++;
    sums.nll += nll;
    sums.klDivergence += klDivergence;
    sums.sameTop += isSameTop ? 1 : 0;
  }
  return sums;
}

/** One item's fidelity; the subject is the unit of every interval. */
export interface FidelityOutcome {
  subject: string;
  fidelity: Fidelity;
}

/** What is told of the fidelity of many targets, per token of them all. */
export interface FidelityFigures {
  perplexity: SubjectEstimate;
  /** Mean, in nats. */
  klDivergence: SubjectEstimate;
  /** Share of tokens. */
  sameTop: ShareEstimate;
}

/** Perplexity `exp(mean NLL)`, mean divergence and share of same tops, each with an interval over subjects; null without items. */
export function estimateFidelity(
  outcomes: readonly FidelityOutcome[],
  options?: BootstrapOptions,
): FidelityFigures | null {
  const perToken = (field: 'nll' | 'klDivergence', toFigure: (mean: number) => number = (mean) => mean) =>
    estimateBySubject(
      outcomes,
      ({ fidelity }) => [fidelity[field], fidelity.tokens],
      ([sum = Number.NaN, tokens = 0]) => toFigure(sum / tokens),
      options,
    );
  const perplexity = perToken('nll', Math.exp);
  const klDivergence = perToken('klDivergence');
  const sameTop = shareBySubject(outcomes, ({ fidelity }) => [fidelity.sameTop, fidelity.tokens], options);
  return perplexity && klDivergence && sameTop && { perplexity, klDivergence, sameTop };
}
