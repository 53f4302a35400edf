import { Fragment } from 'react';
import { TIME_PHASES } from '../../core/eval/compare-times.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { ComparisonSet } from '../../state/comparisons-state.ts';
import type { Estimate, Median, RegimeRow, ResultSet } from '../../state/results.ts';
import { TIME_MEASURES } from '../../ui/comparison-measure.ts';
import { toOutcomeText, toPairLabel } from '../../ui/comparison-words.ts';
import {
  formatBrackets,
  formatBytes,
  formatCount,
  formatMs,
  formatP,
  formatPercent,
  formatPoints,
  formatShare,
} from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import styles from './Report.module.css';

/** Every regime's accuracy, latency and size in one table. */
export function ReportFigures({ rows, damage }: { rows: readonly RegimeRow[]; damage: Estimate | null }) {
  return (
    <table className={`${styles.table} ${styles.figures}`}>
      <caption>
        Figures by regime, 95 % intervals in brackets.
        {damage === null
          ? ''
          : ` Damage: ${formatPoints(-damage.value)} ${formatBrackets({ low: -damage.high, high: -damage.low })}, paired.`}
      </caption>
      <thead>
        <tr>
          {[
            'Regime',
            'Accuracy, held-out or all',
            'Seen',
            'Items',
            'Recovered',
            'First token',
            'Per token',
            'Stored',
            'Extra parameters',
          ].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, accuracy, recovered, latency, size, isTransferred }) => (
          <tr key={key}>
            <th scope="row">
              {toRegimeLook(key).label}
              {isTransferred ? ' (transferred)' : ''}
            </th>
            <td>
              <Figure estimate={accuracy.all ?? accuracy.heldOut} format={formatShare} />
            </td>
            <td>
              <Figure estimate={accuracy.seen} format={formatShare} />
            </td>
            <td>{formatCount((accuracy.all ?? accuracy.heldOut)?.n ?? null)}</td>
            <td>
              <Figure estimate={recovered} format={(share) => formatShare(share, 0)} />
            </td>
            <td>
              <Figure estimate={latency?.ttftMs ?? null} format={formatMs} />
            </td>
            <td>
              <Figure estimate={latency?.perTokenMs ?? null} format={formatMs} />
            </td>
            <td>{formatBytes(size?.storedBytes ?? null)}</td>
            <td>{formatCount(size?.extraParameters ?? null)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Figure({ estimate, format }: { estimate: Estimate | Median | null; format: (value: number) => string }) {
  if (estimate === null) return '–';
  const { value, low, high } = estimate;
  const hasInterval = low !== null && high !== null;
  return (
    <>
      {format(value)} {hasInterval ? <small>{`[${toBare(format(low))}, ${toBare(format(high))}]`}</small> : null}
    </>
  );
}

/** A figure without its unit: that stands before the bracket. */
function toBare(figure: string): string {
  return figure.split('\u00a0')[0] ?? figure;
}

/** The declared comparisons of some regimes, in words. */
export function ReportComparisons({ set, keys }: { set: ComparisonSet; keys: readonly RegimeKey[] }) {
  const declared = set.declared.filter(({ first, second }) => keys.includes(first.key) && keys.includes(second.key));
  return (
    <table className={`${styles.table} ${styles.pairs}`}>
      <caption>Paired comparisons, declared beforehand; decided from {formatCount(set.presetItems)} items on.</caption>
      <thead>
        <tr>
          {['Comparison', 'Difference', 'p after Holm', 'Items', 'Result'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {declared.map((each) => (
          <tr key={toPairLabel(each)}>
            <th scope="row">{toPairLabel(each)}</th>
            <td>
              <Figure estimate={{ ...each.difference, n: each.items }} format={formatPoints} />
            </td>
            <td>{formatP(each.adjustedP)}</td>
            <td>{formatCount(each.items)}</td>
            <td className={styles.outcome}>{toOutcomeText(each, set)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** By how much times differ, the declared comparisons of some regimes; nothing where no two were timed in turns. */
export function ReportTimes({ results, keys }: { results: ResultSet; keys: readonly RegimeKey[] }) {
  const declared = (results.timeComparisons ?? []).filter(
    ({ isExploratory, first, second }) => !isExploratory && keys.includes(first.key) && keys.includes(second.key),
  );
  const pairs = [...new Set(declared.map(toPairLabel))];
  if (pairs.length === 0) return null;
  return (
    <table className={`${styles.table} ${styles.pairs}`}>
      <thead>
        <tr>
          <th scope="col">Times of the first over the second, minus 1</th>
          {TIME_PHASES.map((phase) => (
            <Fragment key={phase}>
              <th scope="col">{TIME_MEASURES[phase].name}</th>
              <th scope="col">p after Holm</th>
            </Fragment>
          ))}
          <th scope="col">Rounds</th>
        </tr>
      </thead>
      <tbody>
        {pairs.map((pair) => {
          const own = declared.filter((each) => toPairLabel(each) === pair);
          return (
            <tr key={pair}>
              <th scope="row">{pair}</th>
              {TIME_PHASES.map((phase) => {
                const found = own.find((each) => each.phase === phase);
                return (
                  <Fragment key={phase}>
                    <td>
                      {found === undefined ? (
                        'below the timer'
                      ) : (
                        <Figure estimate={{ ...found.difference, n: found.items }} format={formatPercent} />
                      )}
                    </td>
                    <td>{formatP(found?.adjustedP ?? null)}</td>
                  </Fragment>
                );
              })}
              <td>{formatCount(own[0]?.items ?? null)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
