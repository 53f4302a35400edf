import type { Median, RegimeRow } from '../../state/results.ts';
import { formatCount, formatMs, formatShare, UNKNOWN } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { toRowNote } from './captions.ts';

interface TableRow {
  key: string;
  cells: readonly string[];
}

export const ACCURACY_COLUMNS = ['Regime', 'Facts', 'Accuracy', '95 % interval', 'Items', 'Damage recovered'] as const;

/** The accuracy chart's twin: one row per regime and kind of fact. */
export function toAccuracyTable(rows: readonly RegimeRow[]): readonly TableRow[] {
  return rows.flatMap((row) => {
    const { accuracy } = row;
    const kinds = [
      { kind: 'all', estimate: accuracy.all },
      { kind: 'held-out', estimate: accuracy.heldOut },
      { kind: 'seen', estimate: accuracy.seen },
      { kind: 'control', estimate: accuracy.control },
    ].filter(({ estimate }) => estimate !== null);
    const listed = kinds.length > 0 ? kinds : [{ kind: 'not measured', estimate: null }];
    return listed.map(({ kind, estimate }) => ({
      key: `${row.key} ${kind}`,
      cells: [
        toRowLabel(row),
        kind,
        formatShare(estimate?.value ?? null),
        toInterval(estimate, formatShare),
        formatCount(estimate?.n ?? null),
        kind === 'held-out' && row.recovered !== null
          ? `${formatShare(row.recovered.value, 0)} (${toInterval(row.recovered, (share) => formatShare(share, 0))})`
          : '',
      ],
    }));
  });
}

export const LATENCY_COLUMNS = [
  'Regime',
  'First token',
  '95 % interval of it',
  'Routing in it',
  'Per further token',
  '95 % interval',
  'Runs',
] as const;

/** The latency chart's twin: one row per regime, medians. */
export function toLatencyTable(rows: readonly RegimeRow[]): readonly TableRow[] {
  return rows.map((row) => ({
    key: row.key,
    cells: [
      toRowLabel(row),
      formatMs(row.latency?.ttftMs.value ?? null),
      toInterval(row.latency?.ttftMs ?? null, formatMs),
      formatMs(row.latency?.routingMs ?? null),
      formatMs(row.latency?.perTokenMs?.value ?? null),
      toInterval(row.latency?.perTokenMs ?? null, formatMs),
      formatCount(row.latency?.ttftMs.n ?? null),
    ],
  }));
}

function toRowLabel(row: RegimeRow): string {
  const note = toRowNote(row);
  return `${toRegimeLook(row.key).label}${note === null ? '' : ` (${note})`}`;
}

function toInterval(estimate: Median | null, format: (value: number) => string): string {
  const { low, high } = estimate ?? { low: null, high: null };
  return low === null || high === null ? UNKNOWN : `${format(low)} to ${format(high)}`;
}
