import { useComparisonsStore } from '../../state/hooks.ts';
import { formatPoints } from '../../ui/format.ts';
import { NamedGroup } from '../../ui/NamedGroup.tsx';
import { SelectField } from '../../ui/SelectField.tsx';
import styles from './ComparisonsFigure.module.css';

const AT_HAND = 'at hand';

/** Differences of accuracy that somebody may plan for, as shares. */
const DIFFERENCES = [0.01, 0.02, 0.05, 0.1];

/** For which difference the items are counted that an undecided comparison needs: the one at hand is itself only an estimate. */
export function PlannedDifference() {
  const planned = useComparisonsStore((state) => state.plannedDifference);
  const planFor = useComparisonsStore((state) => state.planFor);
  const options = [
    { value: AT_HAND, label: 'the difference at hand' },
    ...DIFFERENCES.map((each) => ({ value: String(each), label: formatPoints(each).replace('+', '') })),
  ];
  return (
    <NamedGroup className={styles.picker} aria-label="What to plan for" data-export="no">
      <SelectField
        label="Items needed to see"
        groups={[{ label: 'At 80 % power', options }]}
        value={planned === null ? AT_HAND : String(planned)}
        onChange={(value) => planFor(value === AT_HAND ? null : Number(value))}
      />
    </NamedGroup>
  );
}
