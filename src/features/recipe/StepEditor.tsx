import { AXIS_OF, type LevelAxis, METHOD_IDS } from '../../core/compress/levels.ts';
import { METHODS } from '../../core/compress/methods.ts';
import type { RecipeStep } from '../../core/compress/recipe.ts';
import { Button } from '../../ui/Button.tsx';
import { Fold } from '../../ui/Fold.tsx';
import { SelectField } from '../../ui/SelectField.tsx';
import { LayerChoice } from './LayerChoice.tsx';
import { MatrixMap } from './MatrixMap.tsx';
import { OptionsForm } from './OptionsForm.tsx';
import styles from './RecipePanel.module.css';

interface StepEditorProps {
  step: RecipeStep;
  /** From 1; null where the recipe has one step only. */
  number: number | null;
  /** Layers of the model; null before the pack is there. */
  layers: number | null;
  onChange: (step: RecipeStep) => void;
  /** Absent where the step cannot go. */
  onRemove?: () => void;
}

/** The groups of the list, by what the methods' levels are. */
const GROUP_LABELS: Readonly<Record<LevelAxis, string>> = {
  sparsity: 'Prune',
  bits: 'Quantize',
  share: 'Remove whole units',
};
const GROUPS = (['sparsity', 'bits', 'share'] as const).map((axis) => ({
  label: GROUP_LABELS[axis],
  options: METHOD_IDS.filter((id) => AXIS_OF[id] === axis).map((id) => ({ value: id, label: METHODS[id].label })),
}));

/** One step of a recipe: its method, its options, and which matrices it changes. */
export function StepEditor({ step, number, layers, onChange, onRemove }: StepEditorProps) {
  const apart = (step.exclude?.length ?? 0) + countOverrides(step);
  return (
    <fieldset className={styles.column}>
      <legend className="visually-hidden">{number === null ? 'The step' : `Step ${number}`}</legend>
      <div className={styles.group}>
        <SelectField
          label={number === null ? 'Method' : `Step ${number}`}
          groups={GROUPS}
          value={step.method}
          onChange={(method) => {
            if (method !== step.method) onChange(METHODS[method].defaultOptions);
          }}
        />
        <p className={styles.note}>{METHODS[step.method].summary}</p>
      </div>
      <OptionsForm step={step} onChange={onChange} />
      {layers !== null && 'share' in step ? <LayerChoice step={step} layers={layers} onChange={onChange} /> : null}
      {layers === null || 'share' in step ? null : (
        <Fold
          className={styles.more}
          summary={apart === 0 ? `All ${7 * layers} matrices alike` : `${apart} of ${7 * layers} matrices apart`}
        >
          <MatrixMap step={step} layers={layers} onChange={onChange} />
        </Fold>
      )}
      {onRemove === undefined ? null : (
        <div>
          <Button look="quiet" onPress={onRemove}>
            Remove step {number}
          </Button>
        </div>
      )}
    </fieldset>
  );
}

function countOverrides(step: RecipeStep): number {
  const overrides =
    'bits' in step ? step.bitsPerMatrix : 'sparsityPerMatrix' in step ? step.sparsityPerMatrix : undefined;
  return Object.keys(overrides ?? {}).length;
}
