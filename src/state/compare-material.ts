import type { PackedRegime } from '../core/eval/packed-comparison.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import type { ComparedAnswers } from './comparison-input.ts';
import type { ComparisonSet, ComparisonsState } from './comparisons-state.ts';
import { type Precision, RESAMPLES } from './estimates.ts';

/** What is compared, before it is. */
export interface Material extends Pick<ComparisonSet, 'source' | 'recipe' | 'presetItems' | 'isPresetKept'> {
  answers: ComparedAnswers;
  /** The same regimes in other runs, for what a person picks; none without them. */
  others?: Pick<ComparedAnswers, 'regimes' | 'sides'>;
}

/** What a person wants of comparisons. */
export type ComparisonWishes = Pick<ComparisonsState, 'picked' | 'plannedDifference'>;

export interface CompareOptions {
  statistics: Statistics;
  /** What the same answers gave before; nothing of it is computed twice. */
  former: ComparisonSet | null;
  /** Nothing stands there yet, so that the declared ones are shown before what was picked. */
  isFirst: boolean;
  precision: Precision;
  /** As they are when their turn comes. */
  wishes: () => ComparisonWishes;
}

/** The declared comparisons as soon as they are there, with what was picked once that is; `onFound` is told each time. */
export async function compareMaterial(
  { answers, others, ...about }: Material,
  { statistics, former, isFirst, precision, wishes }: CompareOptions,
  onFound: (of: ComparisonSet) => void,
): Promise<void> {
  const { subjects, regimes, sides } = answers;
  const { plannedDifference } = wishes();
  const wanted = plannedDifference === null ? {} : { wantedDifference: plannedDifference };
  const input = { subjects, regimes, presetItems: about.presetItems, ...wanted };
  const options = { resamples: RESAMPLES[precision] };
  const known = former?.plannedDifference === plannedDifference ? former.declared : null;
  const declared = known ?? (await statistics.compute('comparePacked', input, options));
  const otherSides = others?.sides ?? [];
  const found = { ...about, sides, otherSides, declared, plannedDifference, availableItems: subjects.length };
  const { picked } = wishes();
  if (picked === null) {
    onFound({ ...found, picked, exploratory: null });
    return;
  }
  if (isFirst) onFound({ ...found, picked: null, exploratory: null });
  const isPicked = ({ key, run }: PackedRegime) => picked.some((side) => side.key === key && side.run === run);
  const both = [...regimes, ...(others?.regimes ?? [])].filter(isPicked);
  const exploratory = await statistics.compute(
    'comparePackedExploratory',
    { ...input, regimes: both },
    ...picked,
    options,
  );
  onFound({ ...found, picked, exploratory });
}
