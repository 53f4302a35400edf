import type { ReactNode } from 'react';
import { NamedGroup } from '../NamedGroup.tsx';
import { Axis } from './Axis.tsx';
import { type ChartEstimate, toDrawable } from './estimate.ts';
import { LeftOutNote } from './LeftOutNote.tsx';
import { type Scale, toPosition, toScale } from './scale.ts';
import styles from './ValueRows.module.css';
import { Whisker } from './Whisker.tsx';

/** A named value as a bar from 0. */
export interface ValueRow {
  id: string;
  label: ReactNode;
  /** Without an interval where both ends are null; nothing is drawn where the value is not finite. */
  estimate: ChartEstimate | null;
  color: string;
  look: 'solid' | 'soft' | 'outline';
  /** Printed beside the bar: the value, and what must be known to read it. */
  values: ReactNode;
  /** Below the bar in the row's full width. */
  below?: ReactNode;
}

interface ValueRowsProps {
  rows: readonly ValueRow[];
  /** Names the plot for those who do not see it. */
  label: string;
  axisTitle: string;
  formatTick: (tick: number) => string;
  /** From 0 to a round number above all values unless told. */
  scale?: Scale;
}

/** Middle and height of a bar in pixels. */
const MIDDLE = 14;
const HEIGHT = 12;
/** A bar is an element of the page: more of them would hold it up, and nobody reads so far. */
const MOST_ROWS = 200;

/** Values one below the other as bars from 0 on one scale, each with its interval and its figures in print. */
export function ValueRows({ rows: all, label, axisTitle, formatTick, scale }: ValueRowsProps) {
  const rows = all.length > MOST_ROWS ? all.slice(0, MOST_ROWS) : all;
  const drawn = rows.map(({ estimate }) => toDrawable(estimate));
  const axis =
    scale ?? toScale(drawn.flatMap((estimate) => (estimate === null ? [] : [estimate.high ?? estimate.value])));
  return (
    <NamedGroup className={styles.rows} aria-label={label}>
      {rows.map((row, i) => (
        <div key={row.id} className={styles.row}>
          <div className={styles.label}>{row.label}</div>
          <div className={styles.plot}>
            <svg width="100%" height="100%" aria-hidden="true">
              <Bar row={row} estimate={drawn[i] ?? null} scale={axis} />
            </svg>
          </div>
          <div className={styles.values}>{row.values}</div>
          {row.below === undefined ? null : <div className={styles.below}>{row.below}</div>}
        </div>
      ))}
      <LeftOutNote drawn={rows.length} of={all.length} unit="rows" />
      <div className={styles.axis} aria-hidden="true">
        <Axis scale={axis} format={formatTick} title={axisTitle} />
      </div>
    </NamedGroup>
  );
}

function Bar({ row, estimate, scale }: { row: ValueRow; estimate: ChartEstimate | null; scale: Scale }) {
  const fill = { solid: { opacity: 0.85 }, soft: { opacity: 0.4 }, outline: { fillOpacity: 0.12, stroke: row.color } };
  return (
    <>
      {scale.ticks.map((tick) => {
        const x = toPosition(tick, scale);
        return <line key={tick} x1={x} x2={x} y1="0" y2="100%" stroke="var(--line)" />;
      })}
      {estimate === null ? null : (
        <>
          <rect
            x="0"
            y={MIDDLE - HEIGHT / 2}
            width={toPosition(estimate.value, scale)}
            height={HEIGHT}
            fill={row.color}
            strokeWidth="1.5"
            {...fill[row.look]}
          />
          <Whisker estimate={estimate} scale={scale} y={MIDDLE} color="var(--ink)" />
        </>
      )}
    </>
  );
}
