import { BITS } from '../../core/compress/grid.ts';
import type { RoundingOptions } from '../../core/compress/rounding-options.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import styles from './RecipePanel.module.css';

interface EmbeddingsFieldProps<Step extends RoundingOptions> {
  step: Step;
  onChange: (step: Step) => void;
}

/** "full" alone is seen, so that all choices fit into one line. */
const FULL_PRECISION = {
  value: 'full',
  label: (
    <>
      full<span className="visually-hidden"> precision</span>
    </>
  ),
};

/** Whether the embeddings are rounded too, and to how many bits. */
export function EmbeddingsField<Step extends RoundingOptions>({ step, onChange }: EmbeddingsFieldProps<Step>) {
  return (
    <div className={styles.group}>
      <SegmentedControl
        label="Embeddings, in bits"
        segments={[...BITS.map((bits) => ({ value: String(bits), label: String(bits) })), FULL_PRECISION]}
        value={String(step.embeddings ?? FULL_PRECISION.value)}
        onChange={(value) => {
          const { ...changed } = step;
          delete changed.embeddings;
          const embeddings = BITS.find((bits) => String(bits) === value);
          onChange(embeddings === undefined ? changed : { ...changed, embeddings });
        }}
      />
      {step.embeddings === undefined ? null : (
        <p className={styles.note}>
          Rounded to nearest by every method. Stored with {step.embeddings} bits, run in float32.
        </p>
      )}
    </div>
  );
}
