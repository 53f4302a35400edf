import { type ReactNode, useEffect } from 'react';
import type { ComparisonsPhase } from '../../state/comparisons-state.ts';
import type { ComparedBy } from '../../state/figure-choice.ts';
import { useBoardStore, useComparisonsStore, usePackStore, useShownResults, useViewForm } from '../../state/hooks.ts';
import type { ResultSet } from '../../state/results.ts';
import type { ResultView } from '../../state/view-state.ts';
import { Button } from '../../ui/Button.tsx';
import { toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { ComparisonForest } from '../../ui/charts/ComparisonForest.tsx';
import { ACCURACY, TIME_MEASURES } from '../../ui/comparison-measure.ts';
import {
  type ComparedRegimes,
  toComparisonColumns,
  toComparisonExport,
  toComparisonTable,
  toComparisonText,
} from '../../ui/comparison-rows.ts';
import { DataTable } from '../../ui/DataTable.tsx';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import styles from './ComparisonsFigure.module.css';
import { toComparedAccuracies } from './compared-accuracies.ts';
import { toComparedTimes } from './compared-times.ts';
import { PairPicker } from './PairPicker.tsx';
import { PlannedDifference } from './PlannedDifference.tsx';

const SEGMENTS: readonly { value: ComparedBy; label: string }[] = [
  { value: 'accuracy', label: 'Accuracy' },
  { value: 'ttftMs', label: 'First token' },
  { value: 'perTokenMs', label: 'Per further token' },
];

/** The paired comparisons of the results in view, of accuracies or of times: what was declared, and what a person picks, which is shown apart. */
export function ComparisonsFigure() {
  const load = useComparisonsStore((state) => state.load);
  const { results, view } = useShownResults();
  const phase = useComparisonsStore((state) => state[view]);
  const pack = usePackStore((state) => (state.pack.status === 'ready' ? state.pack.manifest.id : 'pack'));
  const highlighted = useBoardStore((state) => state.highlighted);
  const by = useViewForm((state) => state.figures.comparedBy);
  const setFigures = useViewForm((state) => state.setFigures);
  useEffect(load, [load]);

  const answered = by === 'accuracy' && phase.status === 'ready' ? phase.of : null;
  const hasAny = answered !== null && (answered.declared.length > 0 || answered.exploratory !== null);
  const accuracies = hasAny ? toComparedAccuracies(answered) : null;
  const set: ComparedRegimes | null = by === 'accuracy' ? accuracies : toComparedTimes(results, by);
  const source = set === null ? null : (answered ?? results)?.source;
  const measure = by === 'accuracy' ? ACCURACY : TIME_MEASURES[by];
  const recipeLabel = results?.recipeLabel ?? null;
  return (
    <ChartFigure
      title="Paired comparisons"
      badge={source ? <SourceBadge source={source} /> : null}
      controls={
        <div className={styles.controls}>
          <SegmentedControl<ComparedBy>
            label="Compared by"
            isLabelHidden
            segments={SEGMENTS}
            value={by}
            onChange={(comparedBy) => setFigures({ comparedBy })}
          />
          {answered === null ? null : (
            <div className={styles.pickers}>
              <PairPicker set={answered} />
              <PlannedDifference />
            </div>
          )}
        </div>
      }
      chart={
        set !== null ? (
          <ComparisonForest set={set} highlighted={highlighted} />
        ) : by === 'accuracy' ? (
          <NoAccuracies view={view} phase={phase} onRetry={load} />
        ) : (
          <NoTimes results={results} />
        )
      }
      table={
        <DataTable
          caption="Paired comparisons of regimes"
          columns={toComparisonColumns(measure)}
          rows={set === null ? [] : toComparisonTable(set)}
        />
      }
      caption={
        set === null || !source
          ? `Differences of ${measure.name} between regimes on the same ${measure.unit}.`
          : `${recipeLabel}. ${toComparisonText(set)} ${toSourceText(source)}`
      }
      exported={toComparisonExport(pack, recipeLabel, set, FILE_NAMES[by])}
    />
  );
}

const FILE_NAMES: Readonly<Record<ComparedBy, string>> = {
  accuracy: 'comparisons',
  ttftMs: 'comparisons-first-token',
  perTokenMs: 'comparisons-further-token',
};

function NoTimes({ results }: { results: ResultSet | null }) {
  return <p className={styles.empty}>{toNoTimesText(results)}</p>;
}

function toNoTimesText(results: ResultSet | null): string {
  if (results?.source.kind === 'imported') {
    return results.rows.every(({ latency }) => latency === null)
      ? 'This file has no timed runs, so that no two regimes can be paired. Files of lm-evaluation-harness keep none.'
      : 'The timed runs of this file are not of regimes that took turns, round by round, so that no two can be paired.';
  }
  return results?.timeComparisons === null
    ? 'This recording kept the medians of each regime, not its single runs, so that no two regimes can be paired. Time some above.'
    : 'Nothing to compare yet: regimes must have been timed in turns, round by round, and the timing must have ended. Time some above.';
}

interface NoAccuraciesProps {
  view: ResultView;
  phase: ComparisonsPhase;
  onRetry: () => void;
}

function NoAccuracies({ view, phase, onRetry }: NoAccuraciesProps): ReactNode {
  switch (phase.status) {
    case 'loading':
      return <p className={styles.empty}>Comparing what was {view === 'imported' ? 'imported' : 'recorded'}.</p>;
    // Regimes may have answered that are declared to be compared with none of the others; any two can be picked.
    case 'ready':
    case 'none':
      return (
        <p className={styles.empty}>
          {view === 'imported'
            ? 'Nothing to compare: in this file no recovery and the compressed model answered the same items.'
            : 'Nothing to compare yet: a recovery and the compressed model must have answered the same items. Score some above.'}
        </p>
      );
    case 'failed':
      return <ErrorNotice error={phase.error} actions={<Button onPress={onRetry}>Try again</Button>} />;
    default:
      return phase satisfies never;
  }
}
