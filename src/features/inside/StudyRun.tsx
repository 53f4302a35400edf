import type { ReactNode } from 'react';
import type { Run } from '../../state/evaluate-state.ts';
import { useEngineStore, useInsideForm } from '../../state/hooks.ts';
import { formatCount } from '../../ui/format.ts';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { RunFailure } from '../../ui/RunFailure.tsx';
import runStyles from '../../ui/run.module.css';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { StartStopButton } from '../../ui/StartStopButton.tsx';
import styles from './views.module.css';

/** Questions that a study can ask: a first look in seconds, or intervals half as wide for four times the time. */
const ITEM_COUNTS = [20, 40, 100, 200] as const;

interface StudyRunProps {
  run: Run;
  startLabel: (items: string) => string;
  /** What is being done, in words. */
  runningLabel: string;
  onStart: () => void;
  onStop: () => void;
  /** What else is chosen before a run. */
  choices?: ReactNode;
}

/** How many questions, Start, Stop and progress of a study of many questions, and how it ended. */
export function StudyRun({ run, startLabel, runningLabel, onStart, onStop, choices }: StudyRunProps) {
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const items = useInsideForm((state) => state.choice.items);
  const choose = useInsideForm((state) => state.choose);
  const isRunning = run.status === 'running';
  const counts = [...new Set([...ITEM_COUNTS, items])].sort((one, other) => one - other);
  return (
    <div className={styles.run}>
      {run.status === 'failed' ? <RunFailure error={run.error} /> : null}
      <div className={styles.pickers}>
        {isRunning ? null : (
          <>
            {choices}
            <SegmentedControl
              label="Questions"
              segments={counts.map((count) => ({ value: String(count), label: String(count) }))}
              value={String(items)}
              onChange={(count) => choose({ items: Number(count) })}
            />
          </>
        )}
        <div className={`${styles.start} ${isRunning ? runStyles.running : runStyles.start}`}>
          <StartStopButton
            isRunning={isRunning}
            startLabel={startLabel(formatCount(items))}
            icon="play"
            isDisabled={!isReady}
            onStart={onStart}
            onStop={onStop}
          />
          {isRunning ? (
            <ProgressMeter
              label={runningLabel}
              share={run.total > 0 ? run.done / run.total : null}
              detail={`${formatCount(run.done)} of ${formatCount(run.total)} questions`}
            />
          ) : null}
          {isRunning || isReady ? null : (
            <span className={styles.state}>Needs the model on your device: run it live first.</span>
          )}
          <span className={isRunning ? 'visually-hidden' : styles.state} role="status">
            {toEndText(run)}
          </span>
        </div>
      </div>
    </div>
  );
}

function toEndText(run: Run): string {
  if (run.status === 'stopped') {
    return `Stopped after ${formatCount(run.done)} of ${formatCount(run.total)} questions; what is finished is kept.`;
  }
  return run.status === 'done' ? `Done: ${formatCount(run.total)} questions.` : '';
}
