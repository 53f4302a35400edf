import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { formatCount } from '../format.ts';
import styles from './CanvasHeatMap.module.css';
import { drawHatch, drawHeat, drawRamp } from './draw-heat.ts';
import { HeatLabels } from './HeatLabels.tsx';
import { HeatLegend, RAMP } from './HeatLegend.tsx';
import { toBinnedHeat } from './heat-bins.ts';
import { type HeatScale, toShades } from './heat-colors.ts';
import {
  type HeatCellPlace,
  type HeatLabel,
  type HeatLayout,
  heatCellAfterKey,
  heatCellAt,
  toHeatLayout,
} from './heat-layout.ts';
import { useBox } from './use-box.ts';
import { useRepaint } from './use-repaint.ts';

interface CanvasHeatMapProps {
  /** Names the map for those who do not see it, such as `Attention of IDP, layer 2, mean over heads`. */
  title: string;
  /** What a row and a column are, such as `from` and `to`: stands before their labels in the readout. */
  rowTitle: string;
  columnTitle: string;
  rows: readonly HeatLabel[]; // [R]
  /** Columns of another group stand apart under its name. */
  columns: readonly HeatLabel[]; // [C]
  /** `[R][C]`; null and NaN are drawn as not there. */
  values: readonly ArrayLike<number | null>[];
  scale: HeatScale;
  format: (value: number) => string;
  /** What the scale measures, short: stands before its legend. */
  legend: string;
  /** Read out where a value is null or NaN. */
  missing?: string;
  /** The cell that is read out, where several maps share it; without, the map keeps its own. */
  active?: HeatCellPlace | null;
  onActive?: (place: HeatCellPlace | null) => void;
}

/** Values by row and column on a canvas; one stop of the Tab key, arrow keys from cell to cell, each read out. */
export function CanvasHeatMap(props: CanvasHeatMapProps) {
  const binned = useMemo(
    () => toBinnedHeat({ rows: props.rows, columns: props.columns, values: props.values }),
    [props.rows, props.columns, props.values],
  );
  const { rows, columns, values, rowsInOne, columnsInOne } = binned;
  const [ref, box] = useBox();
  const layout = useMemo(
    () => (box === null ? null : toHeatLayout(rows, columns, box.width, box.rem)),
    [rows, columns, box],
  );
  if (rows.length === 0 || columns.length === 0) return <p className={styles.empty}>Nothing to draw.</p>;
  return (
    <div ref={ref} className={styles.map}>
      {layout === null ? null : <Laid {...props} rows={rows} columns={columns} values={values} layout={layout} />}
      {rowsInOne * columnsInOne === 1 ? null : (
        <p className={styles.note}>
          {formatCount(props.rows.length)} rows and {formatCount(props.columns.length)} columns are more than a page can
          show: a cell is the mean of {rowsInOne} × {columnsInOne} values. The figure’s files have all.
        </p>
      )}
    </div>
  );
}

function Laid(props: CanvasHeatMapProps & { layout: HeatLayout }) {
  const { title, rows, columns, values, scale, format, legend, layout, missing = 'not there' } = props;
  const readoutId = useId();
  const [own, setOwn] = useState<HeatCellPlace | null>(null);
  const active = props.active === undefined ? own : props.active;
  const setActive = props.onActive ?? setOwn;
  const [spoken, setSpoken] = useState('');
  const ringRef = useRef<HTMLSpanElement>(null);
  const isByKeyRef = useRef(false);
  const { canvasRef, rampRef, hatchRef, paletteRef } = useDrawing(values, scale, layout);

  // A pointer is where it is, but keys lead out of sight where the map scrolls.
  useEffect(() => {
    if (active !== null && isByKeyRef.current) ringRef.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    isByKeyRef.current = false;
  }, [active]);

  const toReadout = (place: HeatCellPlace) => {
    const value = values[place.row]?.[place.column] ?? Number.NaN;
    const row = `${props.rowTitle} ${rows[place.row]?.text ?? ''}`.trim();
    const column = columns[place.column];
    const group = column?.group ? ` (${column.group})` : '';
    return `${row}, ${props.columnTitle} ${column?.text ?? ''}${group}: ${Number.isNaN(value) ? missing : format(value)}`;
  };
  const look = (event: PointerEvent<HTMLButtonElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const place = heatCellAt(layout, event.clientX - left, event.clientY - top);
    if (place?.row !== active?.row || place?.column !== active?.column) setActive(place);
  };
  const goTo = (place: HeatCellPlace) => {
    isByKeyRef.current = true;
    setActive(place);
    setSpoken(toReadout(place));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setActive(null);
    const next = heatCellAfterKey(layout, active ?? { row: 0, column: 0 }, event.key);
    if (next === null) return;
    event.preventDefault();
    goTo(active === null ? { row: 0, column: 0 } : next);
  };
  // Another question or layer may have fewer cells.
  const shown = active !== null && active.row < rows.length && active.column < columns.length ? active : null;
  const isMissingSome = useMemo(() => values.some((row) => Array.from(row).some(isMissing)), [values]);
  return (
    <>
      <span ref={paletteRef} hidden>
        {PALETTES[scale.kind].map((color) => (
          <span key={color} style={{ color }} />
        ))}
        <span style={{ color: 'var(--line-strong)' }} />
      </span>
      <HeatLegend
        rampRef={rampRef}
        hatchRef={hatchRef}
        title={legend}
        scale={scale}
        format={format}
        missing={isMissingSome ? missing : null}
      />
      <div className={styles.scroll}>
        <div className={styles.ground} style={{ gridTemplateColumns: `${layout.rowLabels}px ${layout.width}px` }}>
          <HeatLabels layout={layout} active={shown} />
          <div className={styles.cells} style={{ inlineSize: layout.width, blockSize: layout.height }}>
            <canvas ref={canvasRef} className={styles.canvas} />
            <button
              type="button"
              className={styles.button}
              aria-label={`${title}: ${rows.length} rows, ${columns.length} columns. Arrow keys go from cell to cell.`}
              aria-describedby={readoutId}
              onFocus={() => {
                if (shown === null) goTo({ row: 0, column: 0 });
              }}
              onPointerMove={look}
              onPointerDown={look}
              onPointerLeave={(event) => {
                if (event.pointerType === 'mouse' && document.activeElement !== event.currentTarget) setActive(null);
              }}
              onKeyDown={onKeyDown}
            />
            {shown === null ? null : <Ring ref={ringRef} layout={layout} place={shown} />}
          </div>
        </div>
      </div>
      <p
        className={styles.readout}
        data-export="no"
        aria-hidden="true"
        {...(shown === null ? {} : { 'data-has-value': '' })}
      >
        {shown === null ? 'Point at a cell, or use the arrow keys, for its value.' : toReadout(shown)}
      </p>
      <p id={readoutId} className="visually-hidden" role="status">
        {spoken}
      </p>
    </>
  );
}

function isMissing(value: number | null): boolean {
  return value === null || Number.isNaN(value);
}

/** Draws the map and its legend, and again when the page's colours change. */
function useDrawing(values: readonly ArrayLike<number | null>[], scale: HeatScale, layout: HeatLayout) {
  const { kind, most, isRoot = false } = scale;
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const rampRef = useRef<HTMLCanvasElement>(null);
  const hatchRef = useRef<HTMLCanvasElement>(null);
  const paletteRef = useRef<HTMLSpanElement>(null);
  useRepaint(
    useCallback(() => {
      const colors = [...(paletteRef.current?.children ?? [])].map((swatch) => getComputedStyle(swatch).color);
      const hatch = colors.at(-1) ?? '';
      const shades = toShades(colors.slice(0, -1));
      const cells = canvasRef.current?.getContext('2d');
      if (cells)
        drawHeat(cells, layout, values, { kind, most, isRoot }, { shades, hatch }, window.devicePixelRatio || 1);
      const ramp = rampRef.current?.getContext('2d');
      if (ramp) drawRamp(ramp, shades);
      const swatch = hatchRef.current?.getContext('2d');
      if (!swatch) return;
      swatch.clearRect(0, 0, RAMP.height, RAMP.height);
      drawHatch(swatch, { left: 0, top: 0, width: RAMP.height, height: RAMP.height }, hatch, RAMP.ratio);
    }, [values, kind, most, isRoot, layout]),
  );
  return { canvasRef, rampRef, hatchRef, paletteRef };
}

const PALETTES: Readonly<Record<HeatScale['kind'], readonly string[]>> = {
  sequential: ['var(--shade-least)', 'var(--shade-middle)', 'var(--shade-most)'],
  diverging: ['var(--shade-below)', 'var(--shade-none)', 'var(--shade-above)'],
};

interface RingProps {
  ref: React.Ref<HTMLSpanElement>;
  layout: HeatLayout;
  place: HeatCellPlace;
}

/** Marks the cell that is read out. */
function Ring({ ref, layout, place }: RingProps) {
  const row = layout.rows[place.row];
  const column = layout.columns[place.column];
  if (row === undefined || column === undefined) return null;
  return (
    <span
      ref={ref}
      className={styles.ring}
      style={{
        insetInlineStart: column.start,
        insetBlockStart: row.start,
        inlineSize: column.size,
        blockSize: row.size,
      }}
      data-export="no"
    />
  );
}
