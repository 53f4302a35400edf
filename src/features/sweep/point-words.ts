import type { SweepPoint } from '../../state/sweep-state.ts';
import { toSourceText } from '../../ui/captions.ts';
import type { ExportCell } from '../../ui/charts/figure-export.ts';
import type { XyPoint } from '../../ui/charts/xy-plot.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { type SourcedPoint, toSources } from './merge-results.ts';
import { toPairedDetails } from './paired-words.ts';

/** `recorded` or `measured here`. */
export function toSourceWord({ source }: SourcedPoint): string {
  return source.kind === 'recorded' ? 'recorded' : 'measured here';
}

/** A point in a few words: the regime alone where there is no recipe. */
export function toPointName({ recipe, label, regime }: SourcedPoint): string {
  const { label: regimeLabel } = toRegimeLook(regime);
  return recipe === null ? regimeLabel : `${label}: ${regimeLabel}`;
}

/** What a readout says of a point beside its value. */
function toPointDetails(point: SourcedPoint, isAccuracy: boolean): readonly string[] {
  const { storedBytes, transferredFrom, isShipped } = point;
  return [
    ...(isAccuracy ? toPairedDetails(point) : []),
    formatBytes(storedBytes),
    ...(isShipped ? ['shipped recipe'] : []),
    ...(transferredFrom === null ? [] : [`repair transferred from ${transferredFrom}`]),
    toSourceWord(point),
  ];
}

/** Recorded points are hollow where live ones stand beside them. */
function isHollow(point: SourcedPoint, points: readonly SourcedPoint[]): boolean {
  return point.source.kind === 'recorded' && toSources(points).length > 1;
}

/** A point as a plot takes it; none where the measure has no figure for it. */
export function toXyPoint(
  point: SourcedPoint,
  {
    x,
    y,
    points,
    isAccuracy,
    isFaint = false,
  }: {
    x: number;
    y: XyPoint['y'] | null;
    points: readonly SourcedPoint[];
    /** Only accuracies are compared in pairs. */
    isAccuracy: boolean;
    isFaint?: boolean;
  },
): readonly XyPoint[] {
  if (y === null) return [];
  return [
    {
      id: point.id,
      x,
      y,
      name: point.label,
      details: toPointDetails(point, isAccuracy),
      isHollow: isHollow(point, points),
      isRimmed: point.isShipped,
      isFaint,
    },
  ];
}

/** How many repairs were trained for another recipe, and where the points were made. */
export function toSourcesText(points: readonly SourcedPoint[]): string {
  const sources = toSources(points);
  const moved = points.filter(({ transferredFrom }) => transferredFrom !== null).length;
  const transferred =
    moved === 0
      ? ''
      : `In ${formatCount(moved)} of ${formatCount(points.length)} points the repair was trained for another recipe; the readout names it. `;
  return `${transferred}${sources.map(toSourceText).join(' ')}`;
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
  { name: 'shipped' },
  { name: 'regime' },
  { name: 'repair transferred from' },
  { name: 'stored', unit: 'bytes' },
  { name: 'source' },
  { name: 'device' },
] as const;

export function toPointCells(point: SourcedPoint): readonly ExportCell[] {
  const { method, level, label, isShipped, regime, transferredFrom, storedBytes, source } = point;
  return [method, level, label, isShipped, regime, transferredFrom, storedBytes, source.kind, source.device];
}

/** The dense model's point. */
export function isDense(point: SweepPoint): boolean {
  return point.recipe === null;
}
