import { BITS, GROUP_SIZES } from '../../core/compress/grid.ts';
import type { RtnStep } from '../../core/compress/rtn.ts';
import { Button } from '../../ui/Button.tsx';
import { CheckField } from '../../ui/CheckField.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import styles from './RecipePanel.module.css';

interface RtnFieldsProps {
  step: RtnStep;
  onChange: (step: RtnStep) => void;
}

export function RtnFields({ step, onChange }: RtnFieldsProps) {
  const overrides = Object.entries(step.bitsPerMatrix ?? {});
  return (
    <>
      <SegmentedControl
        label={overrides.length > 0 ? 'Bits per weight, where not overridden' : 'Bits per weight'}
        segments={BITS.map((bits) => ({ value: String(bits), label: String(bits) }))}
        value={String(step.bits)}
        onChange={(value) => {
          const bits = BITS.find((candidate) => String(candidate) === value);
          if (bits !== undefined) onChange({ ...step, bits });
        }}
      />
      {step.bits === 3 ? (
        <p className={styles.note}>Stored with 3 bits; runs in a 4-bit container, because no 3-bit kernel exists.</p>
      ) : null}
      {overrides.length > 0 ? (
        <div className={styles.group}>
          <details className={styles.note}>
            <summary>{overrides.length} matrices have bits of their own</summary>
            <ul>
              {overrides.map(([name, bits]) => (
                <li key={name}>
                  {name.replace('model.layers.', 'layer ').replace(/\.(self_attn|mlp)\./, ', ')}: {bits} bits
                </li>
              ))}
            </ul>
          </details>
          <div>
            <Button
              onPress={() => {
                const { bitsPerMatrix: _, ...rest } = step;
                onChange(rest);
              }}
            >
              Same bits everywhere
            </Button>
          </div>
        </div>
      ) : null}
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
