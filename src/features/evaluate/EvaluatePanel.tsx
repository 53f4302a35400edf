import { lazy, Suspense } from 'react';
import { REGIME_KEYS } from '../../core/recover/regime.ts';
import { useBoardStore, useEvaluateStore, usePackStore, useShownResults, useViewStore } from '../../state/hooks.ts';
import type { ResultView } from '../../state/view-state.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { AccuracyFigure } from './AccuracyFigure.tsx';
import styles from './EvaluatePanel.module.css';
import type { FigureProps } from './figure-props.ts';
import type { ImportedFiguresProps } from './ImportedFigures.tsx';
import { LatencyFigure } from './LatencyFigure.tsx';

/** Handed over, so that the code which comes later holds none of theirs. */
const FIGURES = [AccuracyFigure, LatencyFigure] as const;

const ImportedFigures = lazy(async () => ({
  // Where its code cannot be had, the run is drawn alone.
  default: await import('./late-figures.ts').then(
    ({ LATE_FIGURES }) => LATE_FIGURES.ImportedFigures,
    () => Alone,
  ),
}));

const VIEW_NAMES: Readonly<Record<ResultView, string>> = {
  recorded: 'Recorded',
  live: 'Measured here',
  imported: 'Imported',
};

/** Accuracy and latency: the same regimes in the same order and colours, recorded or live, or imported with one of these beside it, never mixed. */
export function EvaluatePanel() {
  const live = useEvaluateStore((state) => state.live);
  const recorded = usePackStore((state) => state.recorded);
  const packId = usePackStore(({ pack }) => (pack.status === 'ready' ? pack.manifest.id : 'pack'));
  const isPackRead = usePackStore((state) => state.pack.status === 'ready');
  const loadPack = usePackStore((state) => state.loadPack);
  const highlighted = useBoardStore((state) => state.highlighted);
  const shown = useBoardStore((state) => state.shown);
  const setResults = useViewStore((state) => state.setResults);
  const { results, view, views } = useShownResults();
  const keys = results !== null && view === 'imported' ? results.rows.map(({ key }) => key) : shown;
  const allKeys = REGIME_KEYS.filter((key) => keys.includes(key) || shown.includes(key));
  const figure: FigureProps = { pack: packId, results, keys, highlighted };
  const alone = (
    <div className={styles.figures}>
      <AccuracyFigure {...figure} />
      <LatencyFigure {...figure} />
    </div>
  );

  return (
    <section
      className={styles.evaluate}
      aria-label="Accuracy and latency"
      style={{ '--highlight-soft': `var(--${highlighted}-soft)` } as React.CSSProperties}
    >
      <div className={styles.head}>
        <h2 className={styles.title}>Accuracy and latency</h2>
        {results === null ? null : <p className={styles.recipe}>{results.recipeLabel}</p>}
        {views.length > 1 ? (
          <div className={styles.choice}>
            <SegmentedControl
              label="Results"
              isLabelHidden
              segments={views.map((value) => ({ value, label: VIEW_NAMES[value] }))}
              value={view}
              onChange={setResults}
            />
          </div>
        ) : null}
      </div>
      {recorded.status === 'failed' && isPackRead && live === null ? (
        <ErrorNotice error={recorded.error} actions={<Button onPress={() => void loadPack()}>Try again</Button>} />
      ) : null}
      {recorded.status !== 'failed' && results === null ? (
        <Notice tone="plain">
          <p>
            {recorded.status === 'loading'
              ? 'Reading the recorded results.'
              : 'Nothing was recorded for this recipe. Choose a shipped one, or run the model live and measure it here.'}
          </p>
        </Notice>
      ) : null}
      {view === 'imported' && results !== null ? (
        <Suspense fallback={alone}>
          <ImportedFigures {...figure} imported={results} allKeys={allKeys} figures={FIGURES} alone={alone} />
        </Suspense>
      ) : (
        alone
      )}
    </section>
  );
}

function Alone({ alone }: ImportedFiguresProps) {
  return alone;
}
