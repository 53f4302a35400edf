import type { Comparison } from '../../core/eval/comparisons.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { formatDifference } from '../comparison-measure.ts';
import { type ComparedRegimes, toAllComparisons, toComparisonId, toGroups } from '../comparison-rows.ts';
import { type ComparisonKind, toComparisonKind, toOutcomeText, toPairLabel, toSideLabel } from '../comparison-words.ts';
import { formatBrackets, formatCount, formatP } from '../format.ts';
import { RegimeMark } from '../RegimeMark.tsx';
import { toRegimeLook } from '../regime-look.ts';
import styles from './ComparisonForest.module.css';
import { type ForestGroup, ForestPlot } from './ForestPlot.tsx';

interface ComparisonForestProps {
  set: ComparedRegimes;
  highlighted: RegimeKey;
  /** Drawn in another forest beside this one, on the same axis. */
  beside?: ComparedRegimes | null;
}

/** Comparisons around 0, family by family: those that decide something filled, all others outlined. */
export function ComparisonForest({ set, highlighted, beside = null }: ComparisonForestProps) {
  const { name, isLowerBetter, isRelative } = set.measure;
  const columns = COLUMNS.map((ids) =>
    toGroups(set)
      .filter(({ id }) => ids.includes(id))
      .flatMap((group) => toGroup(group, set, highlighted)),
  ).filter((groups) => groups.length > 0);
  return (
    <div style={{ '--highlight-soft': `var(--${highlighted}-soft)` } as React.CSSProperties}>
      <p className={styles.legend} aria-hidden="true">
        <span>
          <RegimeMark regime={highlighted} /> decided
        </span>
        <span>
          <RegimeMark regime={highlighted} isHollow /> undecided, too early or exploratory
        </span>
        <span>{isLowerBetter ? 'left' : 'right'} of 0: the first named is better</span>
      </p>
      <ForestPlot
        columns={columns}
        beside={beside === null ? [] : toAllComparisons(beside).map(({ difference }) => difference)}
        label={`Differences of ${name} between regimes. The table gives the intervals.`}
        axisTitle={`difference of ${name}, ${isRelative ? '%' : 'points'}`}
      />
    </div>
  );
}

/** What compression and repairs did, beside what having seen a fact does and what a person picked. */
const COLUMNS: readonly (readonly ComparisonKind[])[] = [
  ['against-none', 'against-lora'],
  ['against-seen', 'exploratory'],
];

/** The comparisons of a family as rows; none where the family has none. */
function toGroup(
  { id, title }: ReturnType<typeof toGroups>[number],
  set: ComparedRegimes,
  highlighted: RegimeKey,
): ForestGroup[] {
  const own = toAllComparisons(set).filter((comparison) => toComparisonKind(comparison) === id);
  const rows = own.map((comparison) => ({
    id: toComparisonId(comparison),
    label: toRowLabel(comparison, id, set),
    name: toPairLabel(comparison),
    key: comparison.first.key,
    estimate: comparison.difference,
    n: comparison.items,
    isDecided: comparison.isDecided,
    isHighlighted: comparison.first.key === highlighted,
    figures: (
      <>
        <b>{formatDifference(set.measure, comparison.difference.value)}</b> {formatBrackets(comparison.difference)}
      </>
    ),
    test: toTestText(comparison, set),
    outcome: toOutcomeText(comparison, set, set.measure),
  }));
  return rows.length === 0 ? [] : [{ id, title, rows }];
}

/** Both sides, or the first alone where the group's title names the other. */
function toRowLabel(comparison: Comparison, kind: ComparisonKind, { exploratoryTitle }: ComparedRegimes): string {
  const isNamed = kind === 'against-none' || kind === 'against-seen';
  if (isNamed) return toRegimeLook(comparison.first.key).label;
  const isTitled = kind === 'exploratory' && exploratoryTitle !== undefined;
  return isTitled ? toSideLabel(comparison.first) : toPairLabel(comparison);
}

/** What a person picked has no adjusted p, as its outcome says. */
function toTestText({ p, adjustedP, isExploratory, items }: Comparison, { measure }: ComparedRegimes): string {
  const adjusted = isExploratory ? '' : `, after Holm ${formatP(adjustedP)}`;
  return `p ${formatP(p)}${adjusted}, ${formatCount(items)} ${measure.unit}`;
}
