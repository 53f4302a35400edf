import { type KeyboardEvent, useEffect, useState } from 'react';
import { ComposedChart, ErrorBar, Scatter, Tooltip, usePlotArea, XAxis, YAxis } from 'recharts';
import { RegimeShapePath } from '../RegimeMark.tsx';
import { toRegimeLook } from '../regime-look.ts';
import { Crosshair } from './Crosshair.tsx';
import styles from './InteractivePlot.module.css';
import { PlotGround } from './PlotGround.tsx';
import { type Plot, type PlotMark, type PlotRow, toFitting } from './plot.ts';
import { Readout } from './Readout.tsx';

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

/** Half the length of a whisker's ends, in pixels. */
const WHISKER_END = 4;

/** The plot drawn by recharts in the same places as `StaticPlot`, with a readout and crosshair for pointer and keyboard. */
export function InteractivePlot({ plot, label, syncId, onDrawn }: InteractivePlotProps) {
  const { rows, scale } = plot;
  const [readoutPlace, setReadoutPlace] = useState<HTMLDivElement | null>(null);
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
        <PlotGround plot={plot} />
        <Crosshair plot={plot} />
        {rows.flatMap((row) =>
          row.marks.map((mark) => <Mark key={`${row.key} ${mark.name}`} plot={plot} row={row} mark={mark} />),
        )}
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
      </ComposedChart>
      <div ref={setReadoutPlace} role="status" />
    </div>
  );
}

interface MarkProps {
  plot: Plot;
  row: PlotRow;
  mark: PlotMark;
}

/** One estimate as a series of its own, so that its interval has its regime's colour. */
function Mark({ plot, row, mark }: MarkProps) {
  const area = usePlotArea();
  const estimate = toFitting(mark.estimate, plot.scale);
  if (area === undefined || estimate === null) return null;
  const rowHeight = area.height / plot.rows.length;
  const shift = (mark.top - 0.5) * rowHeight;
  const { color } = toRegimeLook(row.key);
  const { value, low, high } = estimate;
  return (
    <Scatter
      name={`${row.key} ${mark.name}`}
      dataKey={(other: PlotRow) => (other.key === row.key ? value : null)}
      isAnimationActive={false}
      shape={({ cx, cy }: { cx: number | undefined; cy: number | undefined }) => {
        if (cx === undefined || cy === undefined || !Number.isFinite(cx)) return <g />;
        if (mark.look === 'line') {
          const reach = 0.3 * rowHeight;
          const across = { x1: cx, x2: cx, y1: cy - reach, y2: cy + reach };
          return <line {...across} stroke="var(--ink-3)" strokeWidth="2" strokeDasharray="3 2" />;
        }
        return (
          <g transform={`translate(${cx} ${cy + shift})`}>
            {plot.hasStem ? <line x1={area.x - cx} x2="0" stroke={color} strokeWidth="5" opacity="0.22" /> : null}
            <RegimeShapePath regime={row.key} isHollow={mark.look === 'hollow'} />
          </g>
        );
      }}
    >
      {mark.look === 'line' || low === null || high === null ? null : (
        <ErrorBar
          direction="x"
          dataKey={() => [value - low, high - value]}
          width={WHISKER_END}
          strokeWidth={1.5}
          stroke={color}
          isAnimationActive={false}
          transform={`translate(0 ${shift})`}
        />
      )}
    </Scatter>
  );
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
