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
  idp: 'A soft prompt, chosen per question, goes before it. The compressed weights stay.',
  'lora-merged': 'A trained correction goes into the weights. What compression saved is given up.',
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
        {EXPLANATIONS[highlighted]} <span className={styles.scope}>Highlighted in board, figures and charts.</span>
      </p>
    </div>
  );
}
