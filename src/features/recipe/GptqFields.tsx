import type { GptqStep } from '../../core/compress/gptq.ts';
import { CheckField } from '../../ui/CheckField.tsx';
import { RoundingFields } from './RoundingFields.tsx';
import { WalkFields } from './WalkFields.tsx';

interface GptqFieldsProps {
  step: GptqStep;
  onChange: (step: GptqStep) => void;
}

export function GptqFields({ step, onChange }: GptqFieldsProps) {
  return (
    <>
      <RoundingFields step={step} onChange={onChange} />
      <CheckField isChecked={step.actOrder} onChange={(actOrder) => onChange({ ...step, actOrder })}>
        Largest activations first
      </CheckField>
      <WalkFields step={step} onChange={(changes) => onChange({ ...step, ...changes })} />
    </>
  );
}
