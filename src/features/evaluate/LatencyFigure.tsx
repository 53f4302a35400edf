import { MIN_RUNS } from '../../state/estimates.ts';
import { useEvaluateStore } from '../../state/hooks.ts';
import type { RegimeRow } from '../../state/results.ts';
import { SLOWED_FACTOR } from '../../state/timed-rounds.ts';
import { MEDIAN_INTERVALS, toCountText, toRowNote, toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { LatencyChart } from '../../ui/charts/LatencyChart.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { toRunText, toTimingText } from '../../ui/timing-words.ts';
import { toTransferText } from './captions.ts';
import { type FigureProps, toWhose, toWhoseExport } from './figure-props.ts';
import { RunControls } from './RunControls.tsx';
import { toRows } from './rows.ts';
import { LATENCY_COLUMNS, toLatencyExport, toLatencyTable } from './tables.ts';

/** Timed runs per regime: enough for an interval of the median within seconds on a GPU. */
const NUM_RUNS = 30;

/** Latency: chart, table twin, caption, and the run that fills them. */
export function LatencyFigure({ pack, results, keys, highlighted, beside }: FigureProps) {
  const rows = toRows(results, keys);
  const run = useEvaluateStore((state) => state.latencyRun);
  const runLatency = useEvaluateStore((state) => state.runLatency);
  const stop = useEvaluateStore((state) => state.stop);
  const counts = rows.map((row) => row.latency?.ttftMs ?? null);

  const whose = toWhose(beside);
  const hasFigures = counts.some((estimate) => estimate !== null);

  return (
    <ChartFigure
      title={`Latency${whose}`}
      badge={results === null || !hasFigures ? null : <SourceBadge source={results.source} />}
      run={
        beside?.lead ?? (
          <RunControls
            run={run}
            unit="runs"
            startLabel={`Time up to ${NUM_RUNS} runs per regime`}
            onStart={() => runLatency(NUM_RUNS)}
            onStop={stop}
            isShown={results?.source.kind === 'live'}
          />
        )
      }
      chart={
        <LatencyChart
          rows={toChartRows(rows)}
          rowsBeside={beside === undefined ? [] : toChartRows(toRows(beside.results, keys))}
          highlighted={highlighted}
        />
      }
      table={<DataTable caption={`Latency by regime${whose}`} columns={LATENCY_COLUMNS} rows={toLatencyTable(rows)} />}
      exported={toWhoseExport(toLatencyExport(pack, results, rows), beside)}
      caption={
        results === null || !hasFigures ? (
          'Medians with 95 % intervals. Nothing measured yet.'
        ) : (
          <>
            {results.recipeLabel}. Medians of {toCountText(counts, 'runs')} per regime, regimes interleaved, warm-up
            excluded; whiskers are {MEDIAN_INTERVALS}, drawn from {MIN_RUNS} runs on.{' '}
            {toRunText(rows.map(({ latency }) => latency))}
            {toTimingText(
              rows.map(({ latency }) => latency),
              SLOWED_FACTOR,
            )}
            {toTransferText(rows)}
            {(results.timeComparisons ?? []).length === 0 ? '' : 'Regimes are compared in pairs below the verdict. '}
            {toSourceText(results.source)}
          </>
        )
      }
    />
  );
}

function toChartRows(rows: readonly RegimeRow[]) {
  return rows.map((row) => ({
    key: row.key,
    note: toRowNote(row),
    ttftMs: row.latency?.ttftMs ?? null,
    perTokenMs: row.latency?.perTokenMs ?? null,
  }));
}
