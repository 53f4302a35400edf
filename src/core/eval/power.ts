import { AppError } from '../errors.ts';
import { normalQuantile } from './statistics.ts';

const POWER = 0.8;
const ALPHA = 0.05;

/** How many items a comparison would need, beside how many it has. */
export interface SampleSize {
  /** The difference that is to be seen, as a share of items. */
  difference: number;
  /** Items needed to see it at 80 % power and the level asked for, two-sided, subjects of the same sizes as those at hand. */
  needed: number;
  have: number;
}

/**
 * Subjects needed to see a mean difference at 80 % power and level `alpha` two-sided in a paired design (Miettinen 1968; Connor 1987,
 * p. 209): `((z_(1 - alpha/2) sqrt(psi) + z_.8 sqrt(psi - d^2)) / d)^2`, rounded up. `discordance` psi is the mean square of the
 * subjects' differences: with one item a subject, the share of discordant ones. Throws `input-invalid` where no design has both.
 */
export function subjectsNeeded(difference: number, discordance: number, alpha = ALPHA): number {
  const square = difference ** 2;
  if (!(square > 0 && discordance >= square && discordance < Number.POSITIVE_INFINITY)) {
    throw new AppError(
      'input-invalid',
      `There is no sample size for a difference of ${difference} with a discordance of ${discordance}.`,
      { field: 'discordance', observed: discordance, allowed: 'the square of a difference other than 0, or more' },
    );
  }
  const [critical, power] = [normalQuantile(1 - alpha / 2), normalQuantile(POWER)];
  return Math.ceil((critical * Math.sqrt(discordance) + power * Math.sqrt(discordance - square)) ** 2 / square);
}

/**
 * Items needed to see a difference, planned by the discordance of the subjects at hand; null where they show none and none is asked for.
 * Without `wanted` (a share of items) it is the difference at hand, which is itself only an estimate. Level 5 % where none is given.
 */
export function itemsNeeded(
  differences: readonly number[],
  items: number,
  { wanted, alpha = ALPHA }: { wanted?: number | undefined; alpha?: number } = {},
): SampleSize | null {
  const subjects = differences.length;
  const difference = Math.abs(wanted ?? differences.reduce((sum, each) => sum + each, 0) / items);
  if (!(difference > 0)) return null;
  const perSubject = (difference * items) / subjects;
  const observed = differences.reduce((sum, each) => sum + each ** 2, 0) / subjects;
  // A difference in items takes as many discordant ones at least, and a larger mean than 1 a larger mean square.
  const discordance = Math.max(observed, perSubject, perSubject ** 2);
  const needed = Math.ceil((subjectsNeeded(perSubject, discordance, alpha) * items) / subjects);
  return { difference, needed, have: items };
}
