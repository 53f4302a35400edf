import { type KeyboardEvent, type MouseEvent, type PointerEvent, useCallback, useMemo, useRef, useState } from 'react';
import type { MatrixReport } from '../../core/inside/capture.ts';
import { toZeroMap, type ZeroMap } from '../../core/inside/matrix-figures.ts';
import { type Box, useBox } from '../../ui/charts/use-box.ts';
import { useRepaint } from '../../ui/charts/use-repaint.ts';
import { formatCount, formatShare } from '../../ui/format.ts';
import styles from './PatternFigure.module.css';
import type { Direction, PatternWindow } from './pattern-window.ts';
import { toWeightText } from './weight-words.ts';

interface PatternBitmapProps {
  matrix: MatrixReport['before'];
  window: PatternWindow;
  label: string;
  onMove: (direction: Direction) => void;
  /** A weight was pressed: what is around it is wanted nearer. */
  onZoomAt: (middle: { row: number; column: number }) => void;
}

/** Zeros stay the ground's colour, all other weights are ink; where a pixel holds several weights, its shade is their share. */
export function PatternBitmap(props: PatternBitmapProps) {
  const [ref, box] = useBox();
  return (
    <div ref={ref} className={styles.bitmap}>
      {box === null ? null : <Bitmap {...props} box={box} />}
    </div>
  );
}

const KEYS: ReadonlyMap<string, Direction> = new Map([
  ['ArrowLeft', 'left'],
  ['ArrowRight', 'right'],
  ['ArrowUp', 'up'],
  ['ArrowDown', 'down'],
]);

function Bitmap({ matrix, window: seen, label, onMove, onZoomAt, box }: PatternBitmapProps & { box: Box }) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<{ row: number; column: number } | null>(null);
  const { row, column, rows, columns } = seen;
  const { map, scale, width, height } = useMemo(
    () => toFitting(matrix, { row, column, rows, columns }, { width: box.width, height: MOST_HEIGHT * box.rem }),
    [matrix, row, column, rows, columns, box.width, box.rem],
  );
  useRepaint(
    useCallback(() => {
      if (canvasRef.current !== null) paint(canvasRef.current, map, scale);
    }, [map, scale]),
  );
  const toPlace = (event: PointerEvent<HTMLButtonElement> | MouseEvent<HTMLButtonElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const within = (share: number, most: number) => Math.min(most - 1, Math.max(0, Math.floor(share * most)));
    return {
      row: seen.row + within((event.clientY - top) / height, seen.rows),
      column: seen.column + within((event.clientX - left) / width, seen.columns),
    };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = KEYS.get(event.key);
    if (direction === undefined) return;
    event.preventDefault();
    setPointed(null);
    onMove(direction);
  };
  return (
    <>
      <div className={styles.pixels} style={{ inlineSize: width, blockSize: height }}>
        <canvas ref={canvasRef} className={styles.canvas} />
        <button
          type="button"
          className={styles.over}
          aria-label={label}
          onPointerMove={(event) => setPointed(toPlace(event))}
          onPointerLeave={() => setPointed(null)}
          onKeyDown={onKeyDown}
          // Not by Enter: the picture would go from under the focus; the buttons above zoom too.
          onClick={(event) => {
            if (event.detail > 0) onZoomAt(toPlace(event));
          }}
        />
      </div>
      <p className={styles.readout} data-export="no" aria-hidden="true">
        {pointed === null
          ? 'Point at a weight for its value; press to zoom in there. Arrow keys move once zoomed in.'
          : toWeightText(matrix, pointed.row, pointed.column)}
      </p>
    </>
  );
}

/** In rem: the whole picture stays on a screen. */
const MOST_HEIGHT = 36;

/** From so many pixels of the screen per block on, blocks are whole numbers of pixels. */
const CRISP = 3;

/** The window in as many blocks as there are pixels for, the canvas's pixels per block, and its size in CSS pixels. */
function toFitting(matrix: MatrixReport['before'], seen: PatternWindow, box: { width: number; height: number }) {
  const ratio = window.devicePixelRatio || 1;
  const most = { rows: Math.floor(box.height * ratio), columns: Math.floor(box.width * ratio) };
  const perBlock = Math.max(1, Math.ceil(Math.max(seen.rows / most.rows, seen.columns / most.columns)));
  const map = toZeroMap(matrix, seen, {
    rows: Math.ceil(seen.rows / perBlock),
    columns: Math.ceil(seen.columns / perBlock),
  });
  const fit = Math.max(1, Math.min(most.rows / map.rows, most.columns / map.columns));
  // Few pixels per block are shrunk by the browser from the next whole number, which leaves no pattern of its own.
  const isCrisp = fit >= CRISP;
  const scale = isCrisp ? Math.floor(fit) : Math.ceil(fit);
  const shown = (isCrisp ? scale : fit) / ratio;
  return { map, scale, width: map.columns * shown, height: map.rows * shown };
}

/** Paints a map in the canvas's own colour, as strongly as a block has weights that are not 0. */
function paint(canvas: HTMLCanvasElement, { rows, columns, shares }: ZeroMap, scale: number): void {
  const context = canvas.getContext('2d');
  canvas.width = Math.max(1, columns * scale);
  canvas.height = Math.max(1, rows * scale);
  if (!context) return;
  context.fillStyle = getComputedStyle(canvas).color;
  for (const [block, share] of shares.entries()) {
    if (share === 1) continue;
    context.globalAlpha = 1 - share;
    context.fillRect((block % columns) * scale, Math.floor(block / columns) * scale, scale, scale);
  }
}

/** What the picture shows, for those who do not see it. */
export function toPatternLabel(name: string, seen: PatternWindow, zeros: number): string {
  const across = `outputs ${formatCount(seen.row + 1)} to ${formatCount(seen.row + seen.rows)}, inputs ${formatCount(seen.column + 1)} to ${formatCount(seen.column + seen.columns)}`;
  return `Sparsity pattern of ${name}, ${across}: ${formatShare(zeros)} zeros. Arrow keys move.`;
}
