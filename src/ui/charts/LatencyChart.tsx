import { useId } from 'react';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { formatMs } from '../format.ts';
import { type ChartEstimate, toDrawable } from './estimate.ts';
import styles from './LatencyChart.module.css';
import { PlotRows } from './PlotRows.tsx';
import type { Plot } from './plot.ts';
import { toScale } from './scale.ts';

/** Medians of one regime in milliseconds. */
export interface LatencyChartRow {
  key: RegimeKey;
  note?: string | null | undefined;
  ttftMs: ChartEstimate | null;
  perTokenMs: ChartEstimate | null;
}

interface LatencyChartProps {
  rows: readonly LatencyChartRow[];
  highlighted: RegimeKey;
  /** Of another chart beside this one: both have the same axes. */
  rowsBeside?: readonly LatencyChartRow[];
}

const TIMINGS = [
  { id: 'ttftMs', name: 'first token', axisTitle: 'time to first token, ms' },
  { id: 'perTokenMs', name: 'per further token', axisTitle: 'per further token, ms' },
] as const;

/** Time to first token and time per further token of every regime, in the same order as the accuracies. */
export function LatencyChart({ rows, highlighted, rowsBeside = [] }: LatencyChartProps) {
  const syncId = useId();
  return (
    <div>
      <p className={styles.legend} aria-hidden="true">
        Shorter is faster. Routing is part of the time to first token.
      </p>
      <div className={styles.pair}>
        {TIMINGS.map(({ id, name, axisTitle }, i) => (
          <PlotRows
            key={id}
            plot={toTimingPlot(
              name,
              rows.map((row) => ({ key: row.key, note: row.note, estimate: row[id] })),
              [...rows, ...rowsBeside].map((row) => row[id]),
            )}
            highlighted={highlighted}
            label={`Latency by regime, ${name}, medians. The table gives the intervals.`}
            axisTitle={axisTitle}
            formatTick={String}
            values={rows.map((row) => <b key={row.key}>{formatMs(row[id]?.value ?? null)}</b>)}
            syncId={syncId}
            isSecond={i > 0}
            isNarrow
          />
        ))}
      </div>
    </div>
  );
}

type TimingRow = Pick<LatencyChartRow, 'key' | 'note'> & { estimate: ChartEstimate | null };

function toTimingPlot(name: string, rows: readonly TimingRow[], onAxis: readonly (ChartEstimate | null)[]): Plot {
  return {
    rows: rows.map(({ key, note, estimate }) => ({ key, note, marks: [{ name, estimate, top: 0.5, look: 'filled' }] })),
    scale: toScale(onAxis.flatMap((estimate) => toFarEnd(toDrawable(estimate)) ?? [])),
    band: null,
    hasStem: true,
    format: formatMs,
    unit: 'runs',
  };
}

function toFarEnd(estimate: ChartEstimate | null): number | null {
  return estimate && (estimate.high ?? estimate.value);
}
