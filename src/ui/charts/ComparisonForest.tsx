import type { Comparison } from '../../core/eval/comparisons.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { type ComparedRegimes, GROUPS, toAllComparisons, toComparisonId } from '../comparison-rows.ts';
import { toComparisonKind, toOutcomeText, toPairLabel } from '../comparison-words.ts';
import { formatBrackets, formatCount, formatP, formatPoints } from '../format.ts';
import { RegimeMark } from '../RegimeMark.tsx';
import styles from './ComparisonForest.module.css';
import { type ForestGroup, ForestPlot } from './ForestPlot.tsx';

interface ComparisonForestProps {
  set: ComparedRegimes;
  highlighted: RegimeKey;
}

/** Comparisons around 0, family by family: those that decide something filled, all others outlined. */
export function ComparisonForest({ set, highlighted }: ComparisonForestProps) {
  const groups = GROUPS.map(({ id, title }): ForestGroup => {
    const own = toAllComparisons(set).filter((comparison) => toComparisonKind(comparison) === id);
    const rows = own.map((comparison) => ({
      id: toComparisonId(comparison),
      label: toPairLabel(comparison),
      key: comparison.first.key,
      estimate: comparison.difference,
      n: comparison.items,
      isDecided: comparison.isDecided,
      isHighlighted: comparison.first.key === highlighted,
      figures: (
        <>
          <b>{formatPoints(comparison.difference.value)}</b> {formatBrackets(comparison.difference)}
        </>
      ),
      test: toTestText(comparison),
      outcome: toOutcomeText(comparison, set),
    }));
    return { id, title, rows };
  }).filter(({ rows }) => rows.length > 0);
  return (
    <div style={{ '--highlight-soft': `var(--${highlighted}-soft)` } as React.CSSProperties}>
      <p className={styles.legend} aria-hidden="true">
        <span>
          <RegimeMark regime={highlighted} /> decided
        </span>
        <span>
          <RegimeMark regime={highlighted} isHollow /> undecided, too early or exploratory
        </span>
        <span>right of 0: the first named is better</span>
      </p>
      <ForestPlot
        groups={groups}
        label="Differences of accuracy between regimes. The table gives the intervals."
        axisTitle="difference of accuracy, points"
      />
    </div>
  );
}

function toTestText({ p, adjustedP, isExploratory, items }: Comparison): string {
  const adjusted = isExploratory ? 'unadjusted' : `after Holm ${formatP(adjustedP)}`;
  return `p ${formatP(p)}, ${adjusted}, ${formatCount(items)} items`;
}
