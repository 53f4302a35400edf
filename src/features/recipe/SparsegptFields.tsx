import { withAmount } from '../../core/compress/pruning-amount.ts';
import type { SparsegptStep } from '../../core/compress/sparsegpt.ts';
import { AmountFields } from './AmountFields.tsx';
import { WalkFields } from './WalkFields.tsx';

interface SparsegptFieldsProps {
  step: SparsegptStep;
  onChange: (step: SparsegptStep) => void;
}

export function SparsegptFields({ step, onChange }: SparsegptFieldsProps) {
  return (
    <>
      <AmountFields amount={step} onChange={(amount) => onChange(withAmount(step, amount))} />
      <WalkFields step={step} onChange={(changes) => onChange({ ...step, ...changes })} />
    </>
  );
}
