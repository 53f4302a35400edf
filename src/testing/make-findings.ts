import { createPlainStatistics } from '../engine/statistics-client.ts';
import { findDose, findFates } from '../state/fate-findings.ts';
import type { DosePoint, FateFindings } from '../state/fates-state.ts';
import type { OutcomeSet } from '../state/outcome-set.ts';
import type { TrainedKey } from '../state/regimes.ts';

/** The fates of a set, with intervals that are drawn roughly. */
export async function makeFindings(set: OutcomeSet, first: TrainedKey): Promise<FateFindings> {
  const { signal } = new AbortController();
  const found = await findFates(createPlainStatistics(), set, {
    first,
    resamples: 100,
    signal,
    onFound: () => undefined,
  });
  if (found === null) throw new Error('nothing was found');
  return found;
}

/** The set as a point of the dose. */
export async function makeDosePoint(set: OutcomeSet): Promise<DosePoint> {
  const found = await findDose(createPlainStatistics(), set);
  const { recipe, source } = set;
  return { recipeId: 'magnitude-mild', label: 'Magnitude 60 %', recipe, source, ...found };
}
