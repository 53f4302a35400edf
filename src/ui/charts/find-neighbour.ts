/** Where a mark lies, in pixels or cells; marks of one group are met one after the other on the way sideways. */
export interface MarkPlace {
  x: number;
  y: number;
  group: string;
}

/** Keys that move from one mark to the next, and the direction in which each looks. */
const DIRECTIONS: ReadonlyMap<string, readonly [x: number, y: number]> = new Map([
  ['ArrowRight', [1, 0]],
  ['ArrowLeft', [-1, 0]],
  ['ArrowDown', [0, 1]],
  ['ArrowUp', [0, -1]],
]);

/** How much farther a mark counts for every step aside, and for leaving its group sideways. */
const ASIDE = 3;
const OTHER_GROUP = 1e6;

/** Marks in one place are told apart by their order, so that every one can be reached. */
const TIE = 1e-6;

/** The index of the mark that an arrow key leads to from another one; -1 for other keys, and where there is none that way. */
export function findNeighbour(places: readonly MarkPlace[], from: number, key: string): number {
  const start = places[from];
  const direction = DIRECTIONS.get(key);
  if (start === undefined || direction === undefined) return -1;
  let nearest = -1;
  let least = Number.POSITIVE_INFINITY;
  places.forEach(({ x, y, group }, i) => {
    const dx = x - start.x;
    const dy = y - start.y + TIE * (i - from);
    const ahead = dx * direction[0] + dy * direction[1];
    const aside = Math.abs(dx * direction[1]) + Math.abs(dy * direction[0]);
    const distance = ahead + ASIDE * aside + (direction[0] !== 0 && group !== start.group ? OTHER_GROUP : 0);
    if (ahead <= 0 || distance >= least) return;
    nearest = i;
    least = distance;
  });
  return nearest;
}
