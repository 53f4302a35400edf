import type { RegimeKey } from '../../core/recover/regime.ts';
import { formatShare, UNKNOWN } from '../format.ts';
import { RegimeMark } from '../RegimeMark.tsx';
import styles from './AccuracyChart.module.css';
import { type ChartEstimate, toDrawable } from './estimate.ts';
import { PlotRows } from './PlotRows.tsx';
import type { Plot, PlotMark } from './plot.ts';
import { type Scale, SHARE_SCALE } from './scale.ts';

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

/** What the rows are measured by. */
export interface AccuracyMeasure {
  /** Stands in the plot's name, such as `exact match`. */
  name: string;
  scale: Scale;
  format: (value: number) => string;
  formatTick: (tick: number) => string;
  isLowerBetter: boolean;
  unit: Plot['unit'];
}

const EXACT_MATCH: AccuracyMeasure = {
  name: 'exact match',
  scale: SHARE_SCALE,
  format: formatShare,
  formatTick: (tick) => formatShare(tick, 0),
  isLowerBetter: false,
  unit: 'items',
};

interface AccuracyChartProps {
  rows: readonly AccuracyChartRow[];
  highlighted: RegimeKey;
  measure?: AccuracyMeasure;
  /** Of another chart beside this one: both legends are of one height, so that their lines lie level. */
  rowsBeside?: readonly AccuracyChartRow[];
}

/** Exact-match accuracy, or another measure, of every regime with 95 % intervals; the band between compressed and dense is the damage. */
export function AccuracyChart(props: AccuracyChartProps) {
  const { rows, highlighted, measure = EXACT_MATCH, rowsBeside = [] } = props;
  const hasControl = rows.some(isControlled);
  const hasTwins = rows.some(isPaired) || rows.every(({ all }) => all === null);
  return (
    <div>
      <ul className={styles.legend} aria-hidden="true">
        {hasTwins ? (
          <>
            <li>
              <RegimeMark regime="dense" /> held-out: the repair never saw the fact
            </li>
            <li>
              <RegimeMark regime="dense" isHollow /> seen: the repair was trained on it
            </li>
          </>
        ) : null}
        <li>
          <span className={styles.band} /> damage
        </li>
        {hasControl || rowsBeside.some(isControlled) ? (
          <li className={hasControl ? undefined : styles.absent}>
            <span className={styles.control} /> control: what guessing gives
          </li>
        ) : null}
      </ul>
      <PlotRows
        plot={toAccuracyPlot(rows, measure)}
        highlighted={highlighted}
        label={`Accuracy by regime, ${measure.name}. The table gives the intervals.`}
        axisTitle={`${measure.name}, 95 % interval`}
        formatTick={measure.formatTick}
        values={rows.map((row) => <Values key={row.key} row={row} measure={measure} />)}
      />
    </div>
  );
}

/** Where a regime with a repair has its two marks, and one without its only one. */
const TOPS = { all: 0.5, heldOut: 0.31, seen: 0.69 } as const;

function isPaired(row: AccuracyChartRow): boolean {
  return row.seen !== null || row.heldOut !== null;
}

function isControlled(row: AccuracyChartRow): boolean {
  return toDrawable(row.control) !== null;
}

function toAccuracyPlot(rows: readonly AccuracyChartRow[], measure: AccuracyMeasure): Plot {
  const dense = toDrawable(rows.find((row) => row.key === 'dense')?.all ?? null);
  const compressed = toDrawable(rows.find((row) => row.key === 'compressed')?.all ?? null);
  const sign = measure.isLowerBetter ? -1 : 1;
  const hasDamage = dense !== null && compressed !== null && sign * (dense.value - compressed.value) > 0;
  return {
    rows: rows.map((row) => ({ key: row.key, note: row.note, marks: toMarks(row) })),
    scale: measure.scale,
    band: hasDamage ? toBand(compressed.value, dense.value) : null,
    hasStem: false,
    format: measure.format,
    unit: measure.unit,
  };
}

function toBand(one: number, other: number): Plot['band'] {
  return { from: Math.min(one, other), to: Math.max(one, other) };
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

function Values({ row, measure: { format } }: { row: AccuracyChartRow; measure: AccuracyMeasure }) {
  const toText = (estimate: ChartEstimate | null) => (estimate === null ? UNKNOWN : format(estimate.value));
  if (!isPaired(row)) {
    return (
      <span>
        <b>{toText(row.all)}</b>
      </span>
    );
  }
  return (
    <>
      <span>
        <RegimeMark regime={row.key} /> <b>{toText(row.heldOut)}</b> <span className={styles.word}>held-out</span>
      </span>
      <span>
        <RegimeMark regime={row.key} isHollow /> <b>{toText(row.seen)}</b> <span className={styles.word}>seen</span>
      </span>
    </>
  );
}
