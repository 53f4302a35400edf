import { type ReactNode, useEffect } from 'react';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { ComparisonSet, ComparisonsPhase } from '../../state/comparisons-state.ts';
import { useBoardStore, useComparisonsStore, usePackStore, useShownResults } from '../../state/hooks.ts';
import type { ResultView } from '../../state/view-state.ts';
import { toCountText, toIntervalText, toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { type ForestGroup, ForestPlot } from '../../ui/charts/ForestPlot.tsx';
import { toComparisonKind, toOutcomeText, toPairLabel } from '../../ui/comparison-words.ts';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatBrackets, formatCount, formatP, formatPoints } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { RegimeMark } from '../../ui/RegimeMark.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import styles from './ComparisonsFigure.module.css';
import {
  COMPARISON_COLUMNS,
  GROUPS,
  toAllComparisons,
  toComparisonExport,
  toComparisonId,
  toComparisonTable,
} from './comparison-rows.ts';
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
      controls={set === null ? null : <PairPicker sides={set.sides} />}
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
      return <Forest set={phase.of} highlighted={highlighted} />;
    default:
      return phase satisfies never;
  }
}

function Forest({ set, highlighted }: { set: ComparisonSet; highlighted: RegimeKey }) {
  const groups = GROUPS.map(({ id, title }): ForestGroup => {
    const own = toAllComparisons(set).filter((comparison) => toComparisonKind(comparison) === id);
    const rows = own.map((comparison) => ({
      id: toComparisonId(comparison),
      label: toPairLabel(comparison),
      key: comparison.first.key,
      estimate: comparison.difference,
      n: comparison.items,
      isDecided: comparison.isDecided,
      isHighlighted: comparison.first.key === highlighted,
      figures: (
        <>
          <b>{formatPoints(comparison.difference.value)}</b> {formatBrackets(comparison.difference)}, p{' '}
          {formatP(comparison.p)}
          {comparison.isExploratory ? ', unadjusted' : `, after Holm ${formatP(comparison.adjustedP)}`},{' '}
          {formatCount(comparison.items)} items
        </>
      ),
      outcome: toOutcomeText(comparison, set),
    }));
    return { id, title, rows };
  }).filter(({ rows }) => rows.length > 0);
  return (
    <div style={{ '--highlight-soft': `var(--${highlighted}-soft)` } as React.CSSProperties}>
      <p className={styles.legend} aria-hidden="true">
        <span>
          <RegimeMark regime={highlighted} /> decided
        </span>
        <span>
          <RegimeMark regime={highlighted} isHollow /> undecided, too early or exploratory
        </span>
      </p>
      <ForestPlot
        groups={groups}
        label="Differences of accuracy between regimes. The table gives the intervals."
        axisTitle="difference of accuracy in points; right of 0: the first is better"
      />
    </div>
  );
}

function toCaption(set: ComparisonSet, recipeLabel: string | null): ReactNode {
  const { declared, presetItems, source } = set;
  const differences = toAllComparisons(set).map(({ difference }) => difference);
  const counts = toAllComparisons(set).map(({ items }) => ({ n: items }));
  return (
    <>
      {recipeLabel}. Accuracy of the first minus that of the second on the same {toCountText(counts, 'items')}; whiskers
      and brackets are {toIntervalText(differences)}, subjects drawn with both answers. p by McNemar’s exact test over
      subjects, two-sided; after Holm over the {formatCount(declared.length)} comparisons declared for the regimes that
      answered. Decided: p after Holm below 0.05, and not before the {formatCount(presetItems)} items that were set when
      the run began. Items needed: at 80{'\u00a0'}% power, for the difference at hand. {toSourceText(source)}
    </>
  );
}
