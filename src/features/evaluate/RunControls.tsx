import type { Run } from '../../state/evaluate-state.ts';
import { useEngineStore } from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { formatCount } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import styles from './EvaluatePanel.module.css';

interface RunControlsProps {
  run: Run;
  /** What is counted: items or runs. */
  unit: string;
  startLabel: string;
  onStart: () => void;
  onStop: () => void;
  more?: { label: string; onPress: () => void };
}

/** Start, Stop and progress of one measurement. */
export function RunControls({ run, unit, startLabel, onStart, onStop, more }: RunControlsProps) {
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  if (!isReady) return null;
  if (run.status === 'running') {
    return (
      <div className={styles.running}>
        <ProgressMeter
          label={`Measuring ${toRegimeLook(run.nowKey).label}`}
          share={run.total > 0 ? run.done / run.total : null}
          detail={`${formatCount(run.done)} of ${formatCount(run.total)} ${unit}`}
        />
        <Button look="stop" icon="stop" onPress={onStop}>
          Stop
        </Button>
      </div>
    );
  }
  return (
    <>
      {run.status === 'failed' ? <ErrorNotice error={run.error} /> : null}
      <div className={styles.start}>
        <Button icon="play" onPress={onStart}>
          {startLabel}
        </Button>
        {more ? (
          <Button look="quiet" onPress={more.onPress}>
            {more.label}
          </Button>
        ) : null}
        <span className={styles.state} role="status">
          {run.status === 'stopped'
            ? `Stopped after ${formatCount(run.done)} of ${formatCount(run.total)} ${unit}; what is finished is kept.`
            : ''}
          {run.status === 'done' ? `Done: ${formatCount(run.total)} ${unit}.` : ''}
        </span>
      </div>
    </>
  );
}
