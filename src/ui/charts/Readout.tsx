import { formatCount } from '../format.ts';
import { RegimeMark } from '../RegimeMark.tsx';
import { toRegimeLook } from '../regime-look.ts';
import { type ChartEstimate, toDrawable } from './estimate.ts';
import styles from './InteractivePlot.module.css';
import type { Plot } from './plot.ts';
import boxStyles from './readout-box.module.css';

interface ReadoutProps {
  plot: Plot;
  /** Row that is pointed at. */
  index: number;
  /** Pixels from the plot's left edge. */
  x: number;
}

/** The exact figures of one row: estimate, 95 % interval and count. Stands below its row, in the lower half above it. */
export function Readout({ plot, index, x }: ReadoutProps) {
  const row = plot.rows[index];
  if (row === undefined) return null;
  const { length } = plot.rows;
  const place =
    index + 1 > length / 2
      ? { insetBlockEnd: `${((length - index) / length) * 100}%` }
      : { insetBlockStart: `${((index + 1) / length) * 100}%` };
  return (
    <div className={`${boxStyles.box} ${styles.readout}`} style={{ ...place, ['--x' as string]: `${Math.round(x)}px` }}>
      <p className={styles.name}>
        <RegimeMark regime={row.key} /> {toRegimeLook(row.key).label}
        {row.note ? <span className={styles.note}>, {row.note}</span> : null}
      </p>
      {row.marks.map((mark) => {
        const estimate = toDrawable(mark.estimate);
        if (estimate === null) return null;
        return (
          <dl key={mark.name} className={styles.figures}>
            <dt>{mark.name}</dt>
            <dd className={styles.value}>{plot.format(estimate.value)}</dd>
            <dd className={styles.detail}>
              {toIntervalText(estimate, plot.format)}
              {`${formatCount(estimate.n)}\u00a0${plot.unit}`}
            </dd>
          </dl>
        );
      })}
    </div>
  );
}

function toIntervalText({ low, high }: ChartEstimate, format: Plot['format']): string {
  return low === null || high === null ? '' : `95\u00a0% interval ${format(low)} to ${format(high)}, `;
}
