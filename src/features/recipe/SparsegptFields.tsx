import { withAmount } from '../../core/compress/pruning-amount.ts';
import type { SparsegptStep } from '../../core/compress/sparsegpt.ts';
import { Advanced } from './Advanced.tsx';
import { AmountFields } from './AmountFields.tsx';
import { CalibrationFields } from './CalibrationFields.tsx';
import { WalkFields } from './WalkFields.tsx';

interface SparsegptFieldsProps {
  step: SparsegptStep;
  onChange: (step: SparsegptStep) => void;
}

export function SparsegptFields({ step, onChange }: SparsegptFieldsProps) {
  return (
    <>
      <AmountFields amount={step} onChange={(amount) => onChange(withAmount(step, amount))} />
      <CalibrationFields
        calibration={step.calibration}
        onChange={(calibration) => onChange({ ...step, calibration })}
      />
      <Advanced>
        <WalkFields step={step} onChange={(changes) => onChange({ ...step, ...changes })} />
      </Advanced>
    </>
  );
}
