import type { Comparison } from '../core/eval/comparisons.ts';
import { toCountText, toIntervalText, toMethodWord } from './captions.ts';
import { type FigureExport, toSubjectCells, toSubjectColumns } from './charts/figure-export.ts';
import { type ComparedMeasure, formatDifference } from './comparison-measure.ts';
import { type ComparisonKind, toOutcomeText, toPairLabel, toSideLabel } from './comparison-words.ts';
import { formatCount, formatInterval, formatP } from './format.ts';

/** Comparisons of the regimes of one recipe on the same items. */
export interface ComparedRegimes {
  measure: ComparedMeasure;
  source: { kind: string; date: string };
  /** Number of items, set before the run, from which on a result may be called decided. */
  presetItems: number;
  /** How many items there are to ask; null where there can be ever more. */
  availableItems: number | null;
  declared: readonly Comparison[];
  /** The difference that the items needed are for; the one at hand where none is given. */
  plannedDifference?: number | null;
  /** Over how many declared comparisons Holm was made, where that is more than these. */
  familySize?: number;
  /** What a person picked; null where nothing was, or the two have no item in common. */
  exploratory: Comparison | null;
  /** What exploratory comparisons are where a person did not pick them, so that rows need name their first side alone. */
  exploratoryTitle?: string;
}

/** The families in the order in which they are drawn. */
export function toGroups({
  measure: { twinsDiffer },
  exploratoryTitle = 'Exploratory: picked by you, unadjusted, outside of the declared comparisons',
}: ComparedRegimes): readonly { id: ComparisonKind; title: string }[] {
  const scope = twinsDiffer === null ? '' : `, on held-out ${twinsDiffer}`;
  return [
    { id: 'against-none', title: `Each recovery against none${scope}` },
    { id: 'against-lora', title: `IDP against LoRA-merged${scope}` },
    {
      id: 'against-seen',
      title: `Held-out ${twinsDiffer} against the same ${twinsDiffer} under the twin that saw them`,
    },
    { id: 'exploratory', title: exploratoryTitle },
  ];
}

/** All comparisons of a set, the declared ones first. */
export function toAllComparisons({ declared, exploratory }: ComparedRegimes): readonly Comparison[] {
  return exploratory === null ? declared : [...declared, exploratory];
}

/** Unique among the comparisons of a set. */
export function toComparisonId({ first, second, isExploratory }: Comparison): string {
  const runs = [first.run, second.run].filter((run) => run !== undefined);
  return [isExploratory, first.key, first.exposure, second.key, second.exposure, ...runs].join(' ');
}

/** The columns of `toComparisonTable`; rounds have no subjects. */
export function toComparisonColumns({ unit }: ComparedMeasure): readonly string[] {
  const counted = `${unit.slice(0, 1).toUpperCase()}${unit.slice(1)}`;
  const counts = unit === 'rounds' ? [counted] : [counted, 'Subjects'];
  return [
    'Comparison',
    'Family',
    'Difference',
    '95 % interval',
    'Interval by',
    'p',
    'p after Holm',
    ...counts,
    'Result',
  ];
}

/** The forest plot's twin. */
export function toComparisonTable(set: ComparedRegimes) {
  return toAllComparisons(set).map((comparison) => {
    const { isExploratory, difference, p, adjustedP, items, subjects } = comparison;
    return {
      key: toComparisonId(comparison),
      cells: [
        toPairLabel(comparison),
        isExploratory ? 'exploratory' : 'declared',
        formatDifference(set.measure, difference.value),
        formatInterval(difference, (value) => formatDifference(set.measure, value)),
        toMethodWord(difference.method),
        formatP(p),
        isExploratory ? 'unadjusted' : formatP(adjustedP),
        formatCount(items),
        ...(subjects === null ? [] : [formatCount(subjects)]),
        toOutcomeText(comparison, set, set.measure),
      ],
    };
  });
}

/** The comparisons as files carry them. */
export function toComparisonExport(
  pack: string,
  recipeLabel: string | null,
  set: ComparedRegimes | null,
  fileName = 'comparisons',
): FigureExport {
  const unit = set?.measure.unit ?? 'items';
  return {
    pack,
    measure: fileName,
    date: set?.source.date ?? null,
    columns: [
      { name: 'recipe' },
      { name: 'source' },
      { name: 'first' },
      { name: 'second' },
      { name: 'family' },
      { name: 'measure' },
      ...toSubjectColumns('difference', set?.measure.isRelative ? 'share of the second' : 'share', unit),
      { name: 'p' },
      { name: 'p after Holm' },
      { name: `preset ${unit}` },
      { name: 'decided' },
      { name: `${unit} needed` },
      { name: 'result' },
    ],
    rows:
      set === null
        ? []
        : toAllComparisons(set).map((comparison) => {
            const { first, second, isExploratory, p, adjustedP, isDecided, sampleSize } = comparison;
            return [
              recipeLabel,
              set.source.kind,
              toSideLabel(first),
              toSideLabel(second),
              isExploratory ? 'exploratory' : 'declared',
              set.measure.name,
              ...toSubjectCells(toCounted(comparison)),
              p,
              adjustedP,
              set.presetItems,
              isDecided,
              sampleSize?.needed ?? null,
              toOutcomeText(comparison, set, set.measure),
            ];
          }),
  };
}

/** A difference with what it was made of. */
function toCounted({ difference, items, subjects }: Comparison) {
  return { ...difference, n: items, ...(subjects === null ? {} : { subjects }) };
}

function toPlannedText({ plannedDifference, measure }: ComparedRegimes): string {
  if (plannedDifference == null) return 'the difference at hand';
  return `a difference of ${formatDifference(measure, plannedDifference).replace('+', '')}`;
}

/** How the comparisons were made, as captions say it. */
export function toComparisonText(set: ComparedRegimes): string {
  const { unit, meaning, drawn, test, preset } = set.measure;
  const differences = toAllComparisons(set).map(toCounted);
  const declared = set.familySize ?? set.declared.filter(({ isExploratory }) => !isExploratory).length;
  const decision =
    declared === 0
      ? '; unadjusted, so nothing is decided by it. '
      : `; after Holm over the ${formatCount(declared)} comparisons declared for the regimes that answered. Decided: p after Holm below ` +
        `0.05, and not before the ${formatCount(set.presetItems)} ${unit} ${preset}. `;
  const needed = `${unit.slice(0, 1).toUpperCase()}${unit.slice(1)} needed`;
  return (
    `${meaning}, on the same ${toCountText(differences, unit)}; whiskers and brackets are ` +
    `${toIntervalText(differences)}, ${drawn}. p by ${test}, two-sided${decision}` +
    `${needed}: at 80\u00a0% power, for ${toPlannedText(set)}.`
  );
}
