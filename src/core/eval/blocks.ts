import { type Random, shuffled } from '../random.ts';

/**
 * Order in which regimes are timed: `rounds` blocks, each holding every regime once in an order of its own, so that
 * warming up, heat and other load fall on all alike (a randomized block design, Fisher 1935).
 */
export function toBlocks<T>(regimes: readonly T[], rounds: number, random: Random): T[][] {
  return Array.from({ length: rounds }, () => shuffled(regimes, random));
}
