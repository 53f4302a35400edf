import type { SweepPoint } from '../../state/sweep-state.ts';
import { toSourceText } from '../../ui/captions.ts';
import type { ExportCell } from '../../ui/charts/figure-export.ts';
import type { XyPoint } from '../../ui/charts/xy-plot.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';
import { type SourcedPoint, toSources } from './merge-results.ts';

/** `recorded` or `measured here`. */
export function toSourceWord({ source }: SourcedPoint): string {
  return source.kind === 'recorded' ? 'recorded' : 'measured here';
}

/** What a readout says of a point beside its value. */
export function toPointDetails(point: SourcedPoint): readonly string[] {
  const transferred = point.transferredFrom === null ? [] : [`repair transferred from ${point.transferredFrom}`];
  return [formatBytes(point.storedBytes), ...transferred, toSourceWord(point)];
}

/** Recorded points are outlined where live ones stand beside them. */
export function isOutlined(point: SourcedPoint, points: readonly SourcedPoint[]): boolean {
  return point.source.kind === 'recorded' && toSources(points).length > 1;
}

/** A point as a plot takes it; null where the measure has no figure for it. */
export function toXyPoint(
  point: SourcedPoint,
  { x, y, isHollow }: { x: number; y: XyPoint['y'] | null; isHollow: boolean },
): readonly XyPoint[] {
  return y === null ? [] : [{ id: point.id, x, y, name: point.label, details: toPointDetails(point), isHollow }];
}

/** How many repairs were trained for another recipe, how to tell recorded from live points, and where both were made. */
export function toSourcesText(points: readonly SourcedPoint[]): string {
  const sources = toSources(points);
  const moved = points.filter(({ transferredFrom }) => transferredFrom !== null).length;
  const transferred =
    moved === 0
      ? ''
      : `In ${formatCount(moved)} of ${formatCount(points.length)} points the repair was trained for another recipe; the readout names it. `;
  const marks = sources.length > 1 ? 'Outlined marks are recorded, filled ones measured here. ' : '';
  return `${transferred}${marks}${sources.map(toSourceText).join(' ')}`;
}

/** The latest date of some points; null without points. */
export function toLatestDate(points: readonly SourcedPoint[]): string | null {
  return (
    points
      .map(({ source }) => source.date)
      .sort()
      .at(-1) ?? null
  );
}

/** The columns that tell which point a row of a data file is about. */
export const POINT_COLUMNS = [
  { name: 'method' },
  { name: 'level' },
  { name: 'recipe' },
  { name: 'regime' },
  { name: 'repair transferred from' },
  { name: 'stored', unit: 'bytes' },
  { name: 'source' },
  { name: 'device' },
] as const;

export function toPointCells(point: SourcedPoint): readonly ExportCell[] {
  const { method, level, label, regime, transferredFrom, storedBytes, source } = point;
  return [method, level, label, regime, transferredFrom, storedBytes, source.kind, source.device];
}

/** The dense model's point. */
export function isDense(point: SweepPoint): boolean {
  return point.method === null;
}
