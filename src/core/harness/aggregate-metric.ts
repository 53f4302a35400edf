import { bootstrapStderr } from '../eval/bootstrap-stderr.ts';
import type { BootstrapOptions } from '../eval/statistics.ts';
import { type ItemValue, METRICS, type MetricName } from './metrics.ts';

/** A metric over documents. */
export interface MetricValue {
  /** NaN without documents. */
  value: number;
  /**
   * sqrt(p (1 - p) / (n - 1)) of a share p of n documents, of `perplexity` by a bootstrap over documents, as in the harness; null for metrics
   * of weighted documents, as there, and for fewer than two documents.
   */
  stderr: number | null;
}

/** A metric's value over documents, with its standard error where the harness has one. */
export function aggregateMetric(
  name: MetricName,
  values: readonly ItemValue[],
  options?: BootstrapOptions,
): MetricValue {
  const { aggregation, aggregate } = METRICS[name];
  const value = aggregate(values);
  return { value, stderr: values.length > 1 ? toStderr() : null };

  function toStderr(): number | null {
    if (aggregation === 'mean') return Math.sqrt((value * (1 - value)) / (values.length - 1));
    // A document adds one number to it.
    if (aggregation === 'perplexity') return bootstrapStderr(values.map(Number), (mean) => aggregate([mean]), options);
    return null;
  }
}
