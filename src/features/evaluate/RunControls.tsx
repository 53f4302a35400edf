import type { ReactNode } from 'react';
import type { Run } from '../../state/evaluate-state.ts';
import { useEngineStore } from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { formatCount } from '../../ui/format.ts';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { RunButtons } from '../../ui/RunButtons.tsx';
import { RunFailure } from '../../ui/RunFailure.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import runStyles from '../../ui/run.module.css';
import styles from './EvaluatePanel.module.css';

interface RunControlsProps {
  run: Run;
  /** What is counted: items or runs. */
  unit: string;
  startLabel: string;
  onStart: () => void;
  onStop: () => void;
  pause?: { onPause: () => void; onResume: () => void };
  /** The run's results are on the page; what ended is not told of others. */
  isShown: boolean;
  /** What is set before the run. */
  choices?: ReactNode;
  more?: { label: string; onPress: () => void };
}

/** Start, Stop and progress of one measurement. */
export function RunControls(props: RunControlsProps) {
  const { run, unit, startLabel, onStart, onStop, pause, isShown, choices = null, more } = props;
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  if (!isReady) return null;
  const isRunning = run.status === 'running';
  const isUnderWay = isRunning || run.status === 'paused';
  return (
    <div className={styles.run}>
      {run.status === 'failed' ? <RunFailure error={run.error} /> : null}
      <div className={isRunning ? runStyles.running : runStyles.start}>
        <RunButtons status={run.status} startLabel={startLabel} onStart={onStart} onStop={onStop} pause={pause} />
        {isUnderWay ? null : choices}
        {isRunning ? (
          <ProgressMeter
            label={`Measuring ${toRegimeLook(run.nowKey).label}`}
            share={run.total > 0 ? run.done / run.total : null}
            detail={`${formatCount(run.done)} of ${formatCount(run.total)} ${unit}`}
          />
        ) : null}
        {more && !isUnderWay ? (
          <Button look="quiet" onPress={more.onPress}>
            {more.label}
          </Button>
        ) : null}
        <span className={isRunning ? 'visually-hidden' : styles.state} role="status">
          {run.status === 'stopped' || run.status === 'paused'
            ? `${run.status === 'paused' ? 'Paused' : 'Stopped'} after ${formatCount(run.done)} of ${formatCount(run.total)} ${unit}; what is finished is kept.`
            : ''}
          {run.status === 'done' && isShown ? `Done: ${formatCount(run.total)} ${unit}.` : ''}
        </span>
      </div>
    </div>
  );
}
