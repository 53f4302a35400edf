import { type RoundingOptions, SCALE_DTYPES } from '../../core/compress/rounding-options.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';

interface ScaleFieldProps<Step extends RoundingOptions> {
  step: Step;
  onChange: (step: Step) => void;
}

/** What the scales of a grid are stored in, and are therefore rounded to. */
export function ScaleField<Step extends RoundingOptions>({ step, onChange }: ScaleFieldProps<Step>) {
  return (
    <SegmentedControl
      label="Scales stored as"
      segments={SCALE_DTYPES.map((dtype) => ({ value: dtype, label: dtype }))}
      value={step.scaleDtype ?? 'F16'}
      onChange={(scaleDtype) => onChange({ ...step, scaleDtype })}
    />
  );
}
