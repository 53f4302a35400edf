import { memo } from 'react';
import type { MetricName } from '../../core/harness/metrics.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { TaskResults } from '../../state/task-state.ts';
import { toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { ComparisonForest } from '../../ui/charts/ComparisonForest.tsx';
import {
  COMPARISON_COLUMNS,
  type ComparedRegimes,
  toComparisonExport,
  toComparisonTable,
  toComparisonText,
} from '../../ui/comparison-rows.ts';
import { DataTable } from '../../ui/DataTable.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { isShare } from './measures.ts';
import styles from './TasksPanel.module.css';

interface TaskComparisonsProps {
  pack: string;
  metric: MetricName;
  results: TaskResults;
  highlighted: RegimeKey;
}

/** The declared comparisons of regimes on a task's documents; a metric that is no share has none. */
export const TaskComparisons = memo(function TaskComparisons(props: TaskComparisonsProps) {
  const { pack, metric, results, highlighted } = props;
  const compared = toCompared(results);
  return (
    <ChartFigure
      title="Paired comparisons on this task"
      badge={compared === null ? null : <SourceBadge source={results.source} />}
      chart={
        compared === null ? (
          <p className={styles.state}>{toEmptyText(metric)}</p>
        ) : (
          <ComparisonForest set={compared} highlighted={highlighted} />
        )
      }
      table={
        <DataTable
          caption="Paired comparisons of regimes on the task"
          columns={COMPARISON_COLUMNS}
          rows={compared === null ? [] : toComparisonTable(compared)}
        />
      }
      caption={
        compared === null
          ? 'Differences between regimes on the same documents.'
          : `${results.recipeLabel}. ${toComparisonText(compared, results.metric)} ${toSourceText(results.source)}`
      }
      exported={toComparisonExport(
        pack,
        results.recipeLabel,
        compared,
        `task-${results.entry.task.config.task}-comparisons`,
      )}
    />
  );
});

function toCompared(results: TaskResults): ComparedRegimes | null {
  if (results.comparisons === null || results.comparisons.length === 0) return null;
  const { source, presetItems, availableItems, comparisons: declared } = results;
  return { source, presetItems, availableItems, declared, exploratory: null };
}

function toEmptyText(metric: MetricName): string {
  if (isShare(metric)) {
    return 'Nothing to compare yet: a recovery and the compressed model must have answered the same documents.';
  }
  return `${metric} has no right and wrong answers, so there is no test of it here. The intervals above are each regime’s own.`;
}
