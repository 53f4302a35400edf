import type { Statistics } from '../engine/statistics-client.ts';
import { parseSweep } from './parse-sweep.ts';
import { compareSweep, countDeclared, createLiveFamily, type FamilyOrder } from './sweep-family.ts';
import type { PlannedPoint } from './sweep-plan.ts';
import type { SweepFamily, SweepResults } from './sweep-state.ts';

/** What reads a recorded sweep, and compares the regimes of any; loaded when there is one. */
export interface SweepWork {
  parseSweep: typeof parseSweep;
  /** A recording asks all of its items of every regime. */
  compareRecorded(results: SweepResults, availableItems: number): Promise<SweepFamily>;
  /** The families of what is planned, as far as it is answered; what did not change is not computed again. */
  compareLive(planned: readonly PlannedPoint[], order: Omit<FamilyOrder, 'size'>): Promise<SweepFamily>;
}

export function createSweepWork(statistics: Statistics): SweepWork {
  const toLiveFamily = createLiveFamily(statistics);
  return {
    parseSweep,
    compareRecorded: ({ items, points, sensitivity }, availableItems) => {
      const order = { items, points, sensitivity, availableItems, presetOf: () => items.length, size: 0 };
      return compareSweep(statistics, { ...order, precision: 'final' });
    },
    compareLive: (planned, order) => toLiveFamily({ ...order, size: countDeclared(planned) }),
  };
}
