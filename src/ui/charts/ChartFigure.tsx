import { type ReactNode, useId, useState } from 'react';
import { SegmentedControl } from '../SegmentedControl.tsx';
import surface from '../surface.module.css';
import styles from './ChartFigure.module.css';

interface ChartFigureProps {
  title: string;
  /** `recorded` or `live`, said in a badge: the two are never confused. */
  badge: ReactNode;
  chart: ReactNode;
  table: ReactNode;
  /** Device, items, runs, interval: everything needed to read the figure alone. */
  caption: ReactNode;
  /** Buttons and progress of the run that fills this figure. */
  run?: ReactNode;
}

/** A chart, its table twin and its caption. */
export function ChartFigure({ title, badge, chart, table, caption, run }: ChartFigureProps) {
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const titleId = useId();
  return (
    <figure className={`${surface.surface} ${styles.figure}`} aria-labelledby={titleId}>
      <div className={styles.head}>
        <h3 id={titleId} className={surface.title}>
          {title}
        </h3>
        {badge}
        <div className={styles.toggle}>
          <SegmentedControl
            label={`${title}: shown as`}
            isLabelHidden
            segments={[
              { value: 'chart', label: 'Chart' },
              { value: 'table', label: 'Table' },
            ]}
            value={view}
            onChange={setView}
          />
        </div>
      </div>
      {run}
      <div className={styles.content}>{view === 'chart' ? chart : table}</div>
      <figcaption className={styles.caption}>{caption}</figcaption>
    </figure>
  );
}
