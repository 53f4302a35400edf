import { memo } from 'react';
import type { MetricName } from '../../core/harness/metrics.ts';
import { REGIME_KEYS, type RegimeKey } from '../../core/recover/regime.ts';
import type { TaskEntry, TaskExposure, TaskResults } from '../../state/task-state.ts';
import { toCountText, toIntervalText, toRowNote, toSourceText } from '../../ui/captions.ts';
import { AccuracyChart, type AccuracyChartRow } from '../../ui/charts/AccuracyChart.tsx';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatCount, formatP } from '../../ui/format.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { formatChange, toComparedMeasure, toMeasure } from './measures.ts';
import { type PairedFigureProps, toWhose, toWhoseExport } from './paired-figure.ts';
import { TASK_COLUMNS, toTaskExport, toTaskTable } from './tables.ts';
import { METRIC_MEANINGS, toPoolText, toTaskWords } from './task-words.ts';

interface TaskFigureProps extends PairedFigureProps {
  entry: TaskEntry;
  /** Regimes of the board, which keep their line while they have no figure. */
  shown: readonly RegimeKey[];
  metric: MetricName;
  onMetric: (metric: MetricName) => void;
}

/** A task's metric in every regime: chart, table twin with all metrics, caption. */
export const TaskFigure = memo(function TaskFigure(props: TaskFigureProps) {
  const { pack, entry, results, beside, shown, highlighted, metric, onMetric } = props;
  const { metrics } = entry.task.config;
  const whose = toWhose(props);
  const sets = beside === null ? [results] : [results, beside];
  // The same lines on the same axis.
  const keys = REGIME_KEYS.filter((key) => shown.includes(key) || sets.some(({ rows }) => isAmong(key, rows)));
  const toRows = (of: TaskResults) => keys.map((key) => toChartRow(key, of, metric));
  const figures = sets.flatMap((set) => set.figures);
  return (
    <ChartFigure
      title={`${toTaskWords(entry).title}, by regime${whose}`}
      badge={<SourceBadge source={results.source} />}
      controls={
        metrics.length < 2 ? null : (
          <SegmentedControl<MetricName>
            label="Metric"
            isLabelHidden
            segments={metrics.map((value) => ({ value, label: value }))}
            value={metric}
            onChange={onMetric}
          />
        )
      }
      chart={
        <AccuracyChart
          rows={toRows(results)}
          rowsBeside={beside === null ? [] : toRows(beside)}
          highlighted={highlighted}
          measure={toMeasure(metric, figures)}
        />
      }
      table={
        <DataTable
          caption={`Metrics of the task by regime${whose}`}
          columns={TASK_COLUMNS}
          rows={toTaskTable(results)}
          isLong
        />
      }
      exported={toWhoseExport(toTaskExport(pack, results), props)}
      caption={toCaption(results, metric)}
    />
  );
});

/** Regimes that a run answered keep their line, whether the board shows them or not. */
function isAmong(key: RegimeKey, rows: TaskResults['rows']): boolean {
  return rows.some((row) => row.key === key);
}

function toChartRow(key: RegimeKey, results: TaskResults, metric: MetricName): AccuracyChartRow {
  const row = results.rows.find((each) => each.key === key);
  const read = (exposure: TaskExposure) => {
    const found = results.figures.find(
      (figure) =>
        figure.key === key && figure.exposure === exposure && figure.metric === metric && figure.group === null,
    );
    if (found === undefined) return null;
    const { value, low, high, items } = found.estimate;
    return { value, low, high, n: items };
  };
  return {
    key,
    note: row === undefined ? null : toRowNote(row),
    all: read('all'),
    seen: read('seen'),
    heldOut: read('held-out'),
    control: read('control'),
  };
}

function toCaption(results: TaskResults, metric: MetricName) {
  const { recipeLabel, entry, figures, source } = results;
  const { task } = entry.task.config;
  const own = figures.filter((figure) => figure.metric === metric && figure.group === null);
  const estimates = own.map(({ estimate }) => estimate);
  const counts = own.filter(({ exposure }) => exposure !== 'control').map(({ estimate }) => ({ n: estimate.items }));
  return (
    <>
      {recipeLabel}. {task}, {metric}: {METRIC_MEANINGS[metric]}; {toCountText(counts, 'documents')} per regime and kind
      of fact; whiskers are {toIntervalText(estimates)}. {metric === results.metric ? toDamageText(results) : ''}
      {estimates.some(({ stderr }) => stderr !== null) ? 'The table has the harness’s standard error too. ' : ''}
      {toFoldText(entry)}
      {toPoolText(
        entry,
        results.rows.map(({ key }) => key),
      )}
      {toSourceText(source)}
    </>
  );
}

/** What compression took, which the band of the chart shows. */
function toDamageText({ damage, metric }: TaskResults): string {
  if (damage === null) return '';
  const { p, items } = damage;
  const { test } = toComparedMeasure(metric);
  return `Damage: ${formatChange(metric, damage)}, paired on ${formatCount(items)} documents, p ${formatP(p)} by ${test}; exploratory, unadjusted. `;
}

/** Which twin was asked what is of neither fold. */
function toFoldText({ task, isOwn }: TaskEntry): string {
  const isOutside = task.documents.some(({ fold }) => fold !== 'A' && fold !== 'B' && fold !== 'control');
  if (!isOutside) return '';
  const whose = isOwn ? ', which may have seen some of their facts' : '';
  return `Documents of neither fold are asked of the twin that was trained on fold A${whose}. `;
}
