import { GREEDY } from '../../core/eval/sampling.ts';
import { useBoardStore } from '../../state/hooks.ts';
import { MAX_TEMPERATURE } from '../../state/settings.ts';
import { Button } from '../../ui/Button.tsx';
import { Fold } from '../../ui/Fold.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SliderField } from '../../ui/SliderField.tsx';
import styles from './Board.module.css';

/** Temperature that sampling starts with: wrong answers show their rivals, right ones mostly stay. */
const FIRST_TEMPERATURE = 0.8;
const SMALLEST_TEMPERATURE = 0.1;

/** How the next token is chosen on the board; scores and timings are greedy whatever is set here. */
export function DecodingChoice() {
  const sampling = useBoardStore((state) => state.sampling);
  const setSampling = useBoardStore((state) => state.setSampling);
  const isGreedy = sampling.temperature === 0;
  return (
    <Fold
      className={styles.more}
      summary={
        isGreedy
          ? 'Decoding (greedy)'
          : `Decoding (sampled, temperature ${sampling.temperature}, draw ${sampling.seed + 1})`
      }
    >
      <div className={styles.decoding}>
        <SegmentedControl
          label="Next token"
          segments={[
            { value: 'greedy', label: 'the most probable' },
            { value: 'sampled', label: 'drawn by probability' },
          ]}
          value={isGreedy ? 'greedy' : 'sampled'}
          onChange={(value) => setSampling(value === 'greedy' ? GREEDY : { ...GREEDY, temperature: FIRST_TEMPERATURE })}
        />
        {isGreedy ? null : (
          <>
            <div className={styles.temperature}>
              <SliderField
                label="Temperature"
                value={sampling.temperature}
                min={SMALLEST_TEMPERATURE}
                max={MAX_TEMPERATURE}
                step={0.1}
                valueText={sampling.temperature.toFixed(1)}
                onChange={(temperature) => setSampling({ ...sampling, temperature: Number(temperature.toFixed(1)) })}
              />
            </div>
            <Button onPress={() => setSampling({ ...sampling, seed: sampling.seed + 1 })}>Draw again</Button>
            <p className={styles.caption}>
              The same random numbers in every column; the same draw gives the same answers again. Accuracy and latency
              below are always greedy.
            </p>
          </>
        )}
      </div>
    </Fold>
  );
}
