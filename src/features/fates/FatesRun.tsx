import type { Run } from '../../state/evaluate-state.ts';
import { useEngineStore, useFatesStore } from '../../state/hooks.ts';
import { formatCount } from '../../ui/format.ts';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { RunButtons } from '../../ui/RunButtons.tsx';
import { RunFailure } from '../../ui/RunFailure.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import runStyles from '../../ui/run.module.css';
import styles from './FactsPanel.module.css';

/** Start, Pause, Stop and progress of asking every fact on this device; nothing that was asked is asked again. */
export function FatesRun() {
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const run = useFatesStore((state) => state.run);
  const start = useFatesStore((state) => state.start);
  const pause = useFatesStore((state) => state.pause);
  const stop = useFatesStore((state) => state.stop);
  const isRunning = run.status === 'running';
  return (
    <>
      {run.status === 'failed' ? <RunFailure error={run.error} /> : null}
      <div className={isRunning ? runStyles.running : runStyles.start}>
        <RunButtons
          status={run.status}
          startLabel={run.status === 'stopped' ? 'Go on asking' : 'Ask every fact here'}
          isDisabled={!isReady}
          onStart={start}
          onStop={stop}
          pause={{ onPause: pause, onResume: start }}
        />
        {isRunning ? (
          <ProgressMeter
            label={`Asking ${toRegimeLook(run.nowKey).label}`}
            share={run.total > 0 ? run.done / run.total : null}
            detail={`${formatCount(run.done)} of ${formatCount(run.total)} questions`}
          />
        ) : null}
        <span className={isRunning ? 'visually-hidden' : styles.note} role="status">
          {isReady ? toEndText(run) : 'Needs the model on your device: run it live first, at the top of the page.'}
        </span>
      </div>
    </>
  );
}

function toEndText(run: Run): string {
  switch (run.status) {
    case 'paused':
    case 'stopped': {
      const word = run.status === 'paused' ? 'Paused' : 'Stopped';
      return `${word} after ${formatCount(run.done)} of ${formatCount(run.total)} questions; what is finished is kept.`;
    }
    case 'done':
      return `Done: ${formatCount(run.total)} questions.`;
    case 'idle':
    case 'running':
    case 'failed':
      return '';
    default:
      return run satisfies never;
  }
}
