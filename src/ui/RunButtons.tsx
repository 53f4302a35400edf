import { Button } from './Button.tsx';
import styles from './run.module.css';
import { StartStopButton } from './StartStopButton.tsx';

interface RunButtonsProps {
  status: 'idle' | 'running' | 'paused' | 'stopped' | 'done' | 'failed';
  startLabel: string;
  onStart: () => void;
  onStop: () => void;
  /** Of a run that can wait: what came so far is kept, and the engine is free meanwhile. */
  pause?: { onPause: () => void; onResume: () => void } | undefined;
  look?: 'primary' | 'plain';
  isDisabled?: boolean;
}

/** Start and Stop of a run in one place, Pause and Resume in another, so that the focus stays where it is. */
export function RunButtons(props: RunButtonsProps) {
  const { status, startLabel, onStart, onStop, pause, look = 'plain', isDisabled = false } = props;
  const isPaused = status === 'paused';
  const isUnderWay = status === 'running' || isPaused;
  return (
    <span className={styles.buttons}>
      <StartStopButton
        isRunning={isUnderWay}
        startLabel={startLabel}
        look={look}
        icon="play"
        isDisabled={isDisabled}
        onStart={onStart}
        onStop={onStop}
      />
      {isUnderWay && pause !== undefined ? (
        <Button isDisabled={isDisabled} onPress={isPaused ? pause.onResume : pause.onPause}>
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
      ) : null}
    </span>
  );
}
