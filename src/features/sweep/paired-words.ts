import type { Comparison } from '../../core/eval/comparisons.ts';
import type { PointComparisons } from '../../state/point-comparisons.ts';
import { toCountText, toIntervalText } from '../../ui/captions.ts';
import { toOutcomeText } from '../../ui/comparison-words.ts';
import { formatBrackets, formatCount, formatInterval, formatP, formatPoints } from '../../ui/format.ts';
import type { SourcedPoint } from './merge-results.ts';

/** Headings of `toPairedTexts`. */
export const PAIRED_HEADINGS = [
  'Minus no repair',
  '95\u00a0% interval of it',
  'p after Holm',
  'Result',
  'Minus LoRA-merged',
  '95\u00a0% interval of that',
  'p of that after Holm',
  'Result of that',
] as const;

/** The declared comparisons of a point as a table has them; empty where none is declared. */
export function toPairedTexts({ compared }: SourcedPoint): readonly string[] {
  if (compared === null) return PAIRED_HEADINGS.map(() => '');
  const { againstNone, againstLora } = compared;
  return [againstNone, againstLora].flatMap((comparison) => toTestTexts(comparison, compared));
}

/** Difference, interval, p after Holm and result; empty where there is no comparison. */
export function toTestTexts(
  comparison: Comparison | null,
  items: Pick<PointComparisons, 'presetItems' | 'availableItems'> | null,
): readonly string[] {
  if (comparison === null || items === null) return ['', '', '', ''];
  const { difference, adjustedP } = comparison;
  return [
    formatPoints(difference.value),
    formatInterval(difference, formatPoints),
    formatP(adjustedP),
    toOutcomeText(comparison, items),
  ];
}

/** What a readout says of a point's declared comparisons. */
export function toPairedDetails({ compared }: SourcedPoint): readonly string[] {
  return [
    { other: 'no repair', comparison: compared?.againstNone ?? null },
    { other: 'LoRA-merged', comparison: compared?.againstLora ?? null },
  ].flatMap(({ other, comparison }) => {
    if (comparison === null) return [];
    const { difference } = comparison;
    return `${formatPoints(difference.value)} against ${other} ${formatBrackets(difference)}, ${toShortOutcome(comparison)}`;
  });
}

function toShortOutcome(comparison: Comparison): string {
  if (comparison.isEarly) return 'too early to decide';
  return comparison.isDecided ? 'decided' : 'undecided';
}

/** How many of the declared comparisons are decided; null where there are none. */
export function toDecidedText(points: readonly SourcedPoint[]): string | null {
  const found = [
    { of: 'against no repair', own: points.flatMap(({ compared }) => compared?.againstNone ?? []) },
    { of: 'IDP against LoRA-merged', own: points.flatMap(({ compared }) => compared?.againstLora ?? []) },
  ].flatMap(({ of, own }) => (own.length === 0 ? [] : `${of} ${toDecidedCount(own)}`));
  return found.length === 0 ? null : `decided: ${found.join('; ')}`;
}

/** `3 of 32, 4 too early`. */
export function toDecidedCount(own: readonly Comparison[]): string {
  const decided = own.filter(({ isDecided }) => isDecided).length;
  const early = own.filter(({ isEarly }) => isEarly).length;
  const tooEarly = early === 0 ? '' : `, ${formatCount(early)} too early`;
  return `${formatCount(decided)} of ${formatCount(own.length)}${tooEarly}`;
}

/** How the declared comparisons were made, as a caption says it; empty before they are there. */
export function toPairedText(points: readonly SourcedPoint[]): string {
  const compared = points.flatMap(({ compared: of, source }) => (of === null ? [] : [{ of, source }]));
  const differences = compared.flatMap(({ of: { againstNone, againstLora } }) =>
    [againstNone, againstLora].flatMap((comparison) => (comparison === null ? [] : [toCounted(comparison)])),
  );
  if (differences.length === 0) return '';
  const sizeOf = (kind: string) => compared.find(({ source }) => source.kind === kind)?.of.familySize;
  const families = [
    { size: sizeOf('recorded'), of: 'of the recorded sweep' },
    { size: sizeOf('live'), of: 'of the sweep measured here' },
  ].flatMap(({ size, of }) => (size === undefined ? [] : `${formatCount(size)} declared comparisons ${of}`));
  const presets = toCountText(
    compared.map(({ of }) => ({ n: of.presetItems })),
    'items',
  );
  return (
    'Differences are paired: a recovery’s accuracy minus that without repair under the same recipe, and IDP minus LoRA-merged, ' +
    `on the same ${toCountText(differences, 'items')}; ${toIntervalText(differences)}, subjects drawn with both answers. ` +
    `p by McNemar’s exact test over subjects, two-sided, after Holm over the ${families.join(' and, apart from them, the ')}. ` +
    `Decided: p after Holm below 0.05, and not before the ${presets} that were set when the run began. `
  );
}

/** A difference with what it was made of. */
export function toCounted({ difference, items, subjects }: Comparison) {
  return { ...difference, n: items, ...(subjects === null ? {} : { subjects }) };
}
