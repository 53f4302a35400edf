import type { XyPlot, XyPoint } from './xy-plot.ts';

/** Every mark is a button of the page: more of them would hold it up, and lie on top of each other. */
export const MOST_MARKS = 3000;

/** Corners of a line that are drawn one by one: some for every pixel of a wide screen. */
const MOST_CORNERS = 8000;

/**
 * The points of each line that are drawn in an area of so many times its height in width: all, or of too many the first of those that
 * count most in every field of a grid. Points that are not finite are left out then.
 */
export function thinPoints({ lines, x, y }: XyPlot, aspect: number): readonly (readonly XyPoint[])[] {
  const total = lines.reduce((sum, { points }) => sum + points.length, 0);
  if (total <= MOST_MARKS) return lines.map(({ points }) => points);
  const fields = MOST_MARKS / lines.length;
  const columns = Math.max(1, Math.floor(Math.sqrt(fields * aspect)));
  const rows = Math.max(1, Math.floor(fields / columns));
  return lines.map(({ points }) => {
    const kept = new Map<number, XyPoint>();
    for (const point of points) {
      const field = toStep(y.toShare(point.y.value), rows) * columns + toStep(x.toShare(point.x), columns);
      if (Number.isNaN(field)) continue;
      const other = kept.get(field);
      if (other === undefined || toRank(point) > toRank(other)) kept.set(field, point);
    }
    return [...kept.values()];
  });
}

/** NaN where a share is not finite. */
function toStep(share: number, steps: number): number {
  if (!Number.isFinite(share)) return Number.NaN;
  return Math.min(steps - 1, Math.max(0, Math.floor(share * steps)));
}

function toRank({ isFaint, isRimmed }: XyPoint): number {
  return isRimmed ? 2 : isFaint ? 0 : 1;
}

interface Corner {
  x: number;
  y: number;
}

/**
 * The finite corners of a line in pixels as they are drawn: all, or of too many the first, the lowest, the highest and the last of those
 * that follow each other in one column of pixels, which draw the same (M4, Jugel et al. 2014).
 */
export function thinPath(
  path: readonly Corner[],
  toX: (value: number) => number,
  toY: (value: number) => number,
): readonly Corner[] {
  const isThinned = path.length > MOST_CORNERS;
  const kept: number[] = [];
  // Places in `path`: of a million corners only those that are kept become objects.
  let [first, lowest, highest, last] = [-1, -1, -1, -1];
  const yOf = (at: number) => path[at]?.y ?? Number.NaN;
  const end = () => {
    if (first >= 0) kept.push(...new Set([first, lowest, highest, last].sort((one, other) => one - other)));
  };
  let column = Number.NaN;
  for (let at = 0; at < path.length; at += 1) {
    const x = toX(path[at]?.x ?? Number.NaN);
    const y = yOf(at);
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    if (isThinned && Math.floor(x) === column) {
      if (y < yOf(lowest)) lowest = at;
      if (y > yOf(highest)) highest = at;
    } else {
      end();
      [first, lowest, highest, column] = [at, at, at, Math.floor(x)];
    }
    last = at;
  }
  end();
  return kept.map((at) => ({ x: toX(path[at]?.x ?? Number.NaN), y: toY(yOf(at)) }));
}
