import type { ComparisonSet } from '../../state/comparisons-state.ts';
import { ACCURACY } from '../../ui/comparison-measure.ts';
import type { ComparedRegimes } from '../../ui/comparison-rows.ts';

/** The comparisons of accuracies as figures draw them, with where the number of items comes from before which nothing is decided. */
export function toComparedAccuracies(set: ComparisonSet): ComparedRegimes {
  const measure = set.isPresetKept
    ? ACCURACY
    : { ...ACCURACY, preset: 'that this page takes where a run does not say' };
  return { ...set, measure };
}
