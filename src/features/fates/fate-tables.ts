import { DAMAGED_FATES } from '../../core/eval/fates.ts';
import type { SubjectEstimate } from '../../core/eval/outcomes.ts';
import type { Estimate } from '../../core/eval/statistics.ts';
import type { FateFinding, FateFindings } from '../../state/fates-state.ts';
import {
  type ExportCell,
  type ExportColumn,
  type FigureExport,
  toSubjectCells,
  toSubjectColumns,
} from '../../ui/charts/figure-export.ts';
import { toFateLook } from '../../ui/fate-look.ts';
import { formatBrackets, formatCount, formatPoints, formatShare, UNKNOWN } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';

export const FATE_COLUMNS = [
  'Repair',
  'Never known',
  'Kept',
  'Displaced',
  'Relearned',
  'Lost',
  'Broken',
  'Displaced, of the lost facts',
  'Displaced, shuffled answers',
  'Above shuffled answers, paired',
  'Guessed, control subjects',
] as const;

/** The twin of the bars: counts of facts per fate, and what displacement is held against. */
export function toFateRows({ findings }: FateFindings) {
  return findings.map((finding) => ({
    key: finding.key,
    cells: [
      toLabel(finding),
      ...[...finding.report.fates.values()].map(({ count }) => formatCount(count)),
      toText(finding.report.ofDamaged.displaced),
      toText(finding.shuffled?.report.ofDamaged.displaced ?? null),
      finding.aboveShuffled === null
        ? UNKNOWN
        : `${formatPoints(finding.aboveShuffled.value)} ${formatBrackets(finding.aboveShuffled)}`,
      toText(finding.control),
    ],
  }));
}

export function toFateExport(pack: string, of: FateFindings | null): FigureExport {
  return {
    pack,
    measure: 'fates',
    date: of?.set.source.date ?? null,
    columns: [
      { name: 'repair' },
      { name: 'transferred' },
      { name: 'source' },
      ...['never known', 'kept', 'displaced', 'relearned', 'lost', 'broken'].map((name) => ({ name, unit: 'facts' })),
      ...DAMAGED_FATES.flatMap((fate) => toShareColumns(`${fate} of lost facts`)),
      ...toShareColumns('displaced of lost facts with shuffled answers'),
      ...toShareColumns('displaced above shuffled answers'),
      ...toShareColumns('guessed of control facts'),
      { name: 'verdict' },
    ],
    rows: (of?.findings ?? []).map((finding) => [
      finding.key,
      finding.isTransferred,
      of?.set.source.kind ?? null,
      ...[...finding.report.fates.values()].map(({ count }) => count),
      ...DAMAGED_FATES.flatMap((fate) => toShareCells(finding.report.ofDamaged[fate])),
      ...toShareCells(finding.shuffled?.report.ofDamaged.displaced ?? null),
      ...toShareCells(finding.aboveShuffled),
      ...toShareCells(finding.control),
      finding.verdict?.kind ?? null,
    ]),
  };
}

export function toLabel({ key, isTransferred }: FateFinding): string {
  return `${toRegimeLook(key).label}${isTransferred ? ' (transferred)' : ''}`;
}

/** A share with its interval. */
export function toText(estimate: Estimate | null): string {
  return estimate === null ? UNKNOWN : `${formatShare(estimate.value)} ${formatBrackets(estimate)}`;
}

/** What a bar says to whoever does not see it. */
export function toBarText({ report, shuffled, control }: FateFinding): string {
  const parts = DAMAGED_FATES.map((fate) => {
    const count = report.fates.get(fate)?.count ?? 0;
    return `${toFateLook(fate).label} ${formatCount(count)}, ${toText(report.ofDamaged[fate])}`;
  });
  const broken = `broken ${formatCount(report.fates.get('broken')?.count ?? 0)}`;
  const nulls = [
    `with shuffled answers ${toText(shuffled?.report.ofDamaged.displaced ?? null)}`,
    `guessed of control subjects ${toText(control)}`,
  ];
  return [...parts, broken, ...nulls].join('; ');
}

/** The columns of a share of facts, in the order of `toShareCells`. */
export function toShareColumns(name: string): readonly ExportColumn[] {
  return toSubjectColumns(name, 'share', `${name}: of facts`);
}

export function toShareCells(estimate: SubjectEstimate | null): readonly ExportCell[] {
  return toSubjectCells(estimate && { ...estimate, n: estimate.items });
}
