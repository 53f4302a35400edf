import type { ReactNode } from 'react';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { NamedGroup } from '../NamedGroup.tsx';
import { RegimeMark } from '../RegimeMark.tsx';
import { toRegimeLook } from '../regime-look.ts';
import { Axis } from './Axis.tsx';
import { PlotLayer } from './PlotLayer.tsx';
import styles from './PlotRows.module.css';
import type { Plot } from './plot.ts';

interface PlotRowsProps {
  plot: Plot;
  highlighted: RegimeKey;
  /** Names the plot for those who do not see it. */
  label: string;
  axisTitle: string;
  formatTick: (tick: number) => string;
  /** The figures printed beside each row. */
  values: readonly ReactNode[];
  syncId?: string;
  /** Second of a pair: the first one has the labels where there is room for both side by side. */
  isSecond?: boolean;
  /** Values take one short figure. */
  isNarrow?: boolean;
}

/** One row per regime: its name, the plot that all rows share, its figures in print; the axis below. */
export function PlotRows(props: PlotRowsProps) {
  const { plot, highlighted, label, axisTitle, formatTick, values, syncId, isSecond = false, isNarrow = false } = props;
  const names = [styles.rows, isNarrow ? styles.narrow : '', isSecond ? styles.second : ''];
  return (
    <NamedGroup className={names.join(' ')} aria-label={label}>
      <div className={styles.body}>
        {plot.rows.map((row, i) => (
          <div key={row.key} className={`${styles.row} ${row.key === highlighted ? styles.highlighted : ''}`}>
            <div className={styles.label}>
              <RegimeMark regime={row.key} /> {toRegimeLook(row.key).label}
              {row.note ? <small className={styles.note}>{row.note}</small> : null}
            </div>
            <div className={styles.values}>{values[i]}</div>
          </div>
        ))}
        <div className={styles.layer}>
          <PlotLayer plot={plot} label={label} {...(syncId === undefined ? {} : { syncId })} />
        </div>
      </div>
      <div className={styles.axis} aria-hidden="true">
        <Axis scale={plot.scale} format={formatTick} title={axisTitle} />
      </div>
    </NamedGroup>
  );
}
