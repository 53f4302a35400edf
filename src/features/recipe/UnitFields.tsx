import { ALLOCATIONS, type Allocation, type UnitOptions } from '../../core/compress/structured.ts';
import { formatShare } from '../../ui/format.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SliderField } from '../../ui/SliderField.tsx';
import { CalibrationFields } from './CalibrationFields.tsx';

const ALLOCATION_LABELS: Readonly<Record<Allocation, string>> = {
  uniform: 'each layer alike',
  global: 'the model as a whole',
};

interface UnitFieldsProps<Step extends UnitOptions> {
  step: Step;
  onChange: (step: Step) => void;
}

/** How many whole units go, and from where. */
export function UnitFields<Step extends UnitOptions>({ step, onChange }: UnitFieldsProps<Step>) {
  return (
    <>
      <SliderField
        label="Share that goes"
        value={Math.round(step.share * 100)}
        min={0}
        max={95}
        step={1}
        valueText={formatShare(step.share, 0)}
        onChange={(percent) => onChange({ ...step, share: percent / 100 })}
      />
      <SegmentedControl
        label="Lowest within"
        segments={ALLOCATIONS.map((value) => ({ value, label: ALLOCATION_LABELS[value] }))}
        value={step.allocation}
        onChange={(allocation) => onChange({ ...step, allocation })}
      />
      <CalibrationFields
        calibration={step.calibration}
        onChange={(calibration) => onChange({ ...step, calibration })}
      />
    </>
  );
}
