import { useFatesStore } from '../../state/hooks.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { useFindings } from './use-findings.ts';

/** Recorded or measured here, where both are there. */
export function SourceChoice() {
  const { hasBoth } = useFindings();
  const source = useFatesStore((state) => state.source);
  const setSource = useFatesStore((state) => state.setSource);
  if (!hasBoth) return null;
  return (
    <SegmentedControl
      label="Answers"
      isLabelHidden
      segments={[
        { value: 'recorded', label: 'Recorded' },
        { value: 'live', label: 'Measured here' },
      ]}
      value={source}
      onChange={setSource}
    />
  );
}
