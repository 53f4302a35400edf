import type { GptqStep } from '../../core/compress/gptq.ts';
import { CheckField } from '../../ui/CheckField.tsx';
import { Advanced } from './Advanced.tsx';
import { CalibrationFields } from './CalibrationFields.tsx';
import { RoundingFields } from './RoundingFields.tsx';
import { ScaleField } from './ScaleField.tsx';
import { WalkFields } from './WalkFields.tsx';

interface GptqFieldsProps {
  step: GptqStep;
  onChange: (step: GptqStep) => void;
}

export function GptqFields({ step, onChange }: GptqFieldsProps) {
  return (
    <>
      <RoundingFields step={step} onChange={(changed) => onChange(withWholeGroups(changed))} />
      <CheckField isChecked={step.actOrder} onChange={(actOrder) => onChange({ ...step, actOrder })}>
        Largest activations first
      </CheckField>
      <CalibrationFields
        calibration={step.calibration}
        onChange={(calibration) => onChange({ ...step, calibration })}
      />
      <Advanced>
        <WalkFields step={step} groupSize={step.groupSize} onChange={(changes) => onChange({ ...step, ...changes })} />
        <ScaleField step={step} onChange={onChange} />
      </Advanced>
    </>
  );
}

/** Blocks must hold whole groups, so larger groups may need larger blocks. */
function withWholeGroups(step: GptqStep): GptqStep {
  return { ...step, blockSize: Math.ceil(step.blockSize / step.groupSize) * step.groupSize };
}
