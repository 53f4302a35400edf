import type { WalkOptions } from '../../core/compress/column-walk.ts';
import { formatShare } from '../../ui/format.ts';
import { SliderField } from '../../ui/SliderField.tsx';
import { CalibrationFields } from './CalibrationFields.tsx';

interface WalkFieldsProps {
  step: WalkOptions;
  onChange: (changes: Partial<WalkOptions>) => void;
}

/** The options that SparseGPT and GPTQ share. */
export function WalkFields({ step, onChange }: WalkFieldsProps) {
  return (
    <>
      <SliderField
        label="Dampening"
        value={step.dampening * 1000}
        min={1}
        max={100}
        step={1}
        valueText={formatShare(step.dampening, 1)}
        onChange={(permille) => onChange({ dampening: permille / 1000 })}
      />
      <CalibrationFields calibration={step.calibration} onChange={(calibration) => onChange({ calibration })} />
    </>
  );
}
