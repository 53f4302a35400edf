import type { AwqStep } from '../../core/compress/awq.ts';
import { CalibrationFields } from './CalibrationFields.tsx';
import { RoundingFields } from './RoundingFields.tsx';

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
    </>
  );
}
