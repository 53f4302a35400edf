import { isSameRecipe } from '../../core/compress/recipe-key.ts';
import { useEvaluateStore, usePackStore, useRecipeStore } from '../../state/hooks.ts';
import type { RegimeRow, ResultSet } from '../../state/results.ts';

interface ResultsBeside {
  /** Of the imported run's recipe, as measured here or else as recorded; null without either. */
  accuracy: ResultSet | null;
  latency: ResultSet | null;
  /** The recipe on the page, which a run that is started measures, is the imported one too. */
  isOfPage: boolean;
}

/** What stands beside an imported run: figures of the same recipe, a quantity from one source only. */
export function useResultsBeside(imported: ResultSet): ResultsBeside {
  const live = useEvaluateStore((state) => state.live);
  const recorded = usePackStore((state) => state.recorded);
  const isOfPage = useRecipeStore(({ recipe }) => isSameRecipe(recipe, imported.recipe));
  const sets = [live, ...(recorded.status === 'ready' ? recorded.sets : [])];
  const findWith = (hasFigures: (row: RegimeRow) => boolean) =>
    sets.find((set) => set !== null && isSameRecipe(set.recipe, imported.recipe) && set.rows.some(hasFigures)) ?? null;
  return {
    accuracy: findWith(({ accuracy }) => Object.values(accuracy).some((estimate) => estimate !== null)),
    latency: findWith(({ latency }) => latency !== null),
    isOfPage,
  };
}
