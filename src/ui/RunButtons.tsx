import { Button } from './Button.tsx';
import { StartStopButton } from './StartStopButton.tsx';

interface RunButtonsProps {
  status: 'idle' | 'running' | 'paused' | 'stopped' | 'done' | 'failed';
  startLabel: string;
  onStart: () => void;
  onPause: () => void;
  /** Goes on with a run that was paused. */
  onResume: () => void;
  onStop: () => void;
  look?: 'primary' | 'plain';
  isDisabled?: boolean;
}

/** Start and Stop of a run in one place, Pause and Resume in another, so that the focus stays where it is. */
export function RunButtons(props: RunButtonsProps) {
  const { status, startLabel, onStart, onPause, onResume, onStop, look = 'plain', isDisabled = false } = props;
  const isPaused = status === 'paused';
  const isUnderWay = status === 'running' || isPaused;
  return (
    <>
      <StartStopButton
        isRunning={isUnderWay}
        startLabel={startLabel}
        look={look}
        icon="play"
        isDisabled={isDisabled}
        onStart={onStart}
        onStop={onStop}
      />
      {isUnderWay ? (
        <Button isDisabled={isDisabled} onPress={isPaused ? onResume : onPause}>
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
      ) : null}
    </>
  );
}
