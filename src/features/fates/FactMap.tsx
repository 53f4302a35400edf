import { type KeyboardEvent, memo, type PointerEvent, useCallback, useEffect, useMemo, useRef } from 'react';
import { FATES, type Fate } from '../../core/eval/fates.ts';
import { useBox } from '../../ui/charts/use-box.ts';
import { useRepaint } from '../../ui/charts/use-repaint.ts';
import { toFateLook } from '../../ui/fate-look.ts';
import { formatCount } from '../../ui/format.ts';
import { drawMap, type MapColors } from './draw-map.ts';
import styles from './FactMap.module.css';
import { type FactRow, toGroups } from './fact-rows.ts';
import { cellAfterKey, cellAt, type MapLayout, placeOf, toMapLayout } from './map-layout.ts';

interface FactMapProps {
  rows: readonly FactRow[];
  /** Fates that are drawn in colour. */
  shown: ReadonlySet<Fate>;
  /** The fact that is looked at; null for none. */
  active: number | null;
  onActive: (index: number | null) => void;
  onAsk: (index: number) => void;
}

/** One cell per fact on a canvas; one button lies over it, so that pointer, touch and keyboard all reach every cell. */
export function FactMap(props: FactMapProps) {
  const [ref, box] = useBox();
  const groups = useMemo(() => toGroups(props.rows), [props.rows]);
  const layout = useMemo(() => (box === null ? null : toMapLayout(groups, box.width, box.rem)), [groups, box]);
  return (
    <div ref={ref} className={styles.map} style={layout === null ? {} : { minBlockSize: layout.height }}>
      {layout === null ? null : <Cells {...props} layout={layout} />}
    </div>
  );
}

type GroundProps = Pick<FactMapProps, 'rows' | 'shown'> & { layout: MapLayout };

/** The cells and their labels: nothing here moves with the pointer. */
const Ground = memo(function Ground({ rows, shown, layout }: GroundProps) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const paletteRef = useRef<HTMLSpanElement>(null);
  useRepaint(
    useCallback(() => {
      const context = canvasRef.current?.getContext('2d');
      const colors = readColors(paletteRef.current);
      if (context && colors) drawMap(context, layout, rows, { shown, colors, ratio: window.devicePixelRatio || 1 });
    }, [layout, rows, shown]),
  );
  return (
    <>
      <span ref={paletteRef} hidden>
        {FATES.map((fate) => (
          <span key={fate} style={{ color: toFateLook(fate).color }} />
        ))}
        <span style={{ color: 'var(--line-strong)' }} />
        <span style={{ color: 'var(--panel)' }} />
      </span>
      <canvas
        ref={canvasRef}
        className={styles.canvas}
        style={{ inlineSize: layout.width, blockSize: layout.height }}
      />
      {layout.blocks.map(({ relation, isFirstOfDomain, top, count }) => (
        <span
          key={relation.id}
          className={styles.label}
          data-wide={layout.isWide}
          style={{ insetBlockStart: top }}
          aria-hidden="true"
        >
          {isFirstOfDomain || !layout.isWide ? (
            <span className={styles.domain}>{relation.domain.replaceAll('_', ' ')}</span>
          ) : (
            <span />
          )}
          <span className={styles.relation}>{relation.label}</span>
          <span className={styles.count}>{count}</span>
        </span>
      ))}
    </>
  );
});

/** What is looked at, over the ground: a ring of its own, so that no cell is drawn anew for it. */
function Cells({ rows, shown, active, onActive, onAsk, layout }: FactMapProps & { layout: MapLayout }) {
  const ringRef = useRef<HTMLSpanElement>(null);
  const isByKeyRef = useRef(false);

  // The map is higher than many windows; a pointer is where it is, but keys lead out of sight.
  useEffect(() => {
    if (active !== null && isByKeyRef.current) ringRef.current?.scrollIntoView({ block: 'nearest' });
    isByKeyRef.current = false;
  }, [active]);

  const cellOf = (event: PointerEvent<HTMLButtonElement> | React.MouseEvent<HTMLButtonElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return cellAt(layout, event.clientX - left, event.clientY - top);
  };
  // A finger comes down without having moved, and before the focus.
  const look = (event: PointerEvent<HTMLButtonElement>) => {
    const cell = cellOf(event);
    if (cell !== null && cell !== active) onActive(cell);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onActive(null);
    if (!/^(Arrow|Page|Home|End)/.test(event.key)) return;
    const next = cellAfterKey(layout, active ?? 0, event.key);
    event.preventDefault();
    isByKeyRef.current = true;
    onActive(active === null ? 0 : next);
  };
  const ring = active === null ? null : placeOf(layout, active);
  return (
    <>
      <Ground rows={rows} shown={shown} layout={layout} />
      <button
        type="button"
        className={styles.button}
        aria-label={`Fact map, ${formatCount(rows.length)} facts. Arrow keys go from fact to fact, Enter asks one on the board.`}
        onFocus={() => onActive(active ?? 0)}
        onPointerMove={look}
        onPointerDown={look}
        onClick={(event) => {
          // A click without a pointer is Enter or Space.
          const cell = event.detail === 0 ? active : cellOf(event);
          if (cell !== null) onAsk(cell);
        }}
        onKeyDown={onKeyDown}
      />
      {ring === null ? null : (
        <span
          ref={ringRef}
          className={styles.ring}
          style={{
            transform: `translate(${ring.x}px, ${ring.y}px)`,
            inlineSize: layout.side,
            blockSize: layout.side,
          }}
          data-export="no"
        />
      )}
    </>
  );
}

/** Colours as the page computes them now; null before it is laid out. */
function readColors(palette: HTMLElement | null): MapColors | null {
  if (palette === null) return null;
  const values = [...palette.children].map((swatch) => getComputedStyle(swatch).color);
  const [line = '', panel = ''] = values.slice(FATES.length);
  return { fates: new Map(FATES.map((fate, i) => [fate, values[i] ?? ''])), line, panel };
}
