import type { ComparisonSet } from '../../state/comparisons-state.ts';
import type { Estimate, Median, RegimeRow } from '../../state/results.ts';
import { toOutcomeText, toPairLabel } from '../../ui/comparison-words.ts';
import {
  formatBytes,
  formatCount,
  formatInterval,
  formatMs,
  formatP,
  formatPoints,
  formatShare,
} from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import styles from './Report.module.css';

/** Every regime's accuracy, latency and size in one table. */
export function ReportFigures({ rows, damage }: { rows: readonly RegimeRow[]; damage: Estimate | null }) {
  return (
    <table className={styles.table}>
      <caption>
        Figures by regime, 95 % intervals in brackets.
        {damage === null
          ? ''
          : ` Damage: ${formatPoints(-damage.value)} [${formatInterval({ low: -damage.high, high: -damage.low }, formatPoints)}], paired.`}
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
  return (
    <>
      {format(estimate.value)}
      {estimate.low === null ? null : <small>[{formatInterval(estimate, format)}]</small>}
    </>
  );
}

/** The declared comparisons in words. */
export function ReportComparisons({ set }: { set: ComparisonSet }) {
  return (
    <table className={styles.table}>
      <caption>Paired comparisons, set before the run of {formatCount(set.presetItems)} items.</caption>
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
        {set.declared.map((each) => (
          <tr key={toPairLabel(each)}>
            <th scope="row">{toPairLabel(each)}</th>
            <td>
              <Figure estimate={{ ...each.difference, n: each.items }} format={formatPoints} />
            </td>
            <td>{formatP(each.adjustedP)}</td>
            <td>{formatCount(each.items)}</td>
            <td>{toOutcomeText(each, set)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
