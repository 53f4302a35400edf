import type { RtnStep } from '../../core/compress/rtn.ts';
import { Advanced } from './Advanced.tsx';
import { RoundingFields } from './RoundingFields.tsx';
import { ScaleField } from './ScaleField.tsx';

interface RtnFieldsProps {
  step: RtnStep;
  onChange: (step: RtnStep) => void;
}

export function RtnFields({ step, onChange }: RtnFieldsProps) {
  return (
    <>
      <RoundingFields step={step} onChange={onChange} />
      <Advanced>
        <ScaleField step={step} onChange={onChange} />
      </Advanced>
    </>
  );
}
