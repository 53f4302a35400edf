import { memo } from 'react';
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
import { toComparedDocuments, toComparisonsFile } from './compared-documents.ts';
import { toComparedMeasure } from './measures.ts';
import { type PairedFigureProps, toWhose, toWhoseExport } from './paired-figure.ts';
import styles from './TasksPanel.module.css';

/** The declared comparisons of regimes on a task's documents, by the metric that is drawn. */
export const TaskComparisons = memo(function TaskComparisons(props: PairedFigureProps) {
  const { pack, results, beside, highlighted } = props;
  const whose = toWhose(props);
  const measure = toComparedMeasure(results.metric);
  const compared = toCompared(results);
  return (
    <ChartFigure
      title={`Paired comparisons on this task${whose}`}
      badge={compared === null ? null : <SourceBadge source={results.source} />}
      chart={
        compared === null ? (
          <p className={styles.state}>
            Nothing to compare yet: a recovery and the compressed model must have answered the same documents.
          </p>
        ) : (
          <ComparisonForest set={compared} highlighted={highlighted} beside={beside && toCompared(beside)} />
        )
      }
      table={
        <DataTable
          caption={`Paired comparisons of regimes on the task${whose}`}
          columns={toComparisonColumns(measure)}
          rows={compared === null ? [] : toComparisonTable(compared)}
        />
      }
      caption={
        compared === null
          ? 'Differences between regimes on the same documents.'
          : `${results.recipeLabel}. ${toComparisonText(compared)} ${toSourceText(results.source)}`
      }
      exported={toWhoseExport(
        toComparisonExport(pack, results.recipeLabel, compared, toComparisonsFile(results)),
        props,
      )}
    />
  );
});

function toCompared({ comparisons, ...results }: TaskResults): ComparedRegimes | null {
  return comparisons.length === 0 ? null : toComparedDocuments(results, comparisons);
}
