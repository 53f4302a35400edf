import { lazy, type ReactNode, Suspense, useContext, useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { SegmentedControl } from '../SegmentedControl.tsx';
import surface from '../surface.module.css';
import styles from './ChartFigure.module.css';
import type { FigureExport } from './figure-export.ts';
import { FigureViewsContext } from './figure-views.ts';
import { type Picture, toPicture } from './picture.ts';

const ExportMenu = lazy(async () => ({ default: (await import('./ExportMenu.tsx')).ExportMenu }));

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
  /** What the person chooses about the figure, such as the measure. */
  controls?: ReactNode;
  /** The figures as they leave the page; a function where there are many, called when they leave. */
  exported: FigureExport | (() => FigureExport);
}

type View = 'chart' | 'table';

/** A chart, its table twin, its caption, and both as files. */
export function ChartFigure({ title, badge, chart, table, caption, run, controls, exported }: ChartFigureProps) {
  const kept = useContext(FigureViewsContext);
  const [own, setOwn] = useState<View>('chart');
  const [isDrawing, setIsDrawing] = useState(false);
  const chosen = kept === null ? own : kept.tables.includes(title) ? 'table' : 'chart';
  const view = isDrawing ? 'chart' : chosen;
  const titleId = useId();
  const headRef = useRef<HTMLDivElement>(null);
  const contentRef = useRef<HTMLDivElement>(null);
  const captionRef = useRef<HTMLElement>(null);

  /** The picture shows the chart: where the table stands, the two change places while nothing is painted. */
  const draw = (): Picture => {
    flushSync(() => setIsDrawing(true));
    const parts = [headRef.current, contentRef.current, captionRef.current].filter((part) => part !== null);
    const picture = toPicture(parts, title);
    flushSync(() => setIsDrawing(false));
    return picture;
  };

  return (
    <figure className={`${surface.surface} ${styles.figure}`} aria-labelledby={titleId}>
      <div ref={headRef} className={styles.head} data-picture="">
        <h3 id={titleId} className={surface.title}>
          {title}
        </h3>
        {badge}
        <div className={styles.tools} data-export="no">
          <SegmentedControl
            label={`${title}: shown as`}
            isLabelHidden
            segments={[
              { value: 'chart', label: 'Chart' },
              { value: 'table', label: 'Table' },
            ]}
            value={view}
            onChange={(next) => (kept === null ? setOwn(next) : kept.onChange(title, next === 'table'))}
          />
          <Suspense fallback={null}>
            <ExportMenu
              title={title}
              figure={exported}
              draw={draw}
              readCaption={() => (captionRef.current?.textContent ?? '').replace(/\s+/g, ' ').trim()}
            />
          </Suspense>
        </div>
      </div>
      {run}
      {controls}
      <div ref={contentRef} className={styles.content} data-picture="">
        {view === 'chart' ? chart : table}
      </div>
      <figcaption ref={captionRef} className={styles.caption} data-picture="">
        {caption}
      </figcaption>
    </figure>
  );
}
