import { memo } from 'react';
import { METHODS } from '../../core/compress/methods.ts';
import type { RecipeStep } from '../../core/compress/recipe.ts';
import { Button } from '../../ui/Button.tsx';
import { StepEditor } from './StepEditor.tsx';

interface RecipeStepsProps {
  steps: readonly RecipeStep[];
  /** Layers of the model; null before the pack is there. */
  layers: number | null;
  onChange: (steps: readonly RecipeStep[]) => void;
}

/** Prune, then quantize is what people do; a third step has no use on a panel (links and files may hold more). */
const MOST_STEPS = 2;

/** The steps of a recipe, in their order; drawn anew only when they change, since a form is dear. */
export const RecipeSteps = memo(function RecipeSteps({ steps, layers, onChange }: RecipeStepsProps) {
  const last = steps.at(-1);
  const next = last !== undefined && 'bits' in last ? METHODS.magnitude : METHODS.rtn;
  return (
    <>
      {Object.entries(steps).map(([place, step]) => {
        const index = Number(place);
        return (
          <StepEditor
            key={place}
            step={step}
            number={steps.length > 1 ? index + 1 : null}
            layers={layers}
            onChange={(changed) => onChange(steps.with(index, changed))}
            {...(steps.length > 1 ? { onRemove: () => onChange(steps.toSpliced(index, 1)) } : {})}
          />
        );
      })}
      {steps.length < MOST_STEPS ? (
        <div>
          <Button onPress={() => onChange([...steps, next.defaultOptions])}>
            {next === METHODS.rtn ? 'Then quantize' : 'Then prune'}
          </Button>
        </div>
      ) : null}
    </>
  );
});
