import type { TaskFigure, TaskResults, TaskRow } from '../../state/task-state.ts';
import { toMethodWord } from '../../ui/captions.ts';
import { type FigureExport, toSubjectCells, toSubjectColumns } from '../../ui/charts/figure-export.ts';
import { formatCount, formatInterval, formatNumber, UNKNOWN } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { formatMetric } from './measures.ts';

/** What must be known to read a regime's row; null where nothing is special. */
export function toRowNote({ isTransferred, isOneTwin }: TaskRow): string | null {
  if (isTransferred) return 'transferred';
  return isOneTwin ? 'one twin so far' : null;
}

export const TASK_COLUMNS = [
  'Regime',
  'Documents',
  'Metric',
  'Value',
  '95 % interval',
  'Interval by',
  'Standard error',
  'n',
  'Subjects',
] as const;

/** The chart's twin: every metric of every regime, with the harness's standard error beside the interval over subjects. */
export function toTaskTable(results: TaskResults) {
  return toWhole(results).map((figure) => ({
    key: `${figure.key} ${figure.exposure} ${figure.metric}`,
    cells: [toLabel(results, figure), figure.exposure, figure.metric, ...toValueCells(figure)],
  }));
}

export const GROUP_COLUMNS = [
  'Group',
  'Regime',
  'Documents',
  'Value',
  '95 % interval',
  'Interval by',
  'Standard error',
  'n',
  'Subjects',
];

/** The map's twin: the drawn metric by group, regime and kind of document. */
export function toGroupTable(results: TaskResults, nameOf: (group: string) => string) {
  return toGrouped(results).map(({ figure, group }) => ({
    key: `${group} ${figure.key} ${figure.exposure}`,
    cells: [nameOf(group), toLabel(results, figure), figure.exposure, ...toValueCells(figure)],
  }));
}

function toValueCells({ metric, estimate }: TaskFigure): readonly string[] {
  const format = (value: number) => formatMetric(metric, value);
  return [
    format(estimate.value),
    formatInterval(estimate, format),
    toMethodWord(estimate.method),
    estimate.stderr === null ? UNKNOWN : formatNumber(estimate.stderr),
    formatCount(estimate.items),
    formatCount(estimate.subjects),
  ];
}

const FILE_COLUMNS = [
  { name: 'recipe' },
  { name: 'task' },
  { name: 'regime' },
  { name: 'note' },
  { name: 'documents' },
];

/** Every metric as files carry them. */
export function toTaskExport(pack: string, results: TaskResults): FigureExport {
  return {
    pack,
    measure: `task-${results.entry.task.config.task}`,
    date: results.source.date,
    columns: [
      ...FILE_COLUMNS,
      { name: 'metric' },
      ...toSubjectColumns('value', 'unit of the metric', 'n'),
      { name: 'stderr' },
    ],
    rows: toWhole(results).map((figure) => [
      ...toFileCells(results, figure),
      figure.metric,
      ...toFigureCells(figure),
      figure.estimate.stderr,
    ]),
  };
}

/** The drawn metric by group as files carry it. */
export function toGroupExport(pack: string, results: TaskResults): FigureExport {
  const groupBy = results.groupBy;
  return {
    pack,
    measure: `task-${results.entry.task.config.task}-by-${groupBy}`,
    date: results.source.date,
    columns: [...FILE_COLUMNS, { name: groupBy }, ...toSubjectColumns(results.metric, 'unit of the metric', 'n')],
    rows: toGrouped(results).map(({ figure, group }) => [
      ...toFileCells(results, figure),
      group,
      ...toFigureCells(figure),
    ]),
  };
}

function toWhole(results: TaskResults): readonly TaskFigure[] {
  return results.figures.filter(({ group }) => group === null);
}

function toGrouped(results: TaskResults): readonly { figure: TaskFigure; group: string }[] {
  const found = results.figures.flatMap((figure) => (figure.group === null ? [] : [{ figure, group: figure.group }]));
  return found.sort((one, other) => (one.group < other.group ? -1 : one.group > other.group ? 1 : 0));
}

function toFigureCells({ estimate: { items, ...rest } }: TaskFigure) {
  return toSubjectCells({ ...rest, n: items });
}

function toFileCells(results: TaskResults, { key, exposure }: TaskFigure) {
  const row = results.rows.find((each) => each.key === key);
  const { task } = results.entry.task.config;
  return [results.recipeLabel, task, key, row === undefined ? null : toRowNote(row), exposure];
}

function toLabel(results: TaskResults, { key }: TaskFigure): string {
  const row = results.rows.find((each) => each.key === key);
  const note = row === undefined ? null : toRowNote(row);
  return `${toRegimeLook(key).label}${note === null ? '' : ` (${note})`}`;
}
