import { DAMAGED_FATES, type FateCount } from '../../core/eval/fates.ts';
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
import { formatBrackets, formatCount, formatP, formatPoints, formatShare, UNKNOWN } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';

/** What the rules of the verdict weigh, in words. */
const WEIGHED: readonly { name: string; toText: (finding: FateFinding) => string }[] = [
  { name: 'Owed to having seen them, of those back when seen', toText: ({ report }) => toText(report.owedToSeeing) },
  { name: 'Back when seen, of the lost facts', toText: ({ report }) => toText(report.seen) },
  { name: 'Back when seen, shuffled answers', toText: ({ seenShuffled }) => toText(seenShuffled) },
  { name: 'Displaced above shuffled answers, paired', toText: ({ aboveShuffled }) => toPairedText(aboveShuffled) },
  { name: 'Guessed, control subjects', toText: ({ control }) => toText(control) },
  { name: 'Displaced minus broken, of known facts', toText: ({ report }) => toDifferenceText(report.net) },
];

/** The figures that the rules of the verdict weigh, as they stand beside the rule and in the table; a dash for what is not there. */
export function toWeighed(finding: FateFinding): readonly { name: string; text: string }[] {
  return WEIGHED.map(({ name, toText: toOwn }) => ({ name, text: toOwn(finding) }));
}

export const FATE_COLUMNS: readonly string[] = [
  'Repair',
  'Never known',
  'Kept',
  'Displaced',
  'Relearned',
  'Lost',
  'Broken',
  'Displaced, of the lost facts',
  'Displaced, shuffled answers',
  ...WEIGHED.map(({ name }) => name),
];

/** The twin of the bars: counts of facts per fate, and what displacement is held against. */
export function toFateRows({ findings }: FateFindings) {
  return findings.map((finding) => ({
    key: finding.key,
    cells: [
      toLabel(finding),
      ...[...finding.report.fates.values()].map(toCountText),
      toText(finding.report.ofDamaged.displaced),
      toText(finding.shuffled?.report.ofDamaged.displaced ?? null),
      ...toWeighed(finding).map(({ text }) => text),
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
      { name: 'p of displaced above shuffled answers' },
      ...toShareColumns('guessed of control facts'),
      ...toShareColumns('back when seen of lost facts'),
      ...toShareColumns('back when seen of lost facts with shuffled answers'),
      ...toShareColumns('owed to having seen of facts back when seen'),
      ...toShareColumns('displaced minus broken of known facts'),
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
      finding.aboveShuffled?.p ?? null,
      ...toShareCells(finding.control),
      ...toShareCells(finding.report.seen),
      ...toShareCells(finding.shuffled?.report.seen ?? null),
      ...toShareCells(finding.report.owedToSeeing),
      ...toShareCells(finding.report.net),
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

/** `70 [56, 85]`: facts of a fate, with the interval of their share in facts. */
function toCountText({ count, share }: FateCount): string {
  if (share === null) return formatCount(count);
  const [low, high] = [share.low, share.high].map((bound) => formatCount(bound * share.items));
  return `${formatCount(count)} [${low},\u00a0${high}]`;
}

/** A difference of shares with its interval. */
function toDifferenceText(estimate: Estimate | null): string {
  return estimate === null ? UNKNOWN : `${formatPoints(estimate.value)} ${formatBrackets(estimate)}`;
}

function toPairedText(difference: FateFinding['aboveShuffled']): string {
  return difference === null ? UNKNOWN : `${toDifferenceText(difference)}, p\u00a0${formatP(difference.p)}`;
}

/** What a bar says to whoever does not see it. */
export function toBarText({ report, shuffled, control }: FateFinding): string {
  const parts = DAMAGED_FATES.map((fate) => {
    const count = report.fates.get(fate)?.count ?? 0;
    return `${toFateLook(fate).label} ${formatCount(count)}, ${toText(report.ofDamaged[fate])}`;
  });
  const broken = `broken ${toCountText(report.fates.get('broken') ?? { count: 0, share: null })}`;
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
