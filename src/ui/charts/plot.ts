import type { RegimeKey } from '../../core/recover/regime.ts';
import { type ChartEstimate, toDrawable } from './estimate.ts';
import type { Scale } from './scale.ts';

/** One estimate of a row. */
export interface PlotMark {
  /** Names the estimate in a readout, such as `held-out`. */
  name: string;
  estimate: ChartEstimate | null;
  /** Where its centre lies in the row, as a share of the row's height from the top. */
  top: number;
  /** A regime's mark with its interval, filled or outlined, or a dashed line across the row. */
  look: 'filled' | 'hollow' | 'line';
}

export interface PlotRow {
  key: RegimeKey;
  /** What must be known to read the row, such as `transferred`; stands under its label. */
  note?: string | null | undefined;
  marks: readonly PlotMark[];
}

/** What a plot draws, whoever draws it: plain SVG at first paint, the chart library after it. */
export interface Plot {
  rows: readonly PlotRow[];
  scale: Scale;
  /** A shaded stretch of the axis behind all rows. */
  band: { from: number; to: number } | null;
  /** A line from 0 to each value, for quantities where the length means something. */
  hasStem: boolean;
  format: (value: number) => string;
  /** What `n` counts. */
  unit: 'items' | 'runs' | 'documents';
}

/** Whether two plots draw the same. */
export function isSamePlot(one: Plot, other: Plot): boolean {
  return one === other || (one.format === other.format && JSON.stringify(one) === JSON.stringify(other));
}

/** The estimate as it fits on the axis: finite, ordered and cut at both ends. */
export function toFitting(estimate: ChartEstimate | null, scale: Scale): ChartEstimate | null {
  const drawable = toDrawable(estimate);
  if (drawable === null) return null;
  const cut = (value: number) => Math.min(scale.max, Math.max(0, value));
  const { value, low, high, n } = drawable;
  return { value: cut(value), low: low === null ? null : cut(low), high: high === null ? null : cut(high), n };
}
