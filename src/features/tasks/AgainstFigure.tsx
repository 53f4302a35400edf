import { memo } from 'react';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { BesideResults } from '../../state/task-beside-state.ts';
import { toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { ComparisonForest } from '../../ui/charts/ComparisonForest.tsx';
import {
  toComparisonColumns,
  toComparisonExport,
  toComparisonTable,
  toComparisonText,
} from '../../ui/comparison-rows.ts';
import { DataTable } from '../../ui/DataTable.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { toComparedDocuments, toComparisonsFile } from './compared-documents.ts';
import styles from './TasksPanel.module.css';

interface AgainstFigureProps {
  pack: string;
  of: BesideResults;
  highlighted: RegimeKey;
}

/** Every regime of a run that was not made here against the same one as it was measured here; nothing without a document in common. */
export const AgainstFigure = memo(function AgainstFigure({ pack, of, highlighted }: AgainstFigureProps) {
  const { results, against } = of;
  const set = {
    ...toComparedDocuments(results, against ?? []),
    exploratoryTitle: 'Exploratory: the same regime in both runs, unadjusted, outside of the declared comparisons',
  };
  if (against?.length === 0) return null;
  const exported = toComparisonExport(pack, results.recipeLabel, set, toComparisonsFile(results));
  return (
    <ChartFigure
      title="The imported run against what was measured here"
      badge={<SourceBadge source={results.source} />}
      chart={
        against === null ? (
          <p className={styles.state}>Comparing the two runs.</p>
        ) : (
          <ComparisonForest set={set} highlighted={highlighted} />
        )
      }
      table={
        <DataTable
          caption="The imported run against what was measured here"
          columns={toComparisonColumns(set.measure)}
          rows={toComparisonTable(set)}
        />
      }
      caption={
        against === null
          ? 'Each regime against the same one here, on the documents that both answered.'
          : `${results.recipeLabel}. ${toComparisonText(set)} The first of each pair: ${toSourceText(results.source)} The second: as measured in this browser.`
      }
      exported={{ ...exported, measure: `${exported.measure}-against-here` }}
    />
  );
});
