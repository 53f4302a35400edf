import { useCallback } from 'react';
import type { Recipe } from '../../core/compress/recipe.ts';
import type { PackManifest, PackRecipe } from '../../core/pack/manifest.ts';
import { usePackStore, useRecipeForm, useShownRecipe } from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { FoldWhenNarrow } from '../../ui/FoldWhenNarrow.tsx';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import styles from './RecipePanel.module.css';
import { RecipeSteps } from './RecipeSteps.tsx';
import { VariantFigures } from './VariantFigures.tsx';

function hasRepairs(manifest: PackManifest, recipeId: string): boolean {
  return manifest.repairs.some((repair) => repair.recipeId === recipeId);
}

/** How the checkpoint is compressed: a shipped recipe or one's own, at once. */
export function RecipePanel() {
  const pack = usePackStore((state) => state.pack);
  const { steps } = useShownRecipe();
  const presetId = useRecipeForm((state) => state.presetId);
  const problem = useRecipeForm((state) => state.problem);
  const setRecipe = useRecipeForm((state) => state.setRecipe);
  const setPreset = useRecipeForm((state) => state.setPreset);
  const setSteps = useCallback((changed: Recipe['steps']) => setRecipe({ version: 1, steps: changed }), [setRecipe]);

  return (
    <Panel title="Recipe">
      <div className={styles.fields}>
        <div className={styles.column}>
          <div className={styles.group}>
            <h3 className={styles.label}>Shipped recipes</h3>
            {pack.status === 'ready' ? (
              <Presets recipes={pack.manifest.recipes} presetId={presetId} onChoose={setPreset} />
            ) : (
              <p className={styles.note}>
                {pack.status === 'loading' ? 'Reading the pack.' : 'The pack could not be read.'}
              </p>
            )}
            {pack.status === 'ready' && presetId !== null && !hasRepairs(pack.manifest, presetId) ? (
              <p className={styles.note}>No repair was trained for this recipe yet; those shown are transferred.</p>
            ) : null}
            {pack.status === 'ready' && presetId === null ? (
              <p className={styles.note}>
                Your own recipe. Repairs were trained for the shipped ones; on yours they count as transferred.
              </p>
            ) : null}
          </div>
          {problem === null ? null : <ErrorNotice error={problem} />}
        </div>
        <FoldWhenNarrow summary="Method, level and sizes">
          <RecipeSteps
            steps={steps}
            layers={pack.status === 'ready' ? pack.manifest.checkpoint.layers : null}
            onChange={setSteps}
          />
          <VariantFigures />
        </FoldWhenNarrow>
      </div>
    </Panel>
  );
}

interface PresetsProps {
  recipes: readonly PackRecipe[];
  presetId: string | null;
  onChoose: (id: string) => void;
}

function Presets({ recipes, presetId, onChoose }: PresetsProps) {
  return (
    <ul className={styles.presets}>
      {recipes.map((shipped) => (
        <li key={shipped.id}>
          <Button look="row" isPressed={shipped.id === presetId} onPress={() => onChoose(shipped.id)}>
            {shipped.label} <span className={styles.severity}>{shipped.severity}</span>
          </Button>
        </li>
      ))}
    </ul>
  );
}
