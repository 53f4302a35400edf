import { AXIS_OF, METHOD_IDS } from '../../core/compress/levels.ts';
import { METHODS } from '../../core/compress/methods.ts';
import type { MethodId } from '../../core/compress/recipe.ts';
import { REGIME_KEYS } from '../../core/recover/regime.ts';
import { type FigureExport, toEstimateCells, toEstimateColumns } from '../../ui/charts/figure-export.ts';
import { toLinearAxis, toOrderedAxis, type XyAxis, type XyLine, type XyPlot } from '../../ui/charts/xy-plot.ts';
import { formatShare } from '../../ui/format.ts';
import { MEASURES, type Measure } from './measures.ts';
import type { SourcedPoint } from './merge-results.ts';
import { isDense, isOutlined, POINT_COLUMNS, toLatestDate, toPointCells, toXyPoint } from './point-words.ts';

/** One measure over the levels of one method. */
export interface LevelPlot {
  method: MethodId;
  label: string;
  plot: XyPlot;
}

/** Room beside the first and the last sparsity, so that marks do not lie on the axis. */
const SPARSITY_PADDING = 0.03;

/** A plot per method that has points; all with the same axes, so that they can be held against each other. */
export function toLevelPlots(points: readonly SourcedPoint[], measure: Measure): readonly LevelPlot[] {
  const y = measure.toAxis(points.flatMap((point) => measure.read(point) ?? []));
  const dense = points.find(isDense);
  const estimate = dense === undefined ? null : measure.read(dense);
  const reference = estimate === null ? null : ({ key: 'dense', y: estimate } as const);
  return METHOD_IDS.flatMap((method) => {
    const own = points.filter((point) => point.method === method);
    if (own.length === 0) return [];
    const x = toLevelsAxis(method, points);
    const lines = REGIME_KEYS.flatMap((key): readonly XyLine[] => {
      const line = own
        .filter(({ regime }) => regime === key)
        .flatMap((point) =>
          toXyPoint(point, { x: point.level ?? 0, y: measure.read(point), isHollow: isOutlined(point, points) }),
        )
        .sort((one, other) => x.toShare(one.x) - x.toShare(other.x));
      return line.length === 0
        ? []
        : [{ key, points: line, path: line.map(({ x, y: { value } }) => ({ x, y: value })) }];
    });
    const plot: XyPlot = {
      x,
      y,
      lines,
      reference,
      isDodged: true,
      format: measure.format,
    };
    return [{ method, label: METHODS[method].label, plot }];
  });
}

/** Stronger compression to the right: sparsity and shares rise, bits fall. All methods of a kind share it. */
function toLevelsAxis(method: MethodId, points: readonly SourcedPoint[]): XyAxis {
  const axis = AXIS_OF[method];
  const levels = points.flatMap((point) =>
    point.method !== null && point.level !== null && AXIS_OF[point.method] === axis ? [point.level] : [],
  );
  if (axis === 'bits') {
    const falling = [...new Set(levels)].sort((one, other) => other - one);
    return toOrderedAxis('bits per weight', falling, String);
  }
  const from = Math.min(...levels) - SPARSITY_PADDING;
  return toLinearAxis(
    axis === 'share' ? 'share of units removed' : axis,
    from,
    Math.max(...levels) + SPARSITY_PADDING,
    (value) => formatShare(value, 0),
  );
}

/** Headings of the table of one measure. */
export function toLevelColumns({ label }: Measure): readonly string[] {
  return ['Recipe', 'Regime', label, '95 % interval', 'Items', 'Repair trained for', 'Source'];
}

/** All measures of all points, as files carry them. */
export function toLevelExport(pack: string, points: readonly SourcedPoint[], measure: Measure): FigureExport {
  return {
    pack,
    measure: measure.fileName,
    date: toLatestDate(points),
    columns: [
      ...POINT_COLUMNS,
      ...MEASURES.flatMap(({ label, unit }) => {
        const name = label.toLowerCase();
        return toEstimateColumns(name, unit, `${name} items`);
      }),
    ],
    rows: points.map((point) => [
      ...toPointCells(point),
      ...MEASURES.flatMap(({ read }) => toEstimateCells(read(point))),
    ]),
  };
}
