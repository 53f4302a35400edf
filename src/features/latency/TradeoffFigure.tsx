import type { RegimeKey } from '../../core/recover/regime.ts';
import { useViewForm } from '../../state/hooks.ts';
import type { RegimeRow, ResultSet } from '../../state/results.ts';
import { MEDIAN_INTERVALS, toCountText, toIntervalText, toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { XyChart } from '../../ui/charts/XyChart.tsx';
import { toMarkScale } from '../../ui/charts/XyDrawing.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatBytes } from '../../ui/format.ts';
import { RegimeShapePath } from '../../ui/RegimeMark.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import styles from './LatencyPanel.module.css';
import {
  TIMES,
  TRADEOFF_COLUMNS,
  type TradeoffPoint,
  toArea,
  toLegendBytes,
  toTradeoffExport,
  toTradeoffPlot,
  toTradeoffPoints,
  toTradeoffTable,
} from './tradeoff-plot.ts';

interface TradeoffFigureProps {
  pack: string;
  results: ResultSet | null;
  rows: readonly RegimeRow[];
  highlighted: RegimeKey;
}

/** Accuracy against latency, one mark per regime with intervals along both axes, its area the stored bytes. */
export function TradeoffFigure({ pack, results, rows, highlighted }: TradeoffFigureProps) {
  const time = useViewForm((state) => state.figures.tradeoffTime);
  const setFigures = useViewForm((state) => state.setFigures);
  const points = toTradeoffPoints(rows, time);
  const isEmpty = points.length === 0;
  return (
    <ChartFigure
      title="Accuracy against latency"
      badge={results === null || isEmpty ? null : <SourceBadge source={results.source} />}
      controls={
        <SegmentedControl
          label="Time"
          isLabelHidden
          segments={TIMES.map(({ id, label }) => ({ value: id, label }))}
          value={time}
          onChange={(tradeoffTime) => setFigures({ tradeoffTime })}
        />
      }
      chart={
        isEmpty ? (
          <p className={styles.empty}>No regime in view was both scored and timed.</p>
        ) : (
          <>
            <SizeLegend points={points} highlighted={highlighted} />
            <XyChart
              plot={toTradeoffPlot(points, time)}
              title={`Accuracy against ${time === 'ttftMs' ? 'time to first token' : 'time per further token'}`}
              highlighted={highlighted}
              isTall
            />
          </>
        )
      }
      table={<DataTable caption="Accuracy against latency" columns={TRADEOFF_COLUMNS} rows={toTradeoffTable(points)} />}
      exported={toTradeoffExport(pack, results, points, time)}
      caption={
        results === null || isEmpty ? (
          'Accuracy and time of every regime. Nothing to draw yet.'
        ) : (
          <>
            {results.recipeLabel}. Up and to the left is better. Accuracy on facts that a repair never saw, on all facts
            where there is no repair, of{' '}
            {toCountText(
              points.map(({ accuracy }) => accuracy),
              'items',
            )}
            ; medians of{' '}
            {toCountText(
              points.map(({ time: median }) => median),
              'runs',
            )}
            ; upright whiskers are {toIntervalText(points.map(({ accuracy }) => accuracy))}, level ones{' '}
            {MEDIAN_INTERVALS}. Neither axis has to begin at 0. {toSourceText(results.source)}
          </>
        )
      }
    />
  );
}

interface SizeLegendProps {
  points: readonly TradeoffPoint[];
  highlighted: RegimeKey;
}

/** What the area of a mark stands for. */
function SizeLegend({ points, highlighted }: SizeLegendProps) {
  const bytes = toLegendBytes(points);
  if (bytes.length === 0) return null;
  return (
    <p className={styles.legend}>
      <span>Area: stored bytes</span>
      {bytes.map((each) => (
        <span key={each} className={styles.legendMark}>
          <svg viewBox="-10 -10 20 20" width="20" height="20" aria-hidden="true">
            <g transform={`scale(${toMarkScale(toArea(each, points))})`}>
              <RegimeShapePath regime={highlighted} isHollow />
            </g>
          </svg>
          {formatBytes(each)}
        </span>
      ))}
    </p>
  );
}
