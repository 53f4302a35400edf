import { useBoardStore } from '../../state/hooks.ts';
import { RegimeMark } from '../../ui/RegimeMark.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import styles from './RecoverySwitch.module.css';

const SEGMENTS = [
  {
    value: 'idp',
    label: (
      <>
        <RegimeMark regime="idp" /> IDP
      </>
    ),
    color: 'var(--regime-idp)',
  },
  {
    value: 'lora-merged',
    label: (
      <>
        <RegimeMark regime="lora-merged" /> LoRA-merged
      </>
    ),
    color: 'var(--regime-lora-merged)',
  },
] as const;

const EXPLANATIONS = {
  idp: 'A soft prompt is chosen for each question; the compressed weights stay.',
  'lora-merged': 'A trained correction is merged into the weights; what compression saved is lost.',
} as const;

/** The first control of the page: which of the two recoveries everything else emphasises. */
export function RecoverySwitch() {
  const highlighted = useBoardStore((state) => state.highlighted);
  const setHighlighted = useBoardStore((state) => state.setHighlighted);
  return (
    <div className={styles.switch}>
      <SegmentedControl
        label="Recovery"
        isLabelHidden
        size="l"
        segments={SEGMENTS}
        value={highlighted}
        onChange={setHighlighted}
      />
      <p className={styles.explanation}>
        {EXPLANATIONS[highlighted]} <span className={styles.scope}>Highlighted everywhere below.</span>
      </p>
    </div>
  );
}
