import { argmax } from '../eval/scoring.ts';
import type { OutputType, TaskDocument } from './task.ts';
import { countWords } from './white-space.ts';

/** Metrics of lm-evaluation-harness that the tasks of the pack use. */
export type MetricName =
  | 'acc'
  | 'acc_norm'
  | 'acc_bytes'
  | 'exact_match'
  | 'perplexity'
  | 'word_perplexity'
  | 'byte_perplexity'
  | 'bits_per_byte';

/** How one document fares: what a metric is the mean of, or a log-likelihood and what it is divided by. */
export type ItemValue = number | readonly [logLikelihood: number, weight: number];

/** A document's continuations, in the order of its choices. */
export interface DocumentScores {
  /** Sums of log-softmax over the tokens of each continuation, natural logarithm. */
  logLikelihoods: readonly number[]; // [choices]
  /** Whether every token of it is the likeliest one behind those before it. */
  isGreedy: readonly boolean[]; // [choices]
}

interface Metric {
  outputTypes: readonly OutputType[];
  higherIsBetter: boolean;
  /** The harness's name of how values of documents become one. */
  aggregation: string;
  toItem(document: TaskDocument, scores: DocumentScores): ItemValue;
  aggregate(values: readonly ItemValue[]): number;
}

/** A share of documents whose best choice by `ll / toSize(choice)` is the right one; the first one on a tie. */
function choiceMetric(toSize: (choice: string) => number): Metric {
  return {
    outputTypes: ['multiple_choice'],
    higherIsBetter: true,
    aggregation: 'mean',
    toItem({ choices, gold }, { logLikelihoods }) {
      const values = logLikelihoods.map((ll, i) => ll / toSize(choices[i] ?? ''));
      return Number(argmax(values) === gold);
    },
    aggregate: mean,
  };
}

/** A log-likelihood of texts by some measure of their length. */
function rollingMetric(
  aggregation: MetricName,
  toWeight: (text: string) => number,
  toValue: (nats: number) => number,
): Metric {
  return {
    outputTypes: ['loglikelihood_rolling'],
    higherIsBetter: false,
    aggregation,
    toItem: ({ choices }, { logLikelihoods }) => [logLikelihoods[0] ?? Number.NaN, toWeight(choices[0] ?? '')],
    aggregate: (values) => toValue(-sum(values.map(first)) / sum(values.map(weight))),
  };
}

const acc = choiceMetric(() => 1);
const greedy: Omit<Metric, 'outputTypes'> = {
  higherIsBetter: true,
  aggregation: 'mean',
  toItem: (_, { isGreedy }) => Number(isGreedy[0] ?? false),
  aggregate: mean,
};

/** The metrics by name, as `docs/pack-format.md` defines them. */
export const METRICS: Readonly<Record<MetricName, Metric>> = {
  acc: {
    ...acc,
    outputTypes: ['multiple_choice', 'loglikelihood'],
    toItem: (document, scores) => (document.choices.length > 1 ? acc : greedy).toItem(document, scores),
  },
  /** Characters are code points, as Python counts them. */
  acc_norm: choiceMetric((choice) => [...choice].length),
  acc_bytes: choiceMetric(countBytes),
  exact_match: { ...greedy, outputTypes: ['generate_until'] },
  perplexity: {
    outputTypes: ['loglikelihood'],
    higherIsBetter: false,
    aggregation: 'perplexity',
    toItem: (_, { logLikelihoods }) => logLikelihoods[0] ?? Number.NaN,
    aggregate: (values) => Math.exp(-mean(values)),
  },
  word_perplexity: rollingMetric('word_perplexity', countWords, Math.exp),
  byte_perplexity: rollingMetric('byte_perplexity', countBytes, Math.exp),
  bits_per_byte: rollingMetric('bits_per_byte', countBytes, (nats) => nats / Math.LN2),
};

function first(value: ItemValue): number {
  return typeof value === 'number' ? value : value[0];
}

function weight(value: ItemValue): number {
  return typeof value === 'number' ? 1 : value[1];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly ItemValue[]): number {
  return sum(values.map(first)) / values.length;
}

function countBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
