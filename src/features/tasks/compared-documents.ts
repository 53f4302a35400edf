import type { Comparison } from '../../core/eval/comparisons.ts';
import type { TaskResults } from '../../state/task-state.ts';
import type { ComparedRegimes } from '../../ui/comparison-rows.ts';
import { toComparedMeasure } from './measures.ts';

/** Comparisons on a task's documents as figures draw them, with where the number of documents comes from before which nothing is decided. */
export function toComparedDocuments(
  { entry, metric, source, presetItems, isPresetKept, availableItems }: Omit<TaskResults, 'comparisons'>,
  declared: readonly Comparison[],
): ComparedRegimes {
  const hasTwins = entry.task.documents.some(({ fold }) => fold === 'A' || fold === 'B');
  const comparedBy = toComparedMeasure(metric);
  // Documents of neither fold were held out from no twin.
  const kept = hasTwins ? comparedBy : { ...comparedBy, twinsDiffer: null };
  const measure = isPresetKept ? kept : { ...kept, preset: 'that this page takes where a run does not say' };
  return { measure, source, presetItems, availableItems, declared, exploratory: null };
}

/** What files of a task's comparisons are called. */
export function toComparisonsFile({ entry }: TaskResults): string {
  return `task-${entry.task.config.task}-comparisons`;
}
