import {
  type Compared,
  type Comparison,
  decide,
  isTooEarly,
  type OtherRun,
  type Side,
  toDeclared,
  toExploratory,
} from '../eval/comparisons.ts';
import { drawnOf, estimateFigures, sumBySubject } from '../eval/outcomes.ts';
import { type SampleSize, subjectsNeeded } from '../eval/power.ts';
import { signFlip } from '../eval/sign-flip.ts';
import type { BootstrapOptions } from '../eval/statistics.ts';
import type { RegimeKey } from '../recover/regime.ts';
import { METRICS, type MetricName } from './metrics.ts';

/** The log-likelihoods that a regime gave to documents. */
export interface ScoredRegime {
  key: RegimeKey;
  /** NaN where it was not asked; likewise below. */
  heldOut: Float64Array; // [documents]
  seen: Float64Array; // [documents]
  /** Only one of the repair's two twins is there, so that it is asked half of a run's documents of facts. */
  isOneTwin?: boolean;
  /** Of another run than the one at hand; it takes part in no declared comparison. */
  run?: OtherRun;
}

export interface MetricComparisonInput {
  /** The subject of every document, as a number; documents in an order that does not hang on the run. */
  subjects: Int32Array; // [documents]
  /** What a metric divides log-likelihoods by: words, bytes, or 1. */
  weights: Float64Array; // [documents]
  regimes: readonly ScoredRegime[];
  /** Number of documents, set before the run, from which on a result may be called decided. */
  presetItems: number;
  /** The metric is not the one that was declared, or the pair is not. */
  isExploratory: boolean;
  /** Compared in place of the declared pairs. */
  pair?: readonly [Side, Side];
}

/** Draws of signs for each draw of subjects: a p-value needs more of them than the ends of an interval. */
const FLIPS_PER_RESAMPLE = 5;

/**
 * The declared comparisons (`toDeclared`) by a perplexity or bits per byte: how many times as high it is under the first as under the
 * second, minus 1, on the documents that both answered, subjects drawn with both; p by the sign-flip test over the subjects' differences
 * of log-likelihood, on which alone the metric hangs. Comparisons of fewer than two subjects are left out.
 */
export function compareMetric(
  name: MetricName,
  input: MetricComparisonInput,
  options: BootstrapOptions = {},
): Comparison[] {
  const keys = input.regimes.flatMap(({ key, run }) => (run === undefined ? [key] : []));
  const sides = input.pair === undefined ? toDeclared(keys) : [input.pair];
  const compared = sides.flatMap(([first, second]) => compare(name, input, [first, second], options) ?? []);
  return input.isExploratory ? compared.map(toExploratory) : decide(compared);
}

function compare(
  name: MetricName,
  { subjects, weights, regimes, presetItems }: MetricComparisonInput,
  [first, second]: readonly [Side, Side],
  options: BootstrapOptions,
): Compared | null {
  const sides = [first, second].map(({ key, run }) =>
    regimes.find((regime) => regime.key === key && regime.run === run),
  );
  const [one, two] = [first, second].map(({ exposure }, i) =>
    exposure === 'seen' ? sides[i]?.seen : sides[i]?.heldOut,
  );
  const common = Array.from(subjects, (subject, i) => {
    const terms = [one?.[i] ?? Number.NaN, two?.[i] ?? Number.NaN, weights[i] ?? Number.NaN];
    return { subject: String(subject), terms };
  }).filter(({ terms }) => !terms.some(Number.isNaN));
  const clusters = sumBySubject(common, ({ terms }) => terms);
  const toValue = (logLikelihood: number, weight: number) => METRICS[name].aggregate([[logLikelihood / weight, 1]]);
  const change = drawnOf(([ours = 0, other = 0, weight = 0]) => toValue(ours, weight) / toValue(other, weight) - 1);
  const estimate = clusters.length < 2 ? null : estimateFigures(clusters, common.length, [change], options)[0];
  const differences = clusters.map(([ours = 0, other = 0]) => ours - other);
  const p = signFlip(differences, toFlips(options));
  if (estimate == null || Number.isNaN(p)) return null;
  const { value, low, high, method } = estimate;
  return {
    comparison: {
      first,
      second,
      difference: { value, low, high, method },
      p,
      items: common.length,
      subjects: clusters.length,
      isEarly: isTooEarly(common.length, presetItems, sides),
    },
    toSampleSize: (alpha) => documentsNeeded(differences, common.length, Math.abs(value), alpha),
  };
}

function toFlips({ resamples, ...rest }: BootstrapOptions): BootstrapOptions {
  return resamples === undefined ? rest : { ...rest, resamples: FLIPS_PER_RESAMPLE * resamples };
}

/** Documents needed to see the mean difference of log-likelihood at hand, subjects of the same sizes; null where there is none. */
function documentsNeeded(
  differences: readonly number[],
  items: number,
  difference: number,
  alpha: number,
): SampleSize | null {
  const subjects = differences.length;
  const mean = differences.reduce((sum, each) => sum + each, 0) / subjects;
  if (mean === 0) return null;
  // No mean square is below the square of the mean, but for rounding.
  const discordance = Math.max(mean ** 2, differences.reduce((sum, each) => sum + each ** 2, 0) / subjects);
  const needed = Math.ceil((subjectsNeeded(mean, discordance, alpha) * items) / subjects);
  return { difference, needed, have: items };
}
