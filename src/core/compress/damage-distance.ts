/** What the difference of the means counts beside that of every part. */
const WHOLE_WEIGHT = 0.25;

/**
 * How far two steps lie apart in the damage that they do to the parts of a model, matrices or layers: the mean difference part by part, every
 * part counting alike, and a quarter of the difference of the means. Chosen by which repair serves best (`docs/decisions/0014-the-nearest-repair.md`).
 * 0 where all parts get the same; at most 1.25 of damages from 0 to 1.
 */
export function toDamageDistance<Part>(
  parts: readonly Part[],
  one: (part: Part) => number,
  other: (part: Part) => number,
): number {
  if (parts.length === 0) return 0;
  let apart = 0;
  let sum = 0;
  for (const part of parts) {
    const difference = one(part) - other(part);
    apart += Math.abs(difference);
    sum += difference;
  }
  return (apart + WHOLE_WEIGHT * Math.abs(sum)) / parts.length;
}

/** The damage by module, where one that a step leaves alone takes none. */
export function leavingOut(
  exclude: readonly string[] | undefined,
  damageOf: (module: string) => number,
): (module: string) => number {
  const left = new Set(exclude);
  return (module) => (left.has(module) ? 0 : damageOf(module));
}
