import type { TimePhase } from '../../core/eval/compare-times.ts';
import { MIN_RUNS } from '../../state/estimates.ts';
import type { ResultSet } from '../../state/results.ts';
import { TIME_MEASURES } from '../../ui/comparison-measure.ts';
import type { ComparedRegimes } from '../../ui/comparison-rows.ts';

/** The declared comparisons of one time as figures draw them, both times being one family for Holm; null without any. */
export function toComparedTimes(results: ResultSet | null, phase: TimePhase): ComparedRegimes | null {
  const found = results?.timeComparisons ?? [];
  const declared = found.filter((each) => each.phase === phase && !each.isExploratory);
  if (results === null || declared.length === 0) return null;
  const { source } = results;
  const measure = TIME_MEASURES[phase];
  const familySize = found.filter(({ isExploratory }) => !isExploratory).length;
  return { measure, source, presetItems: MIN_RUNS, availableItems: null, declared, familySize, exploratory: null };
}
