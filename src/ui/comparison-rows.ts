import type { Comparison } from '../core/eval/comparisons.ts';
import { toCountText, toIntervalText, toMethodWord } from './captions.ts';
import { type FigureExport, toSubjectCells, toSubjectColumns } from './charts/figure-export.ts';
import { type ComparisonKind, toOutcomeText, toPairLabel, toSideLabel } from './comparison-words.ts';
import { formatCount, formatInterval, formatP, formatPoints } from './format.ts';

/** Comparisons of the regimes of one recipe on the same items. */
export interface ComparedRegimes {
  source: { kind: string; date: string };
  /** Number of items, set before the run, from which on a result may be called decided. */
  presetItems: number;
  /** How many items there are to ask. */
  availableItems: number;
  declared: readonly Comparison[];
  /** What a person picked; null where nothing was, or the two have no item in common. */
  exploratory: Comparison | null;
}

/** The families in the order in which they are drawn. */
export const GROUPS: readonly { id: ComparisonKind; title: string }[] = [
  { id: 'against-none', title: 'Each recovery against none, on held-out facts' },
  { id: 'against-lora', title: 'IDP against LoRA-merged, on held-out facts' },
  { id: 'against-seen', title: 'Held-out facts against the same facts under the twin that saw them' },
  { id: 'exploratory', title: 'Exploratory: picked by you, unadjusted, outside of the declared comparisons' },
];

/** All comparisons of a set, the declared ones first. */
export function toAllComparisons({ declared, exploratory }: ComparedRegimes): readonly Comparison[] {
  return exploratory === null ? declared : [...declared, exploratory];
}

/** Unique among the comparisons of a set. */
export function toComparisonId({ first, second, isExploratory }: Comparison): string {
  return [isExploratory, first.key, first.exposure, second.key, second.exposure].join(' ');
}

export const COMPARISON_COLUMNS = [
  'Comparison',
  'Family',
  'Difference',
  '95 % interval',
  'Interval by',
  'p',
  'p after Holm',
  'Items',
  'Subjects',
  'Result',
] as const;

/** The forest plot's twin. */
export function toComparisonTable(set: ComparedRegimes) {
  return toAllComparisons(set).map((comparison) => {
    const { isExploratory, difference, p, adjustedP, items, subjects } = comparison;
    return {
      key: toComparisonId(comparison),
      cells: [
        toPairLabel(comparison),
        isExploratory ? 'exploratory' : 'declared',
        formatPoints(difference.value),
        formatInterval(difference, formatPoints),
        toMethodWord(difference.method),
        formatP(p),
        isExploratory ? 'unadjusted' : formatP(adjustedP),
        formatCount(items),
        formatCount(subjects),
        toOutcomeText(comparison, set),
      ],
    };
  });
}

/** The comparisons as files carry them. */
export function toComparisonExport(
  pack: string,
  recipeLabel: string | null,
  set: ComparedRegimes | null,
  measure = 'comparisons',
): FigureExport {
  return {
    pack,
    measure,
    date: set?.source.date ?? null,
    columns: [
      { name: 'recipe' },
      { name: 'source' },
      { name: 'first' },
      { name: 'second' },
      { name: 'family' },
      ...toSubjectColumns('difference', 'share', 'items'),
      { name: 'p' },
      { name: 'p after Holm' },
      { name: 'preset items' },
      { name: 'decided' },
      { name: 'items needed' },
      { name: 'result' },
    ],
    rows:
      set === null
        ? []
        : toAllComparisons(set).map((comparison) => {
            const { first, second, isExploratory, difference, p, adjustedP, items, isDecided, sampleSize } = comparison;
            return [
              recipeLabel,
              set.source.kind,
              toSideLabel(first),
              toSideLabel(second),
              isExploratory ? 'exploratory' : 'declared',
              ...toSubjectCells({ ...difference, n: items }),
              p,
              adjustedP,
              set.presetItems,
              isDecided,
              sampleSize?.needed ?? null,
              toOutcomeText(comparison, set),
            ];
          }),
  };
}

/** How the comparisons were made, as captions say it; `measure` is what differs. */
export function toComparisonText(set: ComparedRegimes, measure: string): string {
  const differences = toAllComparisons(set).map(({ difference }) => difference);
  const counts = toAllComparisons(set).map(({ items }) => ({ n: items }));
  const declared = set.declared.filter(({ isExploratory }) => !isExploratory).length;
  const decision =
    declared === 0
      ? '; unadjusted, so nothing is decided by it. '
      : `; after Holm over the ${formatCount(declared)} comparisons declared for the regimes that answered. Decided: p after Holm below ` +
        `0.05, and not before the ${formatCount(set.presetItems)} items that were set when the run began. `;
  return (
    `${measure} of the first minus that of the second on the same ${toCountText(counts, 'items')}; whiskers and brackets are ` +
    `${toIntervalText(differences)}, subjects drawn with both answers. p by McNemar’s exact test over subjects, two-sided${decision}` +
    'Items needed: at 80\u00a0% power, for the difference at hand.'
  );
}
