import { useEffect } from 'react';
import { useBoardStore, usePackStore, useShapeStore, useShownResults } from '../../state/hooks.ts';
import styles from './LatencyPanel.module.css';
import { PhasesFigure } from './PhasesFigure.tsx';
import { ShapeFigure } from './ShapeFigure.tsx';
import { TradeoffFigure } from './TradeoffFigure.tsx';

/** What each regime costs: against its accuracy, phase by phase, and in the shape of a larger model. */
export function LatencyPanel() {
  const pack = usePackStore((state) => (state.pack.status === 'ready' ? state.pack.manifest.id : 'pack'));
  const highlighted = useBoardStore((state) => state.highlighted);
  const load = useShapeStore((state) => state.load);
  const { results } = useShownResults();
  const rows = results?.rows ?? [];
  useEffect(() => {
    void load();
  }, [load]);
  return (
    <div className={styles.panel} style={{ '--highlight-soft': `var(--${highlighted}-soft)` } as React.CSSProperties}>
      <TradeoffFigure pack={pack} results={results} rows={rows} highlighted={highlighted} />
      <PhasesFigure pack={pack} results={results} rows={rows} highlighted={highlighted} />
      <ShapeFigure highlighted={highlighted} />
    </div>
  );
}
