import { useRef } from 'react';
import { useEngineStore, useShareStore } from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { formatCount } from '../../ui/format.ts';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { StopButton } from '../../ui/StopButton.tsx';
import styles from './SharePanel.module.css';

interface HarnessFileProps {
  isBusy: boolean;
  /** The id of a text that says that nothing was measured; null where something was. */
  why: string | null;
  onSave: () => void;
}

/** Results and samples. The model itself writes what it says where it is wrong, so it must run. */
export function HarnessFile({ isBusy, why, onSave }: HarnessFileProps) {
  const isRunning = useEngineStore(({ engine }) => engine.status === 'ready');
  const phase = useShareStore((state) => state.phase);
  const stopWriting = useShareStore((state) => state.stopWriting);
  const noteRef = useRef<HTMLSpanElement>(null);
  const stop = () => {
    stopWriting();
    // The button goes; whoever works by keyboard stays where they were.
    noteRef.current?.focus();
  };
  return (
    <li>
      <Button isDisabled={isBusy || why !== null || !isRunning} describedBy={why ?? 'share-harness'} onPress={onSave}>
        Results and samples
      </Button>
      <span id="share-harness" ref={noteRef} tabIndex={-1}>
        {why === null && !isRunning
          ? 'Run the model to write samples: they hold its own words'
          : 'as lm-evaluation-harness writes them, a model per regime'}
      </span>
      {phase.status === 'asking' ? (
        <div className={styles.asking}>
          <ProgressMeter
            label="The model writes out its wrong answers"
            share={phase.done / phase.total}
            detail={`${formatCount(phase.done)} of ${formatCount(phase.total)}`}
          />
          <StopButton onPress={stop} />
        </div>
      ) : null}
    </li>
  );
}
