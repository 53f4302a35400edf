import { useState } from 'react';
import { Button } from './Button.tsx';

/** Ends what runs. What is in flight on a GPU cannot be cut short, so it says that it was heard. */
export function StopButton({ onPress }: { onPress: () => void }) {
  const [isStopping, setIsStopping] = useState(false);
  return (
    <Button
      look="stop"
      icon="stop"
      isDisabled={isStopping}
      onPress={() => {
        setIsStopping(true);
        onPress();
      }}
    >
      {isStopping ? 'Stopping' : 'Stop'}
    </Button>
  );
}
