import { useState } from 'react';
import { Button } from './Button.tsx';
import type { IconName } from './Icon.tsx';

interface StartStopButtonProps {
  isRunning: boolean;
  startLabel: string;
  onStart: () => void;
  onStop: () => void;
  look?: 'primary' | 'plain';
  icon?: IconName;
  isDisabled?: boolean;
}

/**
 * Starts something and, while it runs, ends it: one button in one place, so that the focus stays on it. What is in
 * flight on a GPU cannot be cut short, so it says that Stop was heard.
 */
export function StartStopButton(props: StartStopButtonProps) {
  const { isRunning, startLabel, onStart, onStop, look = 'plain', icon, isDisabled = false } = props;
  const [isStopping, setIsStopping] = useState(false);
  if (isStopping && !isRunning) setIsStopping(false);
  if (!isRunning) {
    return (
      <Button look={look} isDisabled={isDisabled} onPress={onStart} {...(icon === undefined ? {} : { icon })}>
        {startLabel}
      </Button>
    );
  }
  return (
    <Button
      look="stop"
      icon="stop"
      onPress={() => {
        if (!isStopping) onStop();
        setIsStopping(true);
      }}
    >
      {isStopping ? 'Stopping' : 'Stop'}
    </Button>
  );
}
