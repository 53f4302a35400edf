import type { RegimeKey } from '../../core/recover/regime.ts';
import { formatShare } from '../format.ts';
import { RegimeMark } from '../RegimeMark.tsx';
import styles from './AccuracyChart.module.css';
import { type ChartEstimate, toDrawable } from './estimate.ts';
import { PlotRows } from './PlotRows.tsx';
import type { Plot, PlotMark } from './plot.ts';
import { SHARE_SCALE } from './scale.ts';

/** Accuracies of one regime: `all` where no repair is involved, else one per twin of the repair. */
export interface AccuracyChartRow {
  key: RegimeKey;
  note?: string | null | undefined;
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

/** Exact-match accuracy of every regime with 95 % intervals; the band between compressed and dense is the damage. */
export function AccuracyChart({ rows, highlighted }: AccuracyChartProps) {
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
      <PlotRows
        plot={toAccuracyPlot(rows)}
        highlighted={highlighted}
        label="Accuracy by regime, exact match. The table gives the intervals."
        axisTitle="exact match, 95 % interval"
        formatTick={(tick) => formatShare(tick, 0)}
        values={rows.map((row) => <Values key={row.key} row={row} />)}
      />
    </div>
  );
}

/** Where a regime with a repair has its two marks, and one without its only one. */
const TOPS = { all: 0.5, heldOut: 0.31, seen: 0.69 } as const;

function isPaired(row: AccuracyChartRow): boolean {
  return row.seen !== null || row.heldOut !== null;
}

function toAccuracyPlot(rows: readonly AccuracyChartRow[]): Plot {
  const dense = toDrawable(rows.find((row) => row.key === 'dense')?.all ?? null);
  const compressed = toDrawable(rows.find((row) => row.key === 'compressed')?.all ?? null);
  const hasDamage = dense !== null && compressed !== null && dense.value > compressed.value;
  return {
    rows: rows.map((row) => ({ key: row.key, note: row.note, marks: toMarks(row) })),
    scale: SHARE_SCALE,
    band: hasDamage ? { from: compressed.value, to: dense.value } : null,
    hasStem: false,
    format: formatShare,
    unit: 'items',
  };
}

function toMarks(row: AccuracyChartRow): readonly PlotMark[] {
  const control: PlotMark = { name: 'control', estimate: row.control, top: TOPS.all, look: 'line' };
  if (!isPaired(row)) return [{ name: 'all facts', estimate: row.all, top: TOPS.all, look: 'filled' }, control];
  return [
    { name: 'held-out', estimate: row.heldOut, top: TOPS.heldOut, look: 'filled' },
    { name: 'seen', estimate: row.seen, top: TOPS.seen, look: 'hollow' },
    control,
  ];
}

function Values({ row }: { row: AccuracyChartRow }) {
  if (!isPaired(row)) {
    return (
      <span>
        <b>{formatShare(row.all?.value ?? null)}</b>
      </span>
    );
  }
  return (
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
  );
}
