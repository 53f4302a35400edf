import type { RegimeKey } from '../../core/recover/regime.ts';
import { formatMs } from '../format.ts';
import { RegimeMark } from '../RegimeMark.tsx';
import { toRegimeLook } from '../regime-look.ts';
import { Axis } from './Axis.tsx';
import { type ChartEstimate, toDrawable } from './estimate.ts';
import { Gridlines, IntervalMark } from './IntervalMark.tsx';
import styles from './PlotRows.module.css';
import { type Scale, toScale } from './scale.ts';

/** Medians of one regime in milliseconds. */
export interface LatencyChartRow {
  key: RegimeKey;
  ttftMs: ChartEstimate | null;
  perTokenMs: ChartEstimate | null;
}

interface LatencyChartProps {
  rows: readonly LatencyChartRow[];
  highlighted: RegimeKey;
}

/** Two lines of values fit beside a row, whatever the size of type. */
const ROW_HEIGHT = '3rem';

/** Time to first token and time per further token of every regime, in the same order as the accuracies. */
export function LatencyChart({ rows, highlighted }: LatencyChartProps) {
  const ttftScale = toScale(rows.flatMap((row) => toDrawable(row.ttftMs)?.high ?? []));
  const perTokenScale = toScale(rows.flatMap((row) => toDrawable(row.perTokenMs)?.high ?? []));
  return (
    <div>
      <ul className={styles.legend} aria-hidden="true">
        <li>Shorter is faster. Routing is part of the time to first token.</li>
      </ul>
      <div className={`${styles.rows} ${styles.pair}`} role="img" aria-label={toSummary(rows)}>
        <Timings
          title="time to first token, ms"
          rows={rows.map((row) => ({ key: row.key, estimate: row.ttftMs }))}
          scale={ttftScale}
          highlighted={highlighted}
        />
        <Timings
          title="per further token, ms"
          rows={rows.map((row) => ({ key: row.key, estimate: row.perTokenMs }))}
          scale={perTokenScale}
          highlighted={highlighted}
        />
      </div>
    </div>
  );
}

interface TimingsProps {
  title: string;
  rows: readonly { key: RegimeKey; estimate: ChartEstimate | null }[];
  scale: Scale;
  highlighted: RegimeKey;
}

function Timings({ title, rows, scale, highlighted }: TimingsProps) {
  return (
    <div>
      {rows.map((row) => (
        <div
          key={row.key}
          className={`${styles.row} ${styles.timing} ${row.key === highlighted ? styles.highlighted : ''}`}
        >
          <div className={styles.label}>
            <RegimeMark regime={row.key} /> {toRegimeLook(row.key).label}
          </div>
          <div className={styles.plot}>
            <svg width="100%" height={ROW_HEIGHT} overflow="visible" aria-hidden="true">
              <Gridlines scale={scale} />
              <IntervalMark regime={row.key} estimate={row.estimate} scale={scale} y="50%" hasStem />
            </svg>
          </div>
          <div className={styles.values}>
            <b>{formatMs(row.estimate?.value ?? null)}</b>
          </div>
        </div>
      ))}
      <div className={`${styles.row} ${styles.timing}`}>
        <div className={styles.axis}>
          <Axis scale={scale} format={String} title={title} />
        </div>
      </div>
    </div>
  );
}

function toSummary(rows: readonly LatencyChartRow[]): string {
  const parts = rows.map(
    (row) =>
      `${toRegimeLook(row.key).label} ${formatMs(row.ttftMs?.value ?? null)} to the first token, ` +
      `${formatMs(row.perTokenMs?.value ?? null)} per further token`,
  );
  return `Latency by regime, medians. ${parts.join('; ')}. The table gives the intervals.`;
}
