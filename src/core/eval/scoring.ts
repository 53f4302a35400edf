import { AppError } from '../errors.ts';

/** How one target fares behind its context. */
export interface TargetScore {
  /** Sum of the log-probabilities of its tokens, natural logarithm. */
  logLikelihood: number;
  /** Every token is the most probable one at its place, the earlier ones given: exact match of the greedy answer. */
  isRight: boolean;
  logProbabilities: readonly number[]; // [target]
}

/**
 * Scores a target by the logits that predict it: row i holds the logits `[vocabSize]` from which token i is drawn.
 * Throws `input-invalid` for ids or sizes that do not fit and `run-failed` for logits that are no numbers.
 */
export function scoreTarget(logits: Float32Array, vocabSize: number, target: readonly number[]): TargetScore {
  if (target.length === 0 || logits.length !== target.length * vocabSize) {
    throw new AppError(
      'input-invalid',
      `There are ${logits.length} logits, where ${target.length} target tokens and a vocabulary of ${vocabSize} need ${target.length * vocabSize}.`,
      { field: 'logits', observed: logits.length, allowed: target.length * vocabSize },
    );
  }
  let isRight = true;
  const logProbabilities = target.map((id, i) => {
    const row = logits.subarray(i * vocabSize, (i + 1) * vocabSize);
    if (argmax(row) !== id) isRight = false;
    return logProbability(row, id);
  });
  return { logLikelihood: logProbabilities.reduce((sum, value) => sum + value, 0), isRight, logProbabilities };
}

/** `log(softmax(logits)[id])`, the largest logit taken off first. */
export function logProbability(logits: ArrayLike<number>, id: number): number {
  const logit = logits[id];
  if (!Number.isInteger(id) || id < 0 || logit === undefined) {
    throw new AppError('input-invalid', `Token id ${id} is outside the vocabulary of ${logits.length}.`, {
      field: 'id',
      observed: id,
      allowed: logits.length - 1,
    });
  }
  const value = logit - logSumExp(logits);
  if (Number.isNaN(value)) {
    throw new AppError(
      'run-failed',
      'The model gave logits that are no numbers. Reload it, or choose another device.',
      {
        field: 'logits',
        observed: logit,
        allowed: 'finite numbers',
      },
    );
  }
  return value;
}

/** Index of the largest value, the first one on a tie; NaN is never the largest. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if ((values[i] ?? Number.NaN) > (values[best] ?? 0) || Number.isNaN(values[best])) best = i;
  }
  return best;
}

/** `log(sum(exp(values)))`, the largest value taken off first; NaN where a value is none. */
export function logSumExp(values: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i] ?? Number.NaN);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp((values[i] ?? 0) - largest);
  return largest + Math.log(sum);
}
