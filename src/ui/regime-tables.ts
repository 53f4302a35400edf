import type { RegimeKey } from '../core/recover/regime.ts';
import { toRowNote } from './captions.ts';
import {
  type ExportCell,
  type ExportColumn,
  type FigureExport,
  toEstimateCells,
  toEstimateColumns,
  toSubjectCells,
  toSubjectColumns,
} from './charts/figure-export.ts';
import { SOURCE_COLUMNS, type TableSource, toSourceCells } from './source-columns.ts';

/** Tables of regimes as files carry them: those of a figure are of one set of results, those of the whole page of all. */

interface Row {
  key: RegimeKey;
  isTransferred: boolean;
  isOneTwin: boolean;
}

interface TableSet<R> {
  recipeLabel: string;
  source: TableSource;
  rows: readonly R[];
}

/** Sets of results, and the id of their pack. */
interface Sets<R> {
  pack: string;
  sets: readonly TableSet<R>[];
}

type Share = Parameters<typeof toSubjectCells>[0];
type Median = Parameters<typeof toEstimateCells>[0];

/** A row per regime of every set; `toRows` gives what comes behind recipe, regime and note and before the source. */
function toSetTable<R extends Row>(
  { pack, sets }: Sets<R>,
  measure: string,
  columns: readonly ExportColumn[],
  toRows: (row: R) => readonly (readonly ExportCell[])[],
): FigureExport {
  return {
    pack,
    measure,
    date: null,
    columns: [{ name: 'recipe' }, { name: 'regime' }, { name: 'note' }, ...columns, ...SOURCE_COLUMNS],
    rows: sets.flatMap(({ recipeLabel, source, rows }) =>
      rows.flatMap((row) =>
        toRows(row).map((cells) => [recipeLabel, row.key, toRowNote(row), ...cells, ...toSourceCells(source)]),
      ),
    ),
  };
}

interface AccuracyRow extends Row {
  accuracy: Readonly<Record<'all' | 'heldOut' | 'seen' | 'control', Share>>;
  recovered: Share;
}

/** Accuracies and recovered shares: a row per regime and kind of fact. */
export function toAccuracies(sets: Sets<AccuracyRow>): FigureExport {
  const columns = [
    { name: 'facts' },
    ...toSubjectColumns('accuracy', 'share', 'items'),
    ...toSubjectColumns('damage recovered', 'share', 'items of damage'),
  ];
  return toSetTable(sets, 'accuracy', columns, ({ accuracy, recovered }) =>
    [
      { facts: 'all', estimate: accuracy.all },
      { facts: 'held-out', estimate: accuracy.heldOut },
      { facts: 'seen', estimate: accuracy.seen },
      { facts: 'control', estimate: accuracy.control },
    ]
      .filter(({ estimate }) => estimate !== null)
      .map(({ facts, estimate }) => [
        facts,
        ...toSubjectCells(estimate),
        ...toSubjectCells(facts === 'held-out' ? recovered : null),
      ]),
  );
}

interface LatencyRow extends Row {
  latency: {
    ttftMs: Median;
    routingMs: Median;
    prefillMs: Median;
    perTokenMs: Median;
    timerResolutionMs: number | null;
    contextTokens: number | null;
    newTokens: number;
    discarded: readonly unknown[];
  } | null;
}

/** Medians of timed runs: a row per regime that was timed. */
export function toLatencies(sets: Sets<LatencyRow>): FigureExport {
  const columns = [
    ...toEstimateColumns('first token', 'ms', 'runs'),
    ...toEstimateColumns('routing', 'ms', 'runs of routing'),
    ...toEstimateColumns('prefill', 'ms', 'runs of prefill'),
    ...toEstimateColumns('per further token', 'ms', 'runs of further tokens'),
    { name: 'question', unit: 'tokens' },
    { name: 'new tokens' },
    { name: 'timer resolution', unit: 'ms' },
    { name: 'rounds discarded' },
  ];
  return toSetTable(sets, 'latency', columns, ({ latency }) => {
    if (latency === null) return [];
    const { ttftMs, routingMs, prefillMs, perTokenMs, contextTokens, newTokens, timerResolutionMs, discarded } =
      latency;
    const medians = [ttftMs, routingMs, prefillMs, perTokenMs].flatMap(toEstimateCells);
    return [[...medians, contextTokens, newTokens, timerResolutionMs, discarded.length]];
  });
}

interface SizeRow extends Row {
  size: Readonly<
    Record<
      'storedBytes' | 'runtimeBytes' | 'sparsity' | 'bitsPerWeight' | 'extraParameters' | 'repairParameters',
      number
    >
  > | null;
}

/** What each regime weighs. */
export function toSizes(sets: Sets<SizeRow>): FigureExport {
  const columns = [
    { name: 'stored', unit: 'bytes' },
    { name: 'in memory', unit: 'bytes' },
    { name: 'sparsity', unit: 'share' },
    { name: 'bits per weight', unit: 'bits' },
    { name: 'extra parameters' },
    { name: 'parameters of the repair' },
  ];
  return toSetTable(sets, 'sizes', columns, ({ size }) => {
    if (size === null) return [];
    const { storedBytes, runtimeBytes, sparsity, bitsPerWeight, extraParameters, repairParameters } = size;
    return [[storedBytes, runtimeBytes, sparsity, bitsPerWeight, extraParameters, repairParameters]];
  });
}
