import { BITS, GROUP_SIZES } from '../../core/compress/grid.ts';
import type { RoundingOptions } from '../../core/compress/rounding-options.ts';
import { CheckField } from '../../ui/CheckField.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { EmbeddingsField } from './EmbeddingsField.tsx';
import { Overrides } from './Overrides.tsx';
import styles from './RecipePanel.module.css';

interface RoundingFieldsProps<Step extends RoundingOptions> {
  step: Step;
  onChange: (step: Step) => void;
}

/** The grid that weights are rounded to. */
export function RoundingFields<Step extends RoundingOptions>({ step, onChange }: RoundingFieldsProps<Step>) {
  const isMixed = Object.keys(step.bitsPerMatrix ?? {}).length > 0;
  return (
    <>
      <SegmentedControl
        label={isMixed ? 'Bits per weight, where not overridden' : 'Bits per weight'}
        segments={BITS.map((bits) => ({ value: String(bits), label: String(bits) }))}
        value={String(step.bits)}
        onChange={(value) => {
          const bits = BITS.find((candidate) => String(candidate) === value);
          if (bits !== undefined) onChange({ ...step, bits });
        }}
      />
      {[step.bits, ...Object.values(step.bitsPerMatrix ?? {})].includes(3) ? (
        <p className={styles.note}>Stored with 3 bits; runs in a 4-bit container, because no 3-bit kernel exists.</p>
      ) : null}
      <Overrides
        overrides={step.bitsPerMatrix}
        noun="bits"
        toText={(bits) => `${bits} bits`}
        dropLabel="Same bits everywhere"
        onDrop={() => {
          const { ...rest } = step;
          delete rest.bitsPerMatrix;
          onChange(rest);
        }}
      />
      <EmbeddingsField step={step} onChange={onChange} />
      <SegmentedControl
        label="Inputs that share a scale"
        segments={GROUP_SIZES.map((size) => ({ value: String(size), label: String(size) }))}
        value={String(step.groupSize)}
        onChange={(value) => {
          const groupSize = GROUP_SIZES.find((candidate) => String(candidate) === value);
          if (groupSize !== undefined) onChange({ ...step, groupSize });
        }}
      />
      <CheckField isChecked={step.symmetric} onChange={(symmetric) => onChange({ ...step, symmetric })}>
        Symmetric around zero
      </CheckField>
    </>
  );
}
