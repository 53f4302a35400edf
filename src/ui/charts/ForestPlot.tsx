import type { ReactNode } from 'react';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { formatSigned } from '../format.ts';
import { RegimeMark } from '../RegimeMark.tsx';
import { Axis } from './Axis.tsx';
import styles from './ForestPlot.module.css';
import { PlotGround } from './PlotGround.tsx';
import type { Plot } from './plot.ts';
import { RowMarks } from './RowMarks.tsx';
import { toPosition, toSpan } from './scale.ts';

export interface ForestRow {
  id: string;
  label: string;
  /** Whose colour and shape the mark has. */
  key: RegimeKey;
  /** A difference of shares with its interval. */
  estimate: { value: number; low: number; high: number };
  n: number;
  /** Drawn filled; what is not decided stays an outline. */
  isDecided: boolean;
  isHighlighted: boolean;
  /** The estimate in print, and below it how it was tested. */
  figures: ReactNode;
  test: ReactNode;
  /** What it comes to, in words. */
  outcome: string;
}

export interface ForestGroup {
  id: string;
  title: string;
  rows: readonly ForestRow[];
}

interface ForestPlotProps {
  groups: readonly ForestGroup[];
  /** Names the plot for those who do not see it. */
  label: string;
  axisTitle: string;
}

/** Differences with their intervals around 0, group by group on one axis; every row says in print and in words what it shows. */
export function ForestPlot({ groups, label, axisTitle }: ForestPlotProps) {
  const span = toSpan(groups.flatMap(({ rows }) => rows.flatMap(({ estimate: { low, high } }) => [low, high])));
  const scale = { max: span.to - span.from, ticks: span.ticks.map((tick) => tick - span.from) };
  const plotOf = (row: ForestRow): Plot => ({
    rows: [{ key: row.key, marks: [toMark(row, span.from)] }],
    scale,
    band: null,
    hasStem: false,
    format: formatSigned,
    unit: 'items',
  });
  const zero = toPosition(-span.from, scale);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form fields
    <div className={styles.forest} role="group" aria-label={label}>
      {groups.map(({ id, title, rows }) => (
        <section key={id} className={styles.group}>
          <h4 className={styles.title}>{title}</h4>
          <ul className={styles.rows}>
            {rows.map((row) => (
              <li key={row.id} className={`${styles.row} ${row.isHighlighted ? styles.highlighted : ''}`}>
                <span className={styles.label}>
                  <RegimeMark regime={row.key} isHollow={!row.isDecided} /> {row.label}
                </span>
                <span className={styles.plot}>
                  <svg width="100%" height="100%" overflow="visible" aria-hidden="true">
                    <PlotGround plot={plotOf(row)} />
                    <line x1={zero} x2={zero} y1="0" y2="100%" stroke="var(--line-strong)" />
                    <Marks plot={plotOf(row)} />
                  </svg>
                </span>
                <span className={styles.figures}>
                  <span>{row.figures}</span> <span>{row.test}</span>
                </span>{' '}
                <span className={row.isDecided ? styles.decided : styles.open}>{row.outcome}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <div className={styles.axis} aria-hidden="true">
        <Axis scale={scale} format={(tick) => formatSigned(tick + span.from)} title={axisTitle} isShort />
      </div>
    </div>
  );
}

function Marks({ plot }: { plot: Plot }) {
  return plot.rows.map((row) => <RowMarks key={row.key} plot={plot} row={row} />);
}

/** The row's estimate, counted from the axis's left end. */
function toMark({ id, estimate: { value, low, high }, n, isDecided }: ForestRow, from: number) {
  const estimate = { value: value - from, low: low - from, high: high - from, n };
  return { name: id, estimate, top: 0.5, look: isDecided ? ('filled' as const) : ('hollow' as const) };
}
