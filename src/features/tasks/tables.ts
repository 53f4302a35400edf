import type { TaskFigure, TaskResults } from '../../state/task-state.ts';
import { toMethodWord, toRowNote } from '../../ui/captions.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';
import { formatCount, formatInterval, formatNumber, formatP, UNKNOWN } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { toTaskFigures } from '../../ui/task-tables.ts';
import { formatChange, formatMetric } from './measures.ts';

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
  'To no repair, 95 % interval',
  'p, unadjusted',
];

/** The map's twin: the drawn metric by group, regime and kind of document. */
export function toGroupTable(results: TaskResults, nameOf: (group: string) => string) {
  return toGrouped(results).map(({ figure, group }) => ({
    key: `${group} ${figure.key} ${figure.exposure}`,
    cells: [nameOf(group), toLabel(results, figure), figure.exposure, ...toValueCells(figure), ...toTestCells(figure)],
  }));
}

function toTestCells({ metric, againstNone }: TaskFigure): readonly string[] {
  if (againstNone === undefined) return [UNKNOWN, UNKNOWN];
  return [formatChange(metric, againstNone), formatP(againstNone.p)];
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

/** Every metric as files carry them. */
export function toTaskExport(pack: string, results: TaskResults): FigureExport {
  return toFile(pack, results, toWhole(results), '');
}

/** The drawn metric by group as files carry it. */
export function toGroupExport(pack: string, results: TaskResults): FigureExport {
  const figures = toGrouped(results).map(({ figure }) => figure);
  return toFile(pack, results, figures, `-by-${results.groupBy}`);
}

function toFile(pack: string, results: TaskResults, figures: readonly TaskFigure[], suffix: string): FigureExport {
  const measure = `task-${results.entry.task.config.task}${suffix}`;
  return { ...toTaskFigures(pack, [{ ...results, figures }]), measure, date: results.source.date };
}

function toWhole(results: TaskResults): readonly TaskFigure[] {
  return results.figures.filter(({ group }) => group === null);
}

function toGrouped(results: TaskResults): readonly { figure: TaskFigure; group: string }[] {
  const found = results.figures.flatMap((figure) => (figure.group === null ? [] : [{ figure, group: figure.group }]));
  return found.sort((one, other) => (one.group < other.group ? -1 : one.group > other.group ? 1 : 0));
}

function toLabel(results: TaskResults, { key }: TaskFigure): string {
  const row = results.rows.find((each) => each.key === key);
  const note = row === undefined ? null : toRowNote(row);
  return `${toRegimeLook(key).label}${note === null ? '' : ` (${note})`}`;
}
