import { type ReactNode, useEffect } from 'react';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { ComparisonSet, ComparisonsPhase } from '../../state/comparisons-state.ts';
import { useBoardStore, useComparisonsStore, usePackStore, useShownResults } from '../../state/hooks.ts';
import type { ResultView } from '../../state/view-state.ts';
import { toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { ComparisonForest } from '../../ui/charts/ComparisonForest.tsx';
import {
  COMPARISON_COLUMNS,
  toComparisonExport,
  toComparisonTable,
  toComparisonText,
} from '../../ui/comparison-rows.ts';
import { DataTable } from '../../ui/DataTable.tsx';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import styles from './ComparisonsFigure.module.css';
import { PairPicker } from './PairPicker.tsx';

/** The paired comparisons of the results in view: what was declared, and what a person picks, which is shown apart. */
export function ComparisonsFigure() {
  const load = useComparisonsStore((state) => state.load);
  const { results, view } = useShownResults();
  const phase = useComparisonsStore((state) => (view === 'live' ? state.live : state.recorded));
  const pack = usePackStore((state) => (state.pack.status === 'ready' ? state.pack.manifest.id : 'pack'));
  const highlighted = useBoardStore((state) => state.highlighted);
  useEffect(load, [load]);

  const set = phase.status === 'ready' && view !== 'imported' ? phase.of : null;
  const recipeLabel = results?.recipeLabel ?? null;
  return (
    <ChartFigure
      title="Paired comparisons"
      badge={set === null ? null : <SourceBadge source={set.source} />}
      controls={set === null ? null : <PairPicker set={set} />}
      chart={<Content view={view} phase={phase} highlighted={highlighted} />}
      table={
        <DataTable
          caption="Paired comparisons of regimes"
          columns={COMPARISON_COLUMNS}
          rows={set === null ? [] : toComparisonTable(set)}
        />
      }
      caption={
        set === null ? 'Differences of accuracy between regimes on the same items.' : toCaption(set, recipeLabel)
      }
      exported={toComparisonExport(pack, recipeLabel, set)}
    />
  );
}

interface ContentProps {
  view: ResultView;
  phase: ComparisonsPhase;
  highlighted: RegimeKey;
}

function Content({ view, phase, highlighted }: ContentProps): ReactNode {
  if (view === 'imported') {
    return (
      <p className={styles.empty}>Regimes of an imported run are not compared here. Score the same items above.</p>
    );
  }
  switch (phase.status) {
    case 'loading':
      return <p className={styles.empty}>Comparing what was recorded.</p>;
    case 'none':
      return (
        <p className={styles.empty}>
          Nothing to compare yet: a recovery and the compressed model must have answered the same items. Score some
          above.
        </p>
      );
    case 'failed':
      return <ErrorNotice error={phase.error} />;
    case 'ready':
      return <ComparisonForest set={phase.of} highlighted={highlighted} />;
    default:
      return phase satisfies never;
  }
}

function toCaption(set: ComparisonSet, recipeLabel: string | null): string {
  return `${recipeLabel}. ${toComparisonText(set, 'Accuracy')} ${toSourceText(set.source)}`;
}
