import type { RegimeKey } from '../../core/recover/regime.ts';
import type { XyAxis, XyLine, XyPlot } from '../../ui/charts/xy-plot.ts';

/** One value per place along x; what is not finite is left out. */
export interface LayerLine {
  key: RegimeKey;
  values: readonly number[];
}

interface LayerPlotOptions {
  x: XyAxis;
  y: XyAxis;
  format: (value: number) => string;
  /** Names a place along x, such as `layer 2`. */
  toName: (place: number) => string;
}

/** One line per regime over the layers, each point a single value of one question. */
export function toLayerPlot(lines: readonly LayerLine[], { x, y, format, toName }: LayerPlotOptions): XyPlot {
  return {
    x,
    y,
    lines: lines.map(({ key, values }) => toLine(key, values, toName)),
    reference: null,
    isDodged: false,
    format,
    unit: null,
  };
}

function toLine(key: RegimeKey, values: readonly number[], toName: (place: number) => string): XyLine {
  const points = values.flatMap((value, place) => {
    if (!Number.isFinite(value)) return [];
    const look = { details: [], isHollow: false, isRimmed: false, isFaint: false };
    return [
      { id: `${key} ${place}`, x: place, y: { value, low: null, high: null, n: 1 }, name: toName(place), ...look },
    ];
  });
  return { key, points, path: points.map(({ x, y }) => ({ x, y: y.value })) };
}
