import { withAmount } from '../../core/compress/pruning-amount.ts';
import type { WandaStep } from '../../core/compress/wanda.ts';
import { AmountFields } from './AmountFields.tsx';
import { CalibrationFields } from './CalibrationFields.tsx';

interface WandaFieldsProps {
  step: WandaStep;
  onChange: (step: WandaStep) => void;
}

export function WandaFields({ step, onChange }: WandaFieldsProps) {
  return (
    <>
      <AmountFields amount={step} onChange={(amount) => onChange(withAmount(step, amount))} />
      <CalibrationFields
        calibration={step.calibration}
        onChange={(calibration) => onChange({ ...step, calibration })}
      />
    </>
  );
}
