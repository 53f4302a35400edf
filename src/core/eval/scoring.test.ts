import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import '../../testing/to-be-all-close.ts';
import { argmax, logProbability, scoreTarget } from './scoring.ts';

const close = { relative: 1e-12, absolute: 1e-12 };

/** Of every id. */
const logProbabilities = (logits: number[]) => logits.map((_, id) => logProbability(logits, id));

describe('logProbability', () => {
  it('gives the logarithms of shares that sum to one, of any logits', () => {
    checkProperty(
      fc.property(fc.float32Array({ minLength: 1, min: -1e4, max: 1e4, noNaN: true }), (logits) => {
        const shares = Array.from(logits, (_, id) => Math.exp(logProbability(logits, id)));
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
      }),
    );
  });

  it('gives log(exp(x) / sum(exp(x)))', () => {
    const sum = Math.E + Math.E ** 2 + Math.E ** 3;
    expect(logProbabilities([1, 2, 3])).toBeAllClose([1 - Math.log(sum), 2 - Math.log(sum), 3 - Math.log(sum)], close);
  });

  it('does not change when all logits move together, however far', () => {
    expect(logProbabilities([1001, 1002, 1003])).toBeAllClose(logProbabilities([1, 2, 3]), close);
    expect(logProbability([-5000, -5001], 0)).toBeCloseTo(-Math.log(1 + Math.exp(-1)), 12);
  });
});

describe('argmax', () => {
  it('takes the first of equal values and never one that is no number', () => {
    expect(argmax([1, 3, 3, 2])).toBe(1);
    expect(argmax([Number.NaN, 1, 2])).toBe(2);
    expect(argmax([1, Number.NaN, 0])).toBe(0);
  });
});

describe('scoreTarget', () => {
  const logits = Float32Array.of(0, 2, 1, 5, 0, 0); // two tokens, a vocabulary of three

  it('adds up log-probabilities, and is right where every token is the most probable', () => {
    const right = scoreTarget(logits, 3, [1, 0]);
    expect(right.isRight).toBe(true);
    expect(right.logLikelihood).toBeCloseTo(logProbability([0, 2, 1], 1) + logProbability([5, 0, 0], 0), 12);
    expect(right.logProbabilities).toHaveLength(2);
    expect(scoreTarget(logits, 3, [1, 1]).isRight).toBe(false);
    expect(scoreTarget(logits, 3, [2, 0]).isRight).toBe(false);
  });

  it('takes the first token on a tie, so that the second is wrong', () => {
    expect(scoreTarget(Float32Array.of(1, 1), 2, [0]).isRight).toBe(true);
    expect(scoreTarget(Float32Array.of(1, 1), 2, [1]).isRight).toBe(false);
  });

  it('refuses ids outside the vocabulary, sizes that do not fit and an empty target', () => {
    for (const id of [-1, 3, 0.5, Number.NaN]) expectAppError(() => scoreTarget(logits, 3, [1, id]), 'input-invalid');
    expectAppError(() => scoreTarget(logits, 3, [1]), 'input-invalid');
    expectAppError(() => scoreTarget(new Float32Array(), 3, []), 'input-invalid');
  });

  it('refuses logits that are no numbers instead of scoring them', () => {
    expectAppError(() => scoreTarget(Float32Array.of(0, Number.NaN, 1), 3, [0]), 'run-failed');
    expectAppError(() => scoreTarget(Float32Array.of(0, Number.POSITIVE_INFINITY, 1), 3, [0]), 'run-failed');
  });
});
