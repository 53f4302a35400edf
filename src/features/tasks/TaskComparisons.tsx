import { memo } from 'react';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { TaskResults } from '../../state/task-state.ts';
import { toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { ComparisonForest } from '../../ui/charts/ComparisonForest.tsx';
import {
  type ComparedRegimes,
  toComparisonColumns,
  toComparisonExport,
  toComparisonTable,
  toComparisonText,
} from '../../ui/comparison-rows.ts';
import { DataTable } from '../../ui/DataTable.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { toComparedMeasure } from './measures.ts';
import styles from './TasksPanel.module.css';

interface TaskComparisonsProps {
  pack: string;
  results: TaskResults;
  highlighted: RegimeKey;
}

/** The declared comparisons of regimes on a task's documents, by the metric that is drawn. */
export const TaskComparisons = memo(function TaskComparisons(props: TaskComparisonsProps) {
  const { pack, results, highlighted } = props;
  const measure = toComparedMeasure(results.metric);
  const compared = toCompared(results);
  return (
    <ChartFigure
      title="Paired comparisons on this task"
      badge={compared === null ? null : <SourceBadge source={results.source} />}
      chart={
        compared === null ? (
          <p className={styles.state}>
            Nothing to compare yet: a recovery and the compressed model must have answered the same documents.
          </p>
        ) : (
          <ComparisonForest set={compared} highlighted={highlighted} />
        )
      }
      table={
        <DataTable
          caption="Paired comparisons of regimes on the task"
          columns={toComparisonColumns(measure)}
          rows={compared === null ? [] : toComparisonTable(compared)}
        />
      }
      caption={
        compared === null
          ? 'Differences between regimes on the same documents.'
          : `${results.recipeLabel}. ${toComparisonText(compared)} ${toSourceText(results.source)}`
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
  const { metric, source, presetItems, availableItems, comparisons: declared } = results;
  if (declared.length === 0) return null;
  return { measure: toComparedMeasure(metric), source, presetItems, availableItems, declared, exploratory: null };
}
