import type { RegimeKey } from '../../core/recover/regime.ts';
import { formatShare } from '../format.ts';
import { RegimeMark } from '../RegimeMark.tsx';
import { toRegimeLook } from '../regime-look.ts';
import { Axis } from './Axis.tsx';
import { type ChartEstimate, toDrawable } from './estimate.ts';
import { Gridlines, IntervalMark } from './IntervalMark.tsx';
import styles from './PlotRows.module.css';
import { SHARE_SCALE, toPosition } from './scale.ts';

/** Accuracies of one regime: `all` where no repair is involved, else one per twin of the repair. */
export interface AccuracyChartRow {
  key: RegimeKey;
  all: ChartEstimate | null;
  seen: ChartEstimate | null;
  heldOut: ChartEstimate | null;
  /** Subjects the model never saw: what guessing gives. */
  control: ChartEstimate | null;
}

interface AccuracyChartProps {
  rows: readonly AccuracyChartRow[];
  highlighted: RegimeKey;
}

/** Two lines of values fit beside a row, whatever the size of type. */
const ROW_HEIGHT = '3rem';

/** Exact-match accuracy of every regime with 95 % intervals; the band between compressed and dense is the damage. */
export function AccuracyChart({ rows, highlighted }: AccuracyChartProps) {
  const dense = toDrawable(rows.find((row) => row.key === 'dense')?.all ?? null);
  const compressed = toDrawable(rows.find((row) => row.key === 'compressed')?.all ?? null);
  return (
    <div>
      <ul className={styles.legend} aria-hidden="true">
        <li>
          <RegimeMark regime="dense" /> held-out: the repair never saw the fact
        </li>
        <li>
          <RegimeMark regime="dense" isHollow /> seen: the repair was trained on it
        </li>
        <li>
          <span className={styles.band} /> damage
        </li>
        {rows.some((row) => toDrawable(row.control) !== null) ? (
          <li>
            <span className={styles.control} /> control: what guessing gives
          </li>
        ) : null}
      </ul>
      <div className={styles.rows} role="img" aria-label={toSummary(rows)}>
        {rows.map((row) => {
          const look = toRegimeLook(row.key);
          const isPaired = row.seen !== null || row.heldOut !== null;
          return (
            <div key={row.key} className={`${styles.row} ${row.key === highlighted ? styles.highlighted : ''}`}>
              <div className={styles.label}>
                <RegimeMark regime={row.key} /> {look.label}
              </div>
              <div className={styles.plot}>
                <svg width="100%" height={ROW_HEIGHT} overflow="visible" aria-hidden="true">
                  <DamageBand from={compressed} to={dense} />
                  <Gridlines scale={SHARE_SCALE} />
                  <ControlLine estimate={row.control} />
                  {isPaired ? (
                    <>
                      <IntervalMark regime={row.key} estimate={row.heldOut} scale={SHARE_SCALE} y="31%" />
                      <IntervalMark regime={row.key} estimate={row.seen} scale={SHARE_SCALE} y="69%" isHollow />
                    </>
                  ) : (
                    <IntervalMark regime={row.key} estimate={row.all} scale={SHARE_SCALE} y="50%" />
                  )}
                </svg>
              </div>
              <div className={styles.values}>
                {isPaired ? (
                  <>
                    <span>
                      <RegimeMark regime={row.key} /> <b>{formatShare(row.heldOut?.value ?? null)}</b>{' '}
                      <span className={styles.word}>held-out</span>
                    </span>
                    <span>
                      <RegimeMark regime={row.key} isHollow /> <b>{formatShare(row.seen?.value ?? null)}</b>{' '}
                      <span className={styles.word}>seen</span>
                    </span>
                  </>
                ) : (
                  <span>
                    <b>{formatShare(row.all?.value ?? null)}</b>
                  </span>
                )}
              </div>
            </div>
          );
        })}
        <div className={styles.row}>
          <div className={styles.axis}>
            <Axis scale={SHARE_SCALE} format={(tick) => formatShare(tick, 0)} title="exact match, 95 % interval" />
          </div>
        </div>
      </div>
    </div>
  );
}

function DamageBand({ from, to }: { from: ChartEstimate | null; to: ChartEstimate | null }) {
  if (from === null || to === null || to.value <= from.value) return null;
  return (
    <rect
      x={toPosition(from.value, SHARE_SCALE)}
      y="0"
      width={toPosition(to.value - from.value, SHARE_SCALE)}
      height="100%"
      fill="var(--shade)"
    />
  );
}

function ControlLine({ estimate }: { estimate: ChartEstimate | null }) {
  const drawable = toDrawable(estimate);
  if (drawable === null) return null;
  const x = toPosition(drawable.value, SHARE_SCALE);
  return <line x1={x} x2={x} y1="20%" y2="80%" stroke="var(--ink-3)" strokeWidth="2" strokeDasharray="3 2" />;
}

function toSummary(rows: readonly AccuracyChartRow[]): string {
  const parts = rows.map((row) => {
    const { label } = toRegimeLook(row.key);
    if (row.seen === null && row.heldOut === null) return `${label} ${formatShare(row.all?.value ?? null)}`;
    return `${label} ${formatShare(row.heldOut?.value ?? null)} held-out, ${formatShare(row.seen?.value ?? null)} seen`;
  });
  return `Accuracy by regime. ${parts.join('; ')}. The table gives the intervals.`;
}
