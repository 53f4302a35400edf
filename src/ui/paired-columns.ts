import type { Comparison } from '../core/eval/comparisons.ts';
import { type ExportCell, type ExportColumn, toSubjectCells, toSubjectColumns } from './charts/figure-export.ts';
import { toOutcomeText } from './comparison-words.ts';

interface Family {
  /** Over how many comparisons Holm was made. */
  familySize: number;
  presetItems: number;
  availableItems: number;
}

/** The declared comparisons of a point of a sweep, of accuracies. */
interface Paired extends Family {
  againstNone: Comparison | null;
  againstLora: Comparison | null;
}

/** The columns of `toPairedCells`. */
export const PAIRED_COLUMNS: readonly ExportColumn[] = [
  ...toTestColumns('accuracy minus no repair'),
  ...toTestColumns('accuracy of IDP minus LoRA-merged'),
];

/** The columns of `toTestCells`, of a difference with that name. */
export function toTestColumns(name: string): readonly ExportColumn[] {
  const test = ['p', 'p after Holm', 'family size', 'preset items', 'decided', 'result'];
  return [...toSubjectColumns(name, 'share', `${name} items`), ...test.map((part) => ({ name: `${name} ${part}` }))];
}

/** The differences of a point with their tests; empty where none is declared. */
export function toPairedCells(paired: Paired | null): readonly ExportCell[] {
  return [paired?.againstNone, paired?.againstLora].flatMap((comparison) => toTestCells(comparison ?? null, paired));
}

/** A difference of accuracies with its test; empty where there is none. */
export function toTestCells(comparison: Comparison | null, family: Family | null): readonly ExportCell[] {
  if (comparison === null || family === null) return [...toSubjectCells(null), null, null, null, null, null, null];
  const { difference, items, subjects, p, adjustedP, isDecided } = comparison;
  const { familySize, presetItems, availableItems } = family;
  return [
    ...toSubjectCells({ ...difference, n: items, ...(subjects === null ? {} : { subjects }) }),
    ...[p, adjustedP, familySize, presetItems, isDecided],
    toOutcomeText(comparison, { presetItems, availableItems }),
  ];
}
