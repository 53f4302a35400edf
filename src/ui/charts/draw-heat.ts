import { type HeatScale, toShadeIndex } from './heat-colors.ts';
import type { HeatLayout } from './heat-layout.ts';

/** Colours as a canvas takes them: shades from the scale's one end to the other, and the lines of what is not there. */
export interface HeatPaint {
  shades: readonly string[];
  hatch: string;
}

/** Below this width in pixels cells touch: a gap would take more than it tells apart. */
const LEAST_FOR_GAP = 7;
const HATCH_STEP = 4;

/** Draws every cell at whole pixels of the screen, so that edges are crisp at any `ratio` of those per CSS pixel. */
export function drawHeat(
  context: CanvasRenderingContext2D,
  layout: HeatLayout,
  values: readonly ArrayLike<number | null>[],
  scale: HeatScale,
  { shades, hatch }: HeatPaint,
  ratio: number,
): void {
  const { canvas } = context;
  canvas.width = Math.max(1, Math.round(layout.width * ratio));
  canvas.height = Math.max(1, Math.round(layout.height * ratio));
  for (const [r, row] of layout.rows.entries()) {
    const [top, height] = toPixels(row, ratio);
    for (const [c, column] of layout.columns.entries()) {
      const [left, width] = toPixels(column, ratio);
      const shade = toShadeIndex(values[r]?.[c], scale);
      if (shade === null) {
        drawHatch(context, { left, top, width, height }, hatch, ratio);
        continue;
      }
      context.fillStyle = shades[shade] ?? hatch;
      context.fillRect(left, top, width, height);
    }
  }
}

/** Draws the scale itself, from its low end to its high one, over the whole canvas. */
export function drawRamp(context: CanvasRenderingContext2D, shades: readonly string[]): void {
  const { width, height } = context.canvas;
  for (let x = 0; x < width; x += 1) {
    context.fillStyle = shades[Math.round((x / Math.max(1, width - 1)) * (shades.length - 1))] ?? '';
    context.fillRect(x, 0, 1, height);
  }
}

interface PixelBox {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Slanted lines: what is not there is no shade of what is. */
export function drawHatch(context: CanvasRenderingContext2D, box: PixelBox, color: string, ratio: number): void {
  const { left, top, width, height } = box;
  const step = HATCH_STEP * ratio;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.strokeStyle = color;
  context.lineWidth = Math.max(1, ratio / 2);
  context.beginPath();
  // Lines run on from cell to cell.
  for (let sum = Math.ceil((left + top) / step) * step; sum < left + top + width + height; sum += step) {
    context.moveTo(sum - top, top);
    context.lineTo(sum - top - height, top + height);
  }
  context.stroke();
  context.restore();
}

function toPixels({ start, size }: { start: number; size: number }, ratio: number): readonly [number, number] {
  const from = Math.round(start * ratio);
  const gap = size >= LEAST_FOR_GAP ? Math.max(1, Math.round(ratio)) : 0;
  return [from, Math.max(1, Math.round((start + size) * ratio) - from - gap)];
}
