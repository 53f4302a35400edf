import { FATES, type Fate } from '../../core/eval/fates.ts';
import type { FactRow } from './fact-rows.ts';
import { type MapLayout, placeOf } from './map-layout.ts';

/** Colours as a canvas takes them. */
export interface MapColors {
  fates: ReadonlyMap<Fate, string>;
  line: string;
  panel: string;
}

interface DrawOptions {
  shown: ReadonlySet<Fate>;
  colors: MapColors;
  /** Pixels of the screen per CSS pixel. */
  ratio: number;
}

/** Side of the dot that stands for a fact whose fate is not shown. */
const DOT = 2;

/** Draws every cell, fate by fate, so that the colour changes six times only; some fates have a mark besides their colour. */
export function drawMap(
  context: CanvasRenderingContext2D,
  layout: MapLayout,
  rows: readonly FactRow[],
  { shown, colors, ratio }: DrawOptions,
): void {
  const { canvas } = context;
  canvas.width = Math.round(layout.width * ratio);
  canvas.height = Math.round(layout.height * ratio);
  context.scale(ratio, ratio);
  const places = new Map<Fate, { x: number; y: number }[]>(FATES.map((fate) => [fate, []]));
  for (const [i, { fate }] of rows.entries()) places.get(fate)?.push(placeOf(layout, i));
  for (const [fate, cells] of places) {
    if (shown.has(fate)) drawFate(context, fate, cells, layout.side, colors);
    else drawDots(context, cells, layout.side, colors);
  }
}

function drawFate(
  context: CanvasRenderingContext2D,
  fate: Fate,
  cells: readonly { x: number; y: number }[],
  side: number,
  { fates, line, panel }: MapColors,
): void {
  context.fillStyle = fates.get(fate) ?? line;
  if (fate === 'never-known') {
    context.strokeStyle = line;
    context.lineWidth = 1;
    for (const { x, y } of cells) context.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
    return;
  }
  for (const { x, y } of cells) context.fillRect(x, y, side, side);
  if (fate === 'broken') {
    context.strokeStyle = panel;
    context.lineWidth = 1.5;
    context.beginPath();
    for (const { x, y } of cells) {
      context.moveTo(x, y + side);
      context.lineTo(x + side, y);
    }
    context.stroke();
  }
  if (fate === 'relearned') {
    context.fillStyle = panel;
    const dot = Math.max(2, Math.round(side / 4));
    for (const { x, y } of cells) context.fillRect(x + (side - dot) / 2, y + (side - dot) / 2, dot, dot);
  }
}

function drawDots(
  context: CanvasRenderingContext2D,
  cells: readonly { x: number; y: number }[],
  side: number,
  { line }: MapColors,
): void {
  context.fillStyle = line;
  for (const { x, y } of cells) context.fillRect(x + (side - DOT) / 2, y + (side - DOT) / 2, DOT, DOT);
}
