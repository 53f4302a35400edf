import type { Comparison } from '../../core/eval/comparisons.ts';
import { METRICS, type MetricName } from '../../core/harness/metrics.ts';
import type { TaskFigure } from '../../state/task-state.ts';
import type { AccuracyMeasure } from '../../ui/charts/AccuracyChart.tsx';
import { SHARE_SCALE, toScale } from '../../ui/charts/scale.ts';
import {
  type ComparedMeasure,
  formatDifference,
  toPerplexityMeasure,
  toShareMeasure,
} from '../../ui/comparison-measure.ts';
import { formatBrackets, formatNumber, formatShare } from '../../ui/format.ts';

/** Whether a metric is a share of documents; the others are perplexities. */
function isShare(metric: MetricName): boolean {
  return METRICS[metric].aggregation === 'mean';
}

/** How regimes are compared by a metric. */
export function toComparedMeasure(metric: MetricName): ComparedMeasure {
  return isShare(metric) ? toShareMeasure(metric, 'documents') : toPerplexityMeasure(metric);
}

/** A difference by a metric with its interval. */
export function formatChange(metric: MetricName, { difference }: Pick<Comparison, 'difference'>): string {
  return `${formatDifference(toComparedMeasure(metric), difference.value)} ${formatBrackets(difference)}`;
}

/** A metric's value as the page prints it. */
export function formatMetric(metric: MetricName, value: number): string {
  return isShare(metric) ? formatShare(value) : formatNumber(value);
}

/** How a metric is drawn; perplexities have no end, so their axis ends above the highest interval. */
export function toMeasure(metric: MetricName, figures: readonly TaskFigure[]): AccuracyMeasure {
  const isLowerBetter = !METRICS[metric].higherIsBetter;
  const ends = figures.filter((figure) => figure.metric === metric && figure.group === null);
  return {
    name: isLowerBetter ? `${metric}, lower is better` : metric,
    scale: isShare(metric) ? SHARE_SCALE : toScale(ends.map(({ estimate }) => estimate.high)),
    format: (value) => formatMetric(metric, value),
    formatTick: (tick) => (isShare(metric) ? formatShare(tick, 0) : String(tick)),
    isLowerBetter,
    unit: 'documents',
  };
}
