import { estimateBySubject, type SubjectEstimate, shareBySubject } from '../eval/outcomes.ts';
import type { BootstrapOptions } from '../eval/statistics.ts';
import { aggregateMetric } from './aggregate-metric.ts';
import { type ItemValue, METRICS, type MetricName } from './metrics.ts';

/** Documents with what each of them adds to a metric, place by place. */
export interface MetricGroup {
  /** The subject of every document, as a number; documents in an order that does not hang on the run. */
  subjects: Int32Array; // [documents]
  values: readonly ItemValue[]; // [documents]
}

/** A metric over documents with its 95 % interval over subjects; `items` counts documents. */
export interface MetricEstimate extends SubjectEstimate {
  /** The harness's standard error over documents; null where it has none. */
  stderr: number | null;
}

/**
 * A metric of several groups of documents, each by itself: of a share the interval that `shareBySubject` chooses, of a perplexity a
 * cluster bootstrap over subjects. Null for a group without documents, without a finite value, and of a perplexity of one subject, whose
 * draws are all alike.
 */
export function estimateMetrics(
  name: MetricName,
  groups: readonly MetricGroup[],
  options?: BootstrapOptions,
): (MetricEstimate | null)[] {
  return groups.map(({ subjects, values }) => {
    const items = values.map((value, i) => ({ subject: String(subjects[i]), value }));
    const isShare = METRICS[name].aggregation === 'mean';
    const estimate = isShare ? shareBySubject(items, toTerms, options) : estimateMean(name, items, options);
    return estimate && { ...estimate, stderr: aggregateMetric(name, values, options).stderr };
  });
}

interface Item {
  subject: string;
  value: ItemValue;
}

function toTerms({ value }: Item): readonly [number, number] {
  return typeof value === 'number' ? [value, 1] : value;
}

/** A metric that hangs on the mean log-likelihood alone, by whatever the documents are weighed. */
function estimateMean(
  name: MetricName,
  items: readonly Item[],
  options: BootstrapOptions | undefined,
): SubjectEstimate | null {
  const toValue = ([sum = 0, weight = 0]: Float64Array) => METRICS[name].aggregate([[sum / weight, 1]]);
  const estimate = items.length === 0 ? null : estimateBySubject(items, toTerms, toValue, options);
  return estimate !== null && estimate.subjects > 1 ? estimate : null;
}
