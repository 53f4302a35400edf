import { REGIME_KEYS } from '../../core/recover/regime.ts';
import { type FigureExport, toSubjectCells, toSubjectColumns } from '../../ui/charts/figure-export.ts';
import { toExtent } from '../../ui/charts/scale.ts';
import { toLinearAxis, toParetoFront, toSteps, type XyLine, type XyPlot } from '../../ui/charts/xy-plot.ts';
import { formatBytes, formatShare } from '../../ui/format.ts';
import { PAIRED_COLUMNS, toPairedCells } from '../../ui/paired-columns.ts';
import { toShareAxis } from './measures.ts';
import type { SourcedPoint } from './merge-results.ts';
import { PAIRED_HEADINGS } from './paired-words.ts';
import { POINT_COLUMNS, toLatestDate, toPointCells, toXyPoint } from './point-words.ts';

/** Room beside the smallest and the largest model, as a share of what lies between. */
const PADDING = 0.05;

/** Accuracy against stored bytes; the line of a regime is what it reaches with at most so many bytes. */
export function toParetoPlot(points: readonly SourcedPoint[]): XyPlot {
  const { least, most } = toExtent(points.map(({ storedBytes }) => storedBytes)) ?? { least: 0, most: 1 };
  const room = PADDING * (most - least || most);
  const frontIds = toFrontIds(points);
  const lines = REGIME_KEYS.flatMap((key): readonly XyLine[] => {
    const own = points.filter(({ regime }) => regime === key);
    const marks = own.flatMap((point) =>
      toXyPoint(point, {
        x: point.storedBytes,
        y: point.accuracy,
        points,
        isAccuracy: true,
        isFaint: !point.isShipped && !frontIds.has(point.id),
      }),
    );
    if (marks.length === 0) return [];
    const front = toParetoFront(marks.map(({ x, y }) => ({ x, y: y.value })));
    return [{ key, points: marks, path: toSteps(front, most + room) }];
  });
  return {
    x: toLinearAxis('stored bytes of the weights, with the repair', least - room, most + room, formatBytes),
    y: toShareAxis('exact match'),
    lines,
    reference: null,
    isDodged: false,
    format: formatShare,
  };
}

/** Ids of the points that no other point of the same regime beats in bytes and accuracy at once. */
export function toFrontIds(points: readonly SourcedPoint[]): ReadonlySet<string> {
  const ids = REGIME_KEYS.flatMap((key) => {
    const own = points.flatMap(({ id, regime, storedBytes, accuracy }) =>
      regime === key && accuracy !== null ? [{ id, x: storedBytes, y: accuracy.value }] : [],
    );
    return toParetoFront(own).map(({ id }) => id);
  });
  return new Set(ids);
}

export const PARETO_COLUMNS = [
  'Recipe and regime',
  'Shipped',
  'Stored',
  'Accuracy',
  '95 % interval',
  'Items',
  ...PAIRED_HEADINGS,
  'On the front',
  'Source',
];

export function toParetoExport(pack: string, points: readonly SourcedPoint[]): FigureExport {
  const front = toFrontIds(points);
  return {
    pack,
    measure: 'accuracy-by-bytes',
    date: toLatestDate(points),
    columns: [
      ...POINT_COLUMNS,
      ...toSubjectColumns('accuracy', 'share', 'items'),
      ...PAIRED_COLUMNS,
      { name: 'on the front of its regime' },
    ],
    rows: points.map((point) => [
      ...toPointCells(point),
      ...toSubjectCells(point.accuracy),
      ...toPairedCells(point.compared),
      front.has(point.id),
    ]),
  };
}
