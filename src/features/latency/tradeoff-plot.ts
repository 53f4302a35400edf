import type { RegimeKey } from '../../core/recover/regime.ts';
import type { Estimate, Median, RegimeRow, ResultSet } from '../../state/results.ts';
import { type FigureExport, toEstimateCells, toEstimateColumns } from '../../ui/charts/figure-export.ts';
import { toLinearAxis, type XyAxis, type XyPlot } from '../../ui/charts/xy-plot.ts';
import { formatBytes, formatInterval, formatMs, formatShare } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';

/** Which time is held against accuracy. */
export const TIMES = [
  { id: 'ttftMs', label: 'First token', title: 'time to first token, ms' },
  { id: 'perTokenMs', label: 'Per further token', title: 'time per further token, ms' },
] as const;
export type TimeId = (typeof TIMES)[number]['id'];

/** A regime that was scored and timed. */
export interface TradeoffPoint {
  key: RegimeKey;
  /** Of facts that its repair never saw; of all facts where there is no repair. */
  accuracy: Estimate;
  time: Median;
  storedBytes: number | null;
}

/** Area of the largest mark, in ordinary ones, and of one whose bytes are not known. */
const MOST_AREA = 3;
const UNKNOWN_AREA = 1;

/** Room beside the outermost intervals, as a share of what lies between. */
const PADDING = 0.08;

export function toTradeoffPoints(rows: readonly RegimeRow[], time: TimeId): readonly TradeoffPoint[] {
  return rows.flatMap(({ key, accuracy, latency, size }) => {
    const shown = accuracy.heldOut ?? accuracy.all;
    const median = latency?.[time] ?? null;
    if (shown === null || median === null) return [];
    return [{ key, accuracy: shown, time: median, storedBytes: size?.storedBytes ?? null }];
  });
}

/** Accuracy up, time to the right, stored bytes as the area of the mark; neither axis need begin at 0. */
export function toTradeoffPlot(points: readonly TradeoffPoint[], time: TimeId): XyPlot {
  const title = TIMES.find(({ id }) => id === time)?.title ?? '';
  return {
    x: toPaddedAxis(
      title,
      points.flatMap(({ time: { value, low, high } }) => [low ?? value, high ?? value]),
      (value) => String(Number(value.toPrecision(3))),
    ),
    y: toPaddedAxis(
      'accuracy',
      points.flatMap(({ accuracy: { low, high } }) => [low, high]),
      (share) => formatShare(share, 0),
      1,
    ),
    lines: points.map(({ key, accuracy, time: { value, low, high, n }, storedBytes }) => ({
      key,
      path: [],
      points: [
        {
          id: key,
          x: value,
          xInterval: low === null || high === null ? null : { low, high },
          area: toArea(storedBytes, points),
          y: accuracy,
          name: `${formatMs(value)}, ${n} runs`,
          details: [`time ${formatInterval({ low, high }, formatMs)}`, formatBytes(storedBytes)],
          isHollow: false,
          isRimmed: false,
          isFaint: false,
        },
      ],
    })),
    reference: null,
    // Beside whiskers along x such lines would read as part of them.
    hasLeads: false,
    isDodged: false,
    format: formatShare,
  };
}

/** Area of a mark of so many bytes. */
export function toArea(bytes: number | null, points: readonly TradeoffPoint[]): number {
  const most = Math.max(...points.map(({ storedBytes }) => storedBytes ?? 0));
  return bytes === null || most === 0 ? UNKNOWN_AREA : (MOST_AREA * bytes) / most;
}

/** Bytes whose marks stand in the legend: the most that is drawn, half and a quarter of it. */
export function toLegendBytes(points: readonly TradeoffPoint[]): readonly number[] {
  const most = Math.max(0, ...points.map(({ storedBytes }) => storedBytes ?? 0));
  return most === 0 ? [] : [most / 4, most / 2, most];
}

function toPaddedAxis(
  title: string,
  values: readonly number[],
  format: (value: number) => string,
  end = Number.POSITIVE_INFINITY,
): XyAxis {
  const finite = values.filter(Number.isFinite);
  const least = Math.min(...finite);
  const most = Math.max(...finite);
  const room = PADDING * (most - least || Math.abs(most) || 1);
  return toLinearAxis(title, Math.max(0, least - room), Math.min(end, most + room), format);
}

export const TRADEOFF_COLUMNS = [
  'Regime',
  'Accuracy',
  '95 % interval',
  'Items',
  'Time',
  '95 % interval of it',
  'Runs',
  'Stored',
] as const;

/** The chart's twin: one row per regime that was scored and timed. */
export function toTradeoffTable(points: readonly TradeoffPoint[]) {
  return points.map(({ key, accuracy, time, storedBytes }) => ({
    key,
    cells: [
      toRegimeLook(key).label,
      formatShare(accuracy.value),
      formatInterval(accuracy, formatShare),
      String(accuracy.n),
      formatMs(time.value),
      formatInterval(time, formatMs),
      String(time.n),
      formatBytes(storedBytes),
    ],
  }));
}

export function toTradeoffExport(
  pack: string,
  results: ResultSet | null,
  points: readonly TradeoffPoint[],
  time: TimeId,
): FigureExport {
  return {
    pack,
    measure: `accuracy-latency-${time === 'ttftMs' ? 'first-token' : 'further-token'}`,
    date: results?.source.date ?? null,
    columns: [
      { name: 'recipe' },
      { name: 'regime' },
      { name: 'source' },
      ...toEstimateColumns('accuracy', 'share', 'items'),
      ...toEstimateColumns('time', 'ms', 'runs'),
      { name: 'stored', unit: 'bytes' },
    ],
    rows: points.map(({ key, accuracy, time: median, storedBytes }) => [
      results?.recipeLabel ?? null,
      key,
      results?.source.kind ?? null,
      ...toEstimateCells(accuracy),
      ...toEstimateCells(median),
      storedBytes,
    ]),
  };
}
