import { useEngineStore, useSweepStore } from '../../state/hooks.ts';
import type { SweepState } from '../../state/sweep-state.ts';
import { formatCount } from '../../ui/format.ts';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { RunFailure } from '../../ui/RunFailure.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import runStyles from '../../ui/run.module.css';
import { StartStopButton } from '../../ui/StartStopButton.tsx';
import styles from './SweepPanel.module.css';

interface SweepRunProps {
  of: SweepState['runOf'];
  startLabel: string;
  onStart: () => void;
  /** There is something to measure. */
  canStart?: boolean;
  look?: 'primary' | 'plain';
}

/** Start, Stop and progress of the sweep or of the sensitivity map, and what was left out of it. */
export function SweepRun({ of, startLabel, onStart, canStart = true, look = 'plain' }: SweepRunProps) {
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const run = useSweepStore((state) => state.run);
  const runOf = useSweepStore((state) => state.runOf);
  const now = useSweepStore((state) => state.now);
  const leftOut = useSweepStore((state) => state.leftOut);
  const stop = useSweepStore((state) => state.stop);
  const isOwn = runOf === of;
  const isRunning = run.status === 'running' && isOwn;
  const isOtherRunning = run.status === 'running' && !isOwn;
  return (
    <div className={styles.run}>
      {isOwn && run.status === 'failed' ? <RunFailure error={run.error} /> : null}
      <div className={isRunning ? runStyles.running : runStyles.start}>
        <StartStopButton
          isRunning={isRunning}
          startLabel={startLabel}
          look={look}
          icon="play"
          isDisabled={!isReady || isOtherRunning || !canStart}
          onStart={onStart}
          onStop={stop}
        />
        {isRunning ? (
          <ProgressMeter
            label={now ?? `Measuring ${toRegimeLook(run.nowKey).label}`}
            share={run.total > 0 ? run.done / run.total : null}
            detail={`${formatCount(run.done)} of ${formatCount(run.total)} items`}
          />
        ) : null}
        {!isRunning && !isReady ? (
          <span className={styles.state}>
            Needs the model on your device: run it live first, at the top of the page.
          </span>
        ) : null}
        <span className={isRunning ? 'visually-hidden' : styles.state} role="status">
          {isOwn ? toEndText(run) : ''}
        </span>
      </div>
      {isOwn && leftOut.length > 0 ? (
        <details className={styles.leftOut}>
          <summary>{leftOut.length === 1 ? '1 was left out' : `${formatCount(leftOut.length)} were left out`}</summary>
          <ul>
            {leftOut.map(({ label, error }) => (
              <li key={label}>
                {label}: {error.message}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </div>
  );
}

function toEndText(run: SweepState['run']): string {
  if (run.status === 'stopped') {
    return `Stopped after ${formatCount(run.done)} of ${formatCount(run.total)} items; what is finished is kept.`;
  }
  return run.status === 'done' ? `Done: ${formatCount(run.total)} items.` : '';
}
