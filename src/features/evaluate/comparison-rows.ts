import type { Comparison } from '../../core/eval/comparisons.ts';
import type { ComparisonSet } from '../../state/comparisons-state.ts';
import { toMethodWord } from '../../ui/captions.ts';
import { type FigureExport, toSubjectCells, toSubjectColumns } from '../../ui/charts/figure-export.ts';
import { type ComparisonKind, toOutcomeText, toPairLabel, toSideLabel } from '../../ui/comparison-words.ts';
import { formatCount, formatInterval, formatP, formatPoints } from '../../ui/format.ts';

/** The families in the order in which they are drawn. */
export const GROUPS: readonly { id: ComparisonKind; title: string }[] = [
  { id: 'against-none', title: 'Each recovery against none, on held-out facts' },
  { id: 'against-lora', title: 'IDP against LoRA-merged, on held-out facts' },
  { id: 'against-seen', title: 'Held-out facts against the same facts under the twin that saw them' },
  { id: 'exploratory', title: 'Exploratory: picked by you, unadjusted, outside of the declared comparisons' },
];

/** All comparisons of a set, the declared ones first. */
export function toAllComparisons({ declared, exploratory }: ComparisonSet): readonly Comparison[] {
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
export function toComparisonTable(set: ComparisonSet) {
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
export function toComparisonExport(pack: string, recipeLabel: string | null, set: ComparisonSet | null): FigureExport {
  return {
    pack,
    measure: 'comparisons',
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
