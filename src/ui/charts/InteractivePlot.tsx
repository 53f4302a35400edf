import { type KeyboardEvent, memo, useEffect, useState } from 'react';
import { ComposedChart, Scatter, Tooltip, usePlotArea, XAxis, YAxis } from 'recharts';
import { Crosshair } from './Crosshair.tsx';
import styles from './InteractivePlot.module.css';
import { PlotGround } from './PlotGround.tsx';
import { type Plot, type PlotRow, toFitting } from './plot.ts';
import { Readout } from './Readout.tsx';
import { RowMarks } from './RowMarks.tsx';
import { useOwnTurn } from './use-in-turn.ts';

interface InteractivePlotProps {
  plot: Plot;
  /** Says what is plotted and how to move in it. */
  label: string;
  /** Plots with the same id point at the same regime. */
  syncId?: string;
  /** Called once the marks are on the page, so that what stood in for them can go. */
  onDrawn: () => void;
}

const NO_MARGIN = { top: 0, right: 0, bottom: 0, left: 0 };
const FILL = { width: '100%', height: '100%' };

/** The plot drawn by recharts in the same places as `StaticPlot`, with a readout and crosshair for pointer and keyboard. */
export const InteractivePlot = memo(function InteractivePlot({ plot, label, syncId, onDrawn }: InteractivePlotProps) {
  const { rows, scale } = plot;
  const [readoutPlace, setReadoutPlace] = useState<HTMLDivElement | null>(null);
  // The library makes its store and axes in one task, and what stands in them in the next.
  const hasTurn = useOwnTurn();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only passes on what the focusable chart inside is sent
    <div
      className={styles.plot}
      // A click would leave the readout of the keyboard open behind that of the pointer.
      onMouseDown={(event) => event.preventDefault()}
      onKeyDownCapture={passOnKey}
    >
      <ComposedChart
        layout="vertical"
        data={rows}
        responsive
        style={FILL}
        margin={NO_MARGIN}
        accessibilityLayer
        aria-label={label}
        {...(syncId === undefined ? {} : { syncId, syncMethod: 'value' as const })}
      >
        <XAxis type="number" hide domain={[0, scale.max]} ticks={scale.ticks} />
        <YAxis type="category" dataKey="key" hide scale="band" interval={0} />
        {hasTurn ? (
          <>
            <PlotGround plot={plot} />
            <Crosshair plot={plot} />
            <Rows plot={plot} />
            <Tooltip
              portal={readoutPlace}
              cursor={false}
              isAnimationActive={false}
              content={({ active, label: key, coordinate }) => {
                const index = active ? rows.findIndex((row) => row.key === key) : -1;
                return index < 0 ? null : <Readout plot={plot} index={index} x={coordinate?.x ?? 0} />;
              }}
            />
            <Drawn onDrawn={onDrawn} />
          </>
        ) : null}
      </ComposedChart>
      <div ref={setReadoutPlace} role="status" />
    </div>
  );
});

/**
 * The marks of all rows as one series: recharts places the rows, `RowMarks` draws in them. A series of its own for every mark and every
 * interval would bring its store to compute them all anew for each that is made.
 */
function Rows({ plot }: { plot: Plot }) {
  const area = usePlotArea();
  if (area === undefined) return null;
  const height = area.height / plot.rows.length;
  return (
    <Scatter
      dataKey={(row: PlotRow) => toFirstValue(plot, row)}
      isAnimationActive={false}
      shape={({ cy, payload }: { cy?: number | undefined; payload?: PlotRow }) =>
        cy === undefined || payload === undefined ? (
          <g />
        ) : (
          <svg
            x={area.x}
            y={cy - height / 2}
            width={area.width}
            height={height}
            overflow="visible"
            aria-hidden="true"
            data-row={payload.key}
          >
            <RowMarks plot={plot} row={payload} />
          </svg>
        )
      }
    />
  );
}

/** Where recharts takes a row to be; null where it has nothing to draw. */
function toFirstValue({ scale }: Plot, { marks }: PlotRow): number | null {
  const estimates = marks.map(({ estimate }) => toFitting(estimate, scale));
  return estimates.find((estimate) => estimate !== null)?.value ?? null;
}

/** Tells once that the chart has a size and so its marks. */
function Drawn({ onDrawn }: { onDrawn: () => void }) {
  const area = usePlotArea();
  const hasSize = area !== undefined && area.width > 0 && area.height > 0;
  useEffect(() => {
    if (!hasSize) return;
    const frame = requestAnimationFrame(onDrawn);
    return () => cancelAnimationFrame(frame);
  }, [hasSize, onDrawn]);
  return null;
}

/** A key that recharts is sent in place of the one that was pressed. */
class PassedOnKey extends window.KeyboardEvent {}

/**
 * Keys down and right go to the next row, up and left back.
 * recharts 3.10.1 knows left and right only and goes down a vertical layout with the left one (`selectChartDirection`).
 */
function passOnKey(event: KeyboardEvent): void {
  if (event.nativeEvent instanceof PassedOnKey) return;
  const key = KEYS.get(event.key);
  if (key === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  event.target.dispatchEvent(new PassedOnKey('keydown', { key, bubbles: true }));
}

const KEYS: ReadonlyMap<string, string> = new Map([
  ['ArrowDown', 'ArrowLeft'],
  ['ArrowRight', 'ArrowLeft'],
  ['ArrowUp', 'ArrowRight'],
  ['ArrowLeft', 'ArrowRight'],
]);
