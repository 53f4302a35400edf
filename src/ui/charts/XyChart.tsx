import { useId, useMemo } from 'react';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { formatCount, formatInterval } from '../format.ts';
import { RegimeMark } from '../RegimeMark.tsx';
import { toRegimeLook } from '../regime-look.ts';
import { LeftOutNote } from './LeftOutNote.tsx';
import boxStyles from './readout-box.module.css';
import { MOST_MARKS } from './thin-plot.ts';
import { useBox } from './use-box.ts';
import { useMarks } from './use-marks.ts';
import styles from './XyChart.module.css';
import { XyDrawing } from './XyDrawing.tsx';
import { toXyLayout } from './xy-layout.ts';
import type { XyPlot, XyPoint } from './xy-plot.ts';

interface XyChartProps {
  plot: XyPlot;
  /** Heading of one of several plots; names the plot for those who do not see it. */
  title: string;
  highlighted: RegimeKey;
  /** Stands alone, with many points. */
  isTall?: boolean;
}

/** Points with 95 % intervals and a line per regime; every point can be pointed at, also with the arrow keys. */
export function XyChart({ plot, title, highlighted, isTall = false }: XyChartProps) {
  const titleId = useId();
  const [ref, box] = useBox();
  const layout = useMemo(() => (box === null ? null : toXyLayout(plot, box)), [plot, box]);
  const numPoints = plot.lines.reduce((sum, { points }) => sum + points.length, 0);
  const { active, toButtonProps } = useMarks(layout?.places ?? []);
  const shown = active === null ? undefined : layout?.marks[active];
  return (
    <figure className={styles.chart} aria-labelledby={titleId}>
      <figcaption id={titleId} className={styles.title}>
        {title}
      </figcaption>
      <div ref={ref} className={`${styles.plot} ${isTall ? styles.tall : ''}`}>
        {layout === null ? null : <XyDrawing plot={plot} layout={layout} highlighted={highlighted} />}
        {layout?.marks.map(({ key, point, x, y }, i) => (
          <button
            key={point.id}
            type="button"
            className={styles.mark}
            style={{ insetInlineStart: x, insetBlockStart: y }}
            aria-label={toSpoken(key, point, plot)}
            {...toButtonProps(i)}
          />
        ))}
        {shown === undefined || layout === null || box === null ? null : (
          <div
            className={`${boxStyles.box} ${styles.readout}`}
            style={{
              ['--x' as string]: `${Math.round(shown.x)}px`,
              ...(shown.y > box.height / 2
                ? { insetBlockEnd: box.height - shown.y + layout.rem }
                : { insetBlockStart: shown.y + layout.rem }),
            }}
            data-export="no"
            aria-hidden="true"
          >
            <p className={styles.name}>
              <RegimeMark regime={shown.key} isHollow={shown.point.isHollow} isRimmed={shown.point.isRimmed} />{' '}
              {toRegimeLook(shown.key).label}
              <b>{plot.format(shown.point.y.value)}</b>
            </p>
            <p>{shown.point.name}</p>
            <p className={styles.detail}>{toDetails(shown.point, plot).join(', ')}</p>
          </div>
        )}
      </div>
      {layout === null || numPoints <= MOST_MARKS ? null : (
        <LeftOutNote drawn={layout.marks.length} of={numPoints} unit="points" />
      )}
    </figure>
  );
}

function toDetails({ y, details }: XyPoint, { format, unit = 'items' }: XyPlot): readonly string[] {
  const interval = y.low === null || y.high === null ? [] : [`95\u00a0% interval ${formatInterval(y, format)}`];
  const count = unit === null ? [] : [`${formatCount(y.n)}\u00a0${unit}`];
  return [...interval, ...count, ...details];
}

function toSpoken(key: RegimeKey, point: XyPoint, plot: XyPlot): string {
  const figures = [plot.format(point.y.value), ...toDetails(point, plot)];
  return `${toRegimeLook(key).label}, ${point.name}: ${figures.join(', ')}`;
}
