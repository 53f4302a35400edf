import type { MagnitudeStep } from '../../core/compress/magnitude.ts';
import { formatShare } from '../../ui/format.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SliderField } from '../../ui/SliderField.tsx';

interface MagnitudeFieldsProps {
  step: MagnitudeStep;
  onChange: (step: MagnitudeStep) => void;
}

export function MagnitudeFields({ step, onChange }: MagnitudeFieldsProps) {
  return (
    <>
      <SliderField
        label="Sparsity"
        value={Math.round(step.sparsity * 100)}
        min={0}
        max={95}
        step={1}
        valueText={formatShare(step.sparsity, 0)}
        onChange={(percent) => onChange({ ...step, sparsity: percent / 100 })}
      />
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
    </>
  );
}
