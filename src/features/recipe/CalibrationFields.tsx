import type { CalibrationOptions } from '../../core/compress/calibration.ts';
import { SliderField } from '../../ui/SliderField.tsx';

/** Offered numbers of sentences; with fewer the Gram matrices say little, and more gain nothing on a model of this size. */
const SAMPLES = { min: 16, max: 1024, step: 16 } as const;

interface CalibrationFieldsProps {
  calibration: CalibrationOptions;
  onChange: (calibration: CalibrationOptions) => void;
}

/** What a calibrated method looks at. */
export function CalibrationFields({ calibration, onChange }: CalibrationFieldsProps) {
  const { samples, seed } = calibration;
  return (
    <>
      <SliderField
        label="Calibration sentences"
        value={samples}
        {...SAMPLES}
        valueText={String(samples)}
        onChange={(value) => onChange({ samples: value, seed })}
      />
      <SliderField
        label="Seed of their draw"
        value={seed}
        min={0}
        max={9}
        step={1}
        valueText={String(seed)}
        onChange={(value) => onChange({ samples, seed: value })}
      />
    </>
  );
}
