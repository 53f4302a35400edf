import type { AwqStep } from '../../core/compress/awq.ts';
import { Advanced } from './Advanced.tsx';
import { CalibrationFields } from './CalibrationFields.tsx';
import { RoundingFields } from './RoundingFields.tsx';
import { ScaleField } from './ScaleField.tsx';

interface AwqFieldsProps {
  step: AwqStep;
  onChange: (step: AwqStep) => void;
}

export function AwqFields({ step, onChange }: AwqFieldsProps) {
  return (
    <>
      <RoundingFields step={step} onChange={onChange} />
      <CalibrationFields
        calibration={step.calibration}
        onChange={(calibration) => onChange({ ...step, calibration })}
      />
      <Advanced>
        <ScaleField step={step} onChange={onChange} />
      </Advanced>
    </>
  );
}
