import { useId } from 'react';
import { withLevel } from '../../core/compress/matrix-level.ts';
import { METHODS } from '../../core/compress/methods.ts';
import type { RecipeStep, StepOf } from '../../core/compress/recipe.ts';
import { holdersOf, staysWhole } from '../../core/compress/structured.ts';
import { ToggleGroup } from '../../ui/ToggleGroup.tsx';
import styles from './RecipePanel.module.css';

interface LayerChoiceProps {
  step: StepOf<'neurons' | 'heads'>;
  /** Layers of the model. */
  layers: number;
  onChange: (step: RecipeStep) => void;
}

/** Which layers lose units: a unit stands in several matrices of its layer, so a layer is left out as a whole. */
export function LayerChoice({ step, layers, onChange }: LayerChoiceProps) {
  const labelId = useId();
  const { units } = METHODS[step.method];
  const all = Array.from({ length: layers }, (_, layer) => layer);
  const toModules = (chosen: readonly number[]) =>
    chosen.flatMap((layer) => holdersOf(units).map((name) => `model.layers.${layer}.${name}`));
  const choose = (chosen: readonly number[]) => {
    const others = all.filter((layer) => !chosen.includes(layer));
    const taken = withLevel(step, toModules(chosen), { kind: 'usual' });
    onChange(withLevel(taken, toModules(others), { kind: 'excluded' }));
  };
  return (
    <div className={styles.group}>
      <h3 id={labelId} className={styles.label}>
        Layers that lose some
      </h3>
      <ToggleGroup
        labelId={labelId}
        look="level"
        toggles={all.map((layer) => ({ value: layer, label: String(layer) }))}
        chosen={all.filter((layer) => !staysWhole(step, units, layer))}
        onChange={choose}
      />
      <p className={styles.note}>A unit goes from every matrix of its layer that holds it.</p>
    </div>
  );
}
