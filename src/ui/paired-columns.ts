import type { Comparison } from '../core/eval/comparisons.ts';
import { type ExportCell, type ExportColumn, toSubjectCells, toSubjectColumns } from './charts/figure-export.ts';
import { toOutcomeText } from './comparison-words.ts';

/** The declared comparisons of a point of a sweep, of accuracies. */
interface Paired {
  /** Over how many comparisons Holm was made. */
  familySize: number;
  presetItems: number;
  availableItems: number;
  againstNone: Comparison | null;
  againstLora: Comparison | null;
}

/** The columns of `toPairedCells`. */
export const PAIRED_COLUMNS: readonly ExportColumn[] = [
  ...toColumns('accuracy minus no repair'),
  ...toColumns('accuracy of IDP minus LoRA-merged'),
];

function toColumns(name: string): readonly ExportColumn[] {
  const test = ['p', 'p after Holm', 'family size', 'preset items', 'decided', 'result'];
  return [...toSubjectColumns(name, 'share', `${name} items`), ...test.map((part) => ({ name: `${name} ${part}` }))];
}

/** The differences of a point with their tests; empty where none is declared. */
export function toPairedCells(paired: Paired | null): readonly ExportCell[] {
  return [paired?.againstNone, paired?.againstLora].flatMap((comparison) => toCells(comparison ?? null, paired));
}

function toCells(comparison: Comparison | null, paired: Paired | null): readonly ExportCell[] {
  if (comparison === null || paired === null) return [...toSubjectCells(null), null, null, null, null, null, null];
  const { difference, items, subjects, p, adjustedP, isDecided } = comparison;
  const { familySize, presetItems, availableItems } = paired;
  return [
    ...toSubjectCells({ ...difference, n: items, ...(subjects === null ? {} : { subjects }) }),
    ...[p, adjustedP, familySize, presetItems, isDecided],
    toOutcomeText(comparison, { presetItems, availableItems }),
  ];
}
