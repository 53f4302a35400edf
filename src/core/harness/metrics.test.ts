import { describe, expect, it } from 'vitest';
import { aggregateMetric } from './aggregate-metric.ts';
import { type DocumentScores, METRICS, type MetricName } from './metrics.ts';
import type { TaskDocument } from './task.ts';

const documentOf = (choices: readonly string[], gold = 0): TaskDocument => ({
  place: 'line 1 of a.jsonl',
  id: 'a',
  subject: 'a',
  domain: null,
  relation: null,
  fold: null,
  taught: null,
  context: '',
  choices,
  gold,
  target: String(gold),
  fields: {},
});
const scoresOf = (...logLikelihoods: number[]): DocumentScores => ({
  logLikelihoods,
  isGreedy: logLikelihoods.map(() => false),
});
const item = (name: MetricName, choices: readonly string[], scores: DocumentScores, gold = 0) =>
  METRICS[name].toItem(documentOf(choices, gold), scores);

describe('multiple choice', () => {
  it('divides by nothing, by characters and by bytes', () => {
    // "é" is one character of two bytes: -1 / 1 against -1.5 / 2, and -1 / 2 against -1.5 / 2.
    const scores = scoresOf(-1, -1.5);
    expect(item('acc', ['é', 'ab'], scores)).toBe(1);
    expect(item('acc_norm', ['é', 'ab'], scores)).toBe(0);
    expect(item('acc_bytes', ['é', 'ab'], scores)).toBe(1);
  });

  it('counts a sign outside the basic plane as one character', () => {
    // Two units of UTF-16, but one code point: -1 / 1 against -1.5 / 2.
    expect(item('acc_norm', ['𝄞', 'ab'], scoresOf(-1, -1.5))).toBe(0);
  });

  it('takes the first of equal choices', () => {
    expect(item('acc', ['a', 'b'], scoresOf(-2, -2), 0)).toBe(1);
    expect(item('acc', ['a', 'b'], scoresOf(-2, -2), 1)).toBe(0);
    expect(item('acc_norm', ['a', 'bc'], scoresOf(-1, -2), 1)).toBe(0);
  });
});

describe('one continuation', () => {
  it('is right where every token of it is the likeliest', () => {
    const greedy = { logLikelihoods: [-1], isGreedy: [true] };
    expect([item('acc', ['a'], greedy), item('exact_match', ['a'], greedy)]).toEqual([1, 1]);
    expect([item('acc', ['a'], scoresOf(-1)), item('exact_match', ['a'], scoresOf(-1))]).toEqual([0, 0]);
    expect(item('perplexity', ['a'], scoresOf(-3))).toBe(-3);
  });
});

describe('a text as a whole', () => {
  it('is weighed by its words or its bytes', () => {
    expect(item('word_perplexity', ['ab  cd\n é'], scoresOf(-4))).toEqual([-4, 3]);
    expect(item('byte_perplexity', ['ab é'], scoresOf(-4))).toEqual([-4, 5]);
    expect(item('bits_per_byte', ['ab é'], scoresOf(-4))).toEqual([-4, 5]);
  });

  it('has one more word for white space at an end, as the harness counts', () => {
    expect(item('word_perplexity', [' ab cd '], scoresOf(-4))).toEqual([-4, 4]);
  });
});

describe('over documents', () => {
  it('a share has the standard error of a sample', () => {
    const { value, stderr } = aggregateMetric('acc', [1, 1, 0, 0]);
    expect(value).toBe(0.5);
    expect(stderr).toBeCloseTo(Math.sqrt(0.25 / 3), 12);
    expect(aggregateMetric('exact_match', [1, 1])).toEqual({ value: 1, stderr: 0 });
  });

  it('one document has no standard error, and none has no value', () => {
    expect(aggregateMetric('acc', [1])).toEqual({ value: 1, stderr: null });
    expect(aggregateMetric('acc', [])).toEqual({ value: Number.NaN, stderr: null });
    expect(aggregateMetric('bits_per_byte', []).value).toBeNaN();
  });

  it('perplexities are of all words and bytes together', () => {
    // 3 words and 7 bytes: "ab cd" and "é".
    const rolling = (name: MetricName) =>
      aggregateMetric(name, [item(name, ['ab cd'], scoresOf(-4)), item(name, ['é'], scoresOf(-2))]);
    expect(rolling('word_perplexity').value).toBeCloseTo(Math.exp(2), 12);
    expect(rolling('byte_perplexity').value).toBeCloseTo(Math.exp(6 / 7), 12);
    expect(rolling('bits_per_byte').value).toBeCloseTo(6 / 7 / Math.LN2, 12);
    expect(rolling('bits_per_byte').stderr).toBeNull();
    expect(aggregateMetric('perplexity', [-1, -3]).value).toBeCloseTo(Math.exp(2), 12);
  });

  it('perplexity of the last words has the standard error of resamples of documents, the same for a seed', () => {
    // Of two documents there are four draws, all as likely: exp(1), exp(2) twice, exp(3).
    const draws = [1, 2, 2, 3].map(Math.exp);
    const middle = draws.reduce((sum, value) => sum + value, 0) / 4;
    const spread = Math.sqrt(draws.reduce((sum, value) => sum + (value - middle) ** 2, 0) / 4);
    const { stderr } = aggregateMetric('perplexity', [-1, -3], { resamples: 100_000 });
    expect(Math.abs((stderr ?? 0) / spread - 1)).toBeLessThan(0.01);
    expect(aggregateMetric('perplexity', [-1, -3], { resamples: 100_000 }).stderr).toBe(stderr);
    expect(aggregateMetric('perplexity', [-1, -3], { resamples: 100_000, seed: 2 }).stderr).not.toBe(stderr);
  });

  it('perplexity has none of one document, and where a draw is not finite', () => {
    expect(aggregateMetric('perplexity', [-1]).stderr).toBeNull();
    expect(aggregateMetric('perplexity', [-1, -2000]).stderr).toBeNull();
  });
});
