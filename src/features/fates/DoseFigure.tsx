import { useEffect, useRef } from 'react';
import { DAMAGED_FATES } from '../../core/eval/fates.ts';
import { useBoardStore, useFatesStore, usePackStore } from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { toIntervalText, toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { XyChart } from '../../ui/charts/XyChart.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { toFateLook } from '../../ui/fate-look.ts';
import { formatCount } from '../../ui/format.ts';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { DOSE_COLUMNS, toDoseExport, toDoseKeys, toDosePlot, toDoseRows } from './dose-plots.ts';
import { toDoseText } from './dose-words.ts';
import styles from './FactsPanel.module.css';

/** Over all shipped recipes: what becomes of lost facts as compression takes more of them. */
export function DoseFigure() {
  const dose = useFatesStore((state) => state.dose);
  const loadDose = useFatesStore((state) => state.loadDose);
  const highlighted = useBoardStore((state) => state.highlighted);
  const packId = usePackStore(({ pack }) => (pack.status === 'ready' ? pack.manifest.id : 'pack'));
  const placeRef = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (placeRef.current === null) return;
    // Eight recipes are read and computed: only for whoever comes here.
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) void loadDose();
    });
    observer.observe(placeRef.current);
    return () => observer.disconnect();
  }, [loadDose]);
  if (dose.status === 'idle') {
    return (
      <div ref={placeRef} className={styles.dose}>
        <Notice tone="plain">
          <p>The same over all shipped recipes is computed once it comes into view.</p>
        </Notice>
      </div>
    );
  }
  if (dose.status === 'failed') {
    return <ErrorNotice error={dose.error} actions={<Button onPress={() => void loadDose()}>Try again</Button>} />;
  }
  const { points } = dose;
  const source = points.at(-1)?.source;
  const keys = toDoseKeys(points);
  return (
    <div className={styles.dose}>
      <ChartFigure
        title="Dose: the same over all shipped recipes"
        badge={source === undefined ? null : <SourceBadge source={source} />}
        chart={
          points.length === 0 ? (
            <p className={styles.note}>{toWaitingText()}</p>
          ) : (
            <div className={styles.chart}>
              {dose.status === 'ready' ? <p className={styles.finding}>{toDoseText(points)}</p> : null}
              <div className={styles.multiples}>
                {DAMAGED_FATES.map((fate) => (
                  <XyChart
                    key={fate}
                    plot={toDosePlot(points, fate, keys)}
                    title={`${toFateLook(fate).label}: ${toFateLook(fate).hint.replace('lost, and ', '')}`}
                    highlighted={highlighted}
                  />
                ))}
              </div>
            </div>
          )
        }
        table={<DataTable caption="Fates by damage" columns={DOSE_COLUMNS} rows={toDoseRows(points)} isLong />}
        caption={
          <>
            Shares of the facts that compression lost, a column per recipe from the least damage to the most, a mark per
            repair: filled where the recipe prunes, hollow where it rounds. Whiskers are{' '}
            {toIntervalText(
              points.flatMap(({ shares }) => shares.flatMap(({ ofDamaged }) => Object.values(ofDamaged))),
            )}
            . {dose.status === 'computing' && points.length > 0 ? `${toWaitingText()} ` : ''}
            {source === undefined ? '' : toSourceText(source)}
          </>
        }
        exported={toDoseExport(packId, points)}
      />
    </div>
  );

  function toWaitingText(): string {
    if (dose.status !== 'computing') return 'No recipe has recorded answers.';
    if (points.length === 0) return 'Computing the first recipe.';
    return `${formatCount(points.length)} of ${formatCount(dose.of)} recipes are computed.`;
  }
}
