import type { RegimeRow, ResultSet } from '../../state/results.ts';
import { toMethodWord, toRowNote } from '../../ui/captions.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';
import { formatCount, formatInterval, formatShare } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { toAccuracies, toLatencies } from '../../ui/regime-tables.ts';
import { formatTimed, formatTimedInterval, toTokenResolution } from '../../ui/timing-words.ts';

interface TableRow {
  key: string;
  cells: readonly string[];
}

export const ACCURACY_COLUMNS = [
  'Regime',
  'Facts',
  'Accuracy',
  '95 % interval',
  'Items',
  'Subjects',
  'Interval by',
  'Damage recovered, 95 % interval',
] as const;

/** The accuracy chart's twin: one row per regime and kind of fact. */
export function toAccuracyTable(rows: readonly RegimeRow[]): readonly TableRow[] {
  return rows.flatMap((row) => {
    const kinds = toKinds(row);
    const listed = kinds.length > 0 ? kinds : [{ kind: 'not measured', estimate: null }];
    return listed.map(({ kind, estimate }) => ({
      key: `${row.key} ${kind}`,
      cells: [
        toRowLabel(row),
        kind,
        formatShare(estimate?.value ?? null),
        formatInterval(estimate, formatShare),
        formatCount(estimate?.n ?? null),
        formatCount(estimate?.subjects ?? null),
        toMethodWord(estimate?.method),
        kind === 'held-out' && row.recovered !== null
          ? `${formatShare(row.recovered.value, 0)} (${formatInterval(row.recovered, (share) => formatShare(share, 0))})`
          : '',
      ],
    }));
  });
}

/** What was measured of a regime, by kind of fact. */
function toKinds({ accuracy }: RegimeRow) {
  return [
    { kind: 'all', estimate: accuracy.all },
    { kind: 'held-out', estimate: accuracy.heldOut },
    { kind: 'seen', estimate: accuracy.seen },
    { kind: 'control', estimate: accuracy.control },
  ].filter(({ estimate }) => estimate !== null);
}

/** The accuracies as files carry them: one row per regime and kind of fact that was measured. */
export function toAccuracyExport(pack: string, results: ResultSet | null, rows: readonly RegimeRow[]): FigureExport {
  return { ...toAccuracies({ pack, sets: toShown(results, rows) }), date: results?.source.date ?? null };
}

/** The latencies as files carry them: one row per regime that was timed. */
export function toLatencyExport(pack: string, results: ResultSet | null, rows: readonly RegimeRow[]): FigureExport {
  return { ...toLatencies({ pack, sets: toShown(results, rows) }), date: results?.source.date ?? null };
}

function toShown(results: ResultSet | null, rows: readonly RegimeRow[]) {
  return results === null ? [] : [{ ...results, rows }];
}

export const LATENCY_COLUMNS = [
  'Regime',
  'First token',
  '95 % interval of it',
  'Routing in it',
  '95 % interval of routing',
  'Per further token',
  '95 % interval',
  'Runs',
] as const;

/** The latency chart's twin: one row per regime, medians. */
export function toLatencyTable(rows: readonly RegimeRow[]): readonly TableRow[] {
  return rows.map((row) => {
    const { ttftMs = null, routingMs = null, perTokenMs = null, timerResolutionMs = null } = row.latency ?? {};
    const tokenResolutionMs = toTokenResolution(timerResolutionMs);
    return {
      key: row.key,
      cells: [
        toRowLabel(row),
        formatTimed(ttftMs, timerResolutionMs),
        formatTimedInterval(ttftMs, timerResolutionMs),
        formatTimed(routingMs, timerResolutionMs),
        formatTimedInterval(routingMs, timerResolutionMs),
        formatTimed(perTokenMs, tokenResolutionMs),
        formatTimedInterval(perTokenMs, tokenResolutionMs),
        formatCount(ttftMs?.n ?? null),
      ],
    };
  });
}

function toRowLabel(row: RegimeRow): string {
  const note = toRowNote(row);
  return `${toRegimeLook(row.key).label}${note === null ? '' : ` (${note})`}`;
}
