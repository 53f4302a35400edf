import type { RegimeKey } from '../../core/recover/regime.ts';
import { useBoardStore, useEngineStore, useEvaluateStore } from '../../state/hooks.ts';
import type { RegimeRow, ResultSet } from '../../state/results.ts';
import { SLOWED_FACTOR } from '../../state/timed-rounds.ts';
import { MEDIAN_INTERVALS, toCountText, toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatCount } from '../../ui/format.ts';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { RunFailure } from '../../ui/RunFailure.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import runStyles from '../../ui/run.module.css';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { StartStopButton } from '../../ui/StartStopButton.tsx';
import { toRunText, toTimingText } from '../../ui/timing-words.ts';
import styles from './LatencyPanel.module.css';
import { PhaseCharts } from './PhaseCharts.tsx';
import { PAPER_KEYS, PHASE_COLUMNS, toPaperRows, toPhaseExport, toPhaseTable, toRatioText } from './phase-rows.ts';

interface PhasesFigureProps {
  pack: string;
  results: ResultSet | null;
  rows: readonly RegimeRow[];
  highlighted: RegimeKey;
}

/** Timed runs per regime, as in the Evaluate section. */
const NUM_RUNS = 30;

/** The paper's drawing: where the time of a LoRA, merged or not, and of each input-side help goes, against no help. */
export function PhasesFigure({ pack, results, rows, highlighted }: PhasesFigureProps) {
  const timed = toPaperRows(rows, results?.timeComparisons ?? null);
  const missing = PAPER_KEYS.filter((key) => timed.every(({ id }) => id !== key)).map((key) => toRegimeLook(key).label);
  return (
    <ChartFigure
      title="Where the time goes"
      badge={results === null || timed.length === 0 ? null : <SourceBadge source={results.source} />}
      run={<PaperRun />}
      chart={
        timed.length === 0 ? (
          <p className={styles.empty}>None of these regimes was timed yet.</p>
        ) : (
          <PhaseCharts rows={timed} highlighted={highlighted} hasKernels={false} />
        )
      }
      table={<DataTable caption="Where the time goes" columns={PHASE_COLUMNS} rows={toPhaseTable(timed, false)} />}
      exported={toPhaseExport(timed, { pack, measure: 'phases', date: results?.source.date ?? null })}
      caption={
        results === null || timed.length === 0 ? (
          'Routing, prefill and decode of each way to help. Nothing measured yet.'
        ) : (
          <>
            {results.recipeLabel}. Medians of{' '}
            {toCountText(
              timed.map(({ latency }) => latency.ttftMs),
              'runs',
            )}{' '}
            per regime, regimes in turns, warm-up excluded; whiskers are {MEDIAN_INTERVALS}.{' '}
            {toRunText(timed.map(({ latency }) => latency))}
            {toTimingText(
              timed.map(({ latency }) => latency),
              SLOWED_FACTOR,
            )}
            {toRatioText(timed)}
            {missing.length === 0 ? '' : `Not timed: ${missing.join(', ')}. `}
            {timed.some(({ latency }) => latency.prefillMs === null)
              ? 'This recording did not keep the prefill of IDP apart. '
              : ''}
            {toSourceText(results.source)}
          </>
        )
      }
    />
  );
}

/** Times the regimes of this figure together with those in view, so that all of one chart took turns. */
function PaperRun() {
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const run = useEvaluateStore((state) => state.latencyRun);
  const runLatency = useEvaluateStore((state) => state.runLatency);
  const stop = useEvaluateStore((state) => state.stop);
  const shown = useBoardStore((state) => state.shown);
  if (!isReady) return null;
  const keys = [...new Set([...shown, ...PAPER_KEYS])];
  const isRunning = run.status === 'running';
  return (
    <>
      {run.status === 'failed' ? <RunFailure error={run.error} /> : null}
      <div className={isRunning ? runStyles.running : runStyles.start}>
        <StartStopButton
          isRunning={isRunning}
          startLabel={`Time every way to help, up to ${NUM_RUNS} runs each`}
          icon="play"
          onStart={() => runLatency(NUM_RUNS, keys)}
          onStop={stop}
        />
        {isRunning ? (
          <ProgressMeter
            label={`Timing ${toRegimeLook(run.nowKey).label}`}
            share={run.total > 0 ? run.done / run.total : null}
            detail={`${formatCount(run.done)} of ${formatCount(run.total)} runs`}
          />
        ) : null}
        <span className={isRunning ? 'visually-hidden' : styles.state} role="status">
          {run.status === 'stopped'
            ? `Stopped after ${formatCount(run.done)} of ${formatCount(run.total)} runs; what is finished is kept.`
            : ''}
          {run.status === 'done' ? `Done: ${formatCount(run.total)} runs.` : ''}
        </span>
      </div>
    </>
  );
}
