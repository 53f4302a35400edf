import type { ResultSet, ResultSource } from '../../state/results.ts';
import {
  type ExportCell,
  type ExportColumn,
  type FigureExport,
  toEstimateCells,
  toEstimateColumns,
  toSubjectCells,
  toSubjectColumns,
} from '../../ui/charts/figure-export.ts';

/** Accuracies, latencies and sizes by recipe: recorded, measured here and imported. */
export interface SetFigures {
  /** Id of the pack. */
  pack: string;
  sets: readonly ResultSet[];
}

/** Where a figure comes from, the last columns of every table. */
export const SOURCE_COLUMNS: readonly ExportColumn[] = [
  { name: 'source' },
  { name: 'device' },
  { name: 'runs on' },
  { name: 'is software' },
  { name: 'date' },
  { name: 'file' },
];

export function toSourceCells({
  kind,
  device,
  deviceKind,
  isSoftware,
  date,
  fileName,
}: ResultSource): readonly ExportCell[] {
  return [kind, device, deviceKind, isSoftware, date, fileName ?? null];
}

const REGIME_COLUMNS: readonly ExportColumn[] = [{ name: 'recipe' }, { name: 'regime' }, { name: 'is transferred' }];

/** A row per regime of every set; `toRows` gives what comes behind recipe, regime and before the source. */
function toSetTable(
  { pack, sets }: SetFigures,
  measure: string,
  columns: readonly ExportColumn[],
  toRows: (row: ResultSet['rows'][number]) => readonly (readonly ExportCell[])[],
): FigureExport {
  return {
    pack,
    measure,
    date: null,
    columns: [...REGIME_COLUMNS, ...columns, ...SOURCE_COLUMNS],
    rows: sets.flatMap(({ recipeLabel, source, rows }) =>
      rows.flatMap((row) =>
        toRows(row).map((cells) => [recipeLabel, row.key, row.isTransferred, ...cells, ...toSourceCells(source)]),
      ),
    ),
  };
}

/** Accuracies and recovered shares: a row per regime and kind of fact. */
export function toAccuracies(figures: SetFigures): FigureExport {
  const columns = [
    { name: 'facts' },
    ...toSubjectColumns('accuracy', 'share', 'items'),
    ...toSubjectColumns('damage recovered', 'share', 'items of damage'),
  ];
  return toSetTable(figures, 'accuracy', columns, ({ accuracy, recovered }) =>
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

/** What each recipe costs: a row per set. */
export function toDamages({ pack, sets }: SetFigures): FigureExport {
  return {
    pack,
    measure: 'damage',
    date: null,
    columns: [{ name: 'recipe' }, ...toSubjectColumns('damage', 'share', 'items'), ...SOURCE_COLUMNS],
    rows: sets.flatMap(({ recipeLabel, damage, source }) =>
      damage === null ? [] : [[recipeLabel, ...toSubjectCells(damage), ...toSourceCells(source)]],
    ),
  };
}

/** Medians of timed runs: a row per regime. */
export function toLatencies(figures: SetFigures): FigureExport {
  const columns = [
    ...toEstimateColumns('first token', 'ms', 'runs'),
    ...toEstimateColumns('routing', 'ms', 'runs of routing'),
    ...toEstimateColumns('prefill', 'ms', 'runs of prefill'),
    ...toEstimateColumns('per further token', 'ms', 'runs of further tokens'),
    { name: 'timer resolution', unit: 'ms' },
    { name: 'rounds discarded' },
  ];
  return toSetTable(figures, 'latency', columns, ({ latency }) =>
    latency === null
      ? []
      : [
          [
            ...toEstimateCells(latency.ttftMs),
            ...toEstimateCells(latency.routingMs),
            ...toEstimateCells(latency.prefillMs),
            ...toEstimateCells(latency.perTokenMs),
            latency.timerResolutionMs,
            latency.discarded.length,
          ],
        ],
  );
}

/** What each regime weighs. */
export function toSizes(figures: SetFigures): FigureExport {
  const columns = [
    { name: 'stored', unit: 'bytes' },
    { name: 'in memory', unit: 'bytes' },
    { name: 'sparsity', unit: 'share' },
    { name: 'bits per weight', unit: 'bits' },
    { name: 'extra parameters' },
    { name: 'parameters of the repair' },
  ];
  return toSetTable(figures, 'sizes', columns, ({ size }) =>
    size === null
      ? []
      : [
          [
            size.storedBytes,
            size.runtimeBytes,
            size.sparsity,
            size.bitsPerWeight,
            size.extraParameters,
            size.repairParameters,
          ],
        ],
  );
}
