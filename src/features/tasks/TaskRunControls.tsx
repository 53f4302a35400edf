import type { WireError } from '../../core/errors.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { useEngineStore, useTaskStore } from '../../state/hooks.ts';
import type { TaskState } from '../../state/task-state.ts';
import { formatCount } from '../../ui/format.ts';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { RunButtons } from '../../ui/RunButtons.tsx';
import { RunFailure } from '../../ui/RunFailure.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import styles from './TasksPanel.module.css';

/** Start, Pause, Stop and progress of the chosen task, and what was left out of it. */
export function TaskRunControls() {
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const run = useTaskStore((state) => state.run);
  const progress = useTaskStore((state) => state.progress);
  const leftOut = useTaskStore((state) => state.leftOut);
  const start = useTaskStore((state) => state.start);
  const pause = useTaskStore((state) => state.pause);
  const stop = useTaskStore((state) => state.stop);
  const isComplete = run.status !== 'running' && progress !== null && progress.done === progress.total;
  return (
    <div className={styles.run}>
      {run.status === 'failed' ? <RunFailure error={run.error} /> : null}
      <div className={styles.buttons}>
        <RunButtons
          status={run.status}
          startLabel={toStartLabel(progress)}
          look="primary"
          isDisabled={!isReady || isComplete}
          onStart={start}
          onStop={stop}
          pause={{ onPause: pause, onResume: start }}
        />
        {run.status === 'running' ? (
          <div className={styles.meter}>
            <ProgressMeter
              label={`Asking ${toRegimeLook(run.nowKey).label}`}
              share={run.total > 0 ? run.done / run.total : null}
              detail={`${formatCount(run.done)} of ${formatCount(run.total)} answers`}
            />
          </div>
        ) : null}
        {!isReady && run.status !== 'running' ? (
          <span className={styles.state}>
            Needs the model on your device: run it live first, at the top of the page.
          </span>
        ) : null}
        <span className={run.status === 'running' ? 'visually-hidden' : styles.state} role="status">
          {toStateText(run, progress)}
        </span>
      </div>
      {leftOut.length > 0 ? <LeftOut leftOut={leftOut} /> : null}
    </div>
  );
}

function LeftOut({ leftOut }: { leftOut: readonly { key: RegimeKey; error: WireError }[] }) {
  const reasons = new Map(leftOut.map(({ key, error }) => [key, error.message]));
  return (
    <ul className={styles.leftOut} aria-label="Left out of this run">
      {[...reasons].map(([key, message]) => (
        <li key={key}>
          {toRegimeLook(key).label} was left out: {message}
        </li>
      ))}
    </ul>
  );
}

function toStartLabel(progress: TaskState['progress']): string {
  if (progress === null || progress.done === 0) return 'Ask every regime';
  return progress.done < progress.total ? 'Go on' : 'All regimes were asked';
}

function toStateText(run: TaskState['run'], progress: TaskState['progress']): string {
  if (run.status === 'running') return '';
  if (run.status === 'paused') return `Paused at ${formatCount(run.done)} of ${formatCount(run.total)} answers.`;
  if (progress === null || progress.total === 0) return '';
  const { done, total } = progress;
  if (done === total) return `Done: all ${formatCount(total)} answers are here.`;
  if (run.status === 'stopped')
    return `Stopped at ${formatCount(done)} of ${formatCount(total)} answers; they are kept.`;
  return done === 0
    ? `${formatCount(total)} answers to get.`
    : `${formatCount(done)} of ${formatCount(total)} answers are here from before.`;
}
