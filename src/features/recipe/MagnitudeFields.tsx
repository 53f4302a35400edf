import type { MagnitudeStep } from '../../core/compress/magnitude.ts';
import { withAmount } from '../../core/compress/pruning-amount.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { AmountFields } from './AmountFields.tsx';

interface MagnitudeFieldsProps {
  step: MagnitudeStep;
  onChange: (step: MagnitudeStep) => void;
}

export function MagnitudeFields({ step, onChange }: MagnitudeFieldsProps) {
  return (
    <>
      <AmountFields
        amount={step}
        onChange={(amount) => {
          const { granularity = 'per-output', ...rest } = withAmount(step, amount);
          onChange(rest.pattern === undefined ? { ...rest, granularity } : rest);
        }}
      />
      {step.pattern === undefined ? (
        <SegmentedControl
          label="Smallest within each"
          segments={[
            { value: 'per-output', label: 'output row' },
            { value: 'per-layer', label: 'matrix' },
            { value: 'global', label: 'model' },
          ]}
          value={step.granularity}
          onChange={(granularity) => onChange({ ...step, granularity })}
        />
      ) : null}
    </>
  );
}
