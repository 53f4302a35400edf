import { createContext, startTransition, useCallback, useContext, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';
import type { Recipe } from '../core/compress/recipe.ts';
import { isSameRecipe } from '../core/compress/recipe-key.ts';
import type { BoardState, Column } from './board-state.ts';
import type { ComparisonsState } from './comparisons-state.ts';
import type { EngineState } from './engine-state.ts';
import type { EvaluateState } from './evaluate-state.ts';
import type { ExportState } from './export-state.ts';
import type { FatesState } from './fates-state.ts';
import type { DistanceState, InsideState, MatrixState, PatchState, RoutingState } from './inside-state.ts';
import type { PackState } from './pack-state.ts';
import type { RecipeState } from './recipe-state.ts';
import type { RecordedResults, ResultSet } from './results.ts';
import type { NoticesState, SettingsState } from './settings-state.ts';
import type { ShapeState } from './shape-state.ts';
import type { ShareState } from './share-state.ts';
import { findShownRun } from './shown-run.ts';
import type { Stores } from './stores.ts';
import type { SweepState } from './sweep-state.ts';
import type { TaskBesideState } from './task-beside-state.ts';
import type { TaskState } from './task-state.ts';
import type { TransferState } from './transfer-state.ts';
import { RESULT_VIEWS, type ResultView, type ViewState } from './view-state.ts';

/** The stores of this page; tests of components provide their own. */
export const StoresContext = createContext<Stores | null>(null);

function useStores(): Stores {
  const stores = useContext(StoresContext);
  if (stores === null) throw new Error('A component reads a store outside of StoresContext.');
  return stores;
}

/**
 * What `selector` takes from a store, followed in transitions: React draws them in slices between which the page answers, where
 * `useStore` draws all that follow in one task. What a person types, drags or switches must not lag behind and stays with `useStore`.
 */
function useStoreInTransition<S, T>(store: StoreApi<S>, selector: (state: S) => T): T {
  const [state, setState] = useState(store.getState);
  const slice = selector(state);
  const drawn = useRef({ slice, selector });
  const takeChange = useCallback(() => {
    const next = store.getState();
    const isSame = Object.is(drawn.current.selector(next), drawn.current.slice);
    if (!isSame) startTransition(() => setState(next));
  }, [store]);
  useEffect(() => store.subscribe(takeChange), [store, takeChange]);
  // After every drawing: it may have come with another selector, or a change with it.
  useEffect(() => {
    drawn.current = { slice, selector };
    takeChange();
  });
  return slice;
}

export function usePackStore<T>(selector: (state: PackState) => T): T {
  return useStoreInTransition(useStores().pack, selector);
}

export function useEngineStore<T>(selector: (state: EngineState) => T): T {
  return useStoreInTransition(useStores().engine, selector);
}

export function useRecipeStore<T>(selector: (state: RecipeState) => T): T {
  return useStoreInTransition(useStores().recipe, selector);
}

/** The same for what a person chooses and drags. */
export function useRecipeForm<T>(selector: (state: RecipeState) => T): T {
  return useStore(useStores().recipe, selector);
}

/** The recipe as its form shows it: one's own follows the hand; a shipped one, whose form may be another, is drawn in slices. */
export function useShownRecipe(): Recipe {
  const own = useRecipeForm(({ recipe, presetId }) => (presetId === null ? recipe : null));
  const shipped = useRecipeStore((state) => state.recipe);
  return own ?? shipped;
}

export function useBoardStore<T>(selector: (state: BoardState) => T): T {
  return useStore(useStores().board, selector);
}

/** The columns of the board with what they answer. */
export function useColumns(): readonly Column[] {
  return useStoreInTransition(useStores().board, (state) => state.columns);
}

export function useEvaluateStore<T>(selector: (state: EvaluateState) => T): T {
  return useStoreInTransition(useStores().evaluate, selector);
}

export function useFatesStore<T>(selector: (state: FatesState) => T): T {
  return useStoreInTransition(useStores().fates, selector);
}

export function useComparisonsStore<T>(selector: (state: ComparisonsState) => T): T {
  return useStoreInTransition(useStores().comparisons, selector);
}

export function useSettingsStore<T>(selector: (state: SettingsState) => T): T {
  return useStore(useStores().settings, selector);
}

export function useNoticesStore<T>(selector: (state: NoticesState) => T): T {
  return useStore(useStores().notices, selector);
}

export function useSweepStore<T>(selector: (state: SweepState) => T): T {
  return useStoreInTransition(useStores().sweep, selector);
}

export function useExportStore<T>(selector: (state: ExportState) => T): T {
  return useStore(useStores().exports, selector);
}

export function useTaskStore<T>(selector: (state: TaskState) => T): T {
  return useStoreInTransition(useStores().tasks, selector);
}

/** The same for what a person chooses about a task. */
export function useTaskForm<T>(selector: (state: TaskState) => T): T {
  return useStore(useStores().tasks, selector);
}

export function useTaskBesideStore<T>(selector: (state: TaskBesideState) => T): T {
  return useStoreInTransition(useStores().taskBeside, selector);
}

export function useShapeStore<T>(selector: (state: ShapeState) => T): T {
  return useStoreInTransition(useStores().shapes, selector);
}

export function useInsideStore<T>(selector: (state: InsideState) => T): T {
  return useStoreInTransition(useStores().inside, selector);
}

/** The same for what a person chooses to look at. */
export function useInsideForm<T>(selector: (state: InsideState) => T): T {
  return useStore(useStores().inside, selector);
}

export function useInsideDistanceStore<T>(selector: (state: DistanceState) => T): T {
  return useStoreInTransition(useStores().insideDistance, selector);
}

export function useInsideRoutingStore<T>(selector: (state: RoutingState) => T): T {
  return useStoreInTransition(useStores().insideRouting, selector);
}

export function useInsideMatrixStore<T>(selector: (state: MatrixState) => T): T {
  return useStoreInTransition(useStores().insideMatrix, selector);
}

export function useInsidePatchStore<T>(selector: (state: PatchState) => T): T {
  return useStoreInTransition(useStores().insidePatch, selector);
}

export function useTransferStore<T>(selector: (state: TransferState) => T): T {
  return useStoreInTransition(useStores().transfer, selector);
}

export function useShareStore<T>(selector: (state: ShareState) => T): T {
  return useStoreInTransition(useStores().share, selector);
}

export function useViewStore<T>(selector: (state: ViewState) => T): T {
  return useStoreInTransition(useStores().view, selector);
}

/** The same for what a person switches in a figure. */
export function useViewForm<T>(selector: (state: ViewState) => T): T {
  return useStore(useStores().view, selector);
}

/** The results that the charts draw, those that are wanted as far as there are any; and the kinds that there are. */
export function useShownResults(): { results: ResultSet | null; view: ResultView; views: readonly ResultView[] } {
  const live = useEvaluateStore((state) => state.live);
  const recorded = useRecordedSet();
  const imported = useShareStore((state) => state.imported);
  const importedId = useViewStore((state) => state.importedId);
  const wanted = useViewStore((state) => state.results);
  const brought = findShownRun(imported, importedId);
  const sets: Readonly<Record<ResultView, ResultSet | null>> = { recorded, live, imported: brought?.results ?? null };
  // An imported run of an earlier visit is read when it is chosen.
  const views = RESULT_VIEWS.filter((view) => sets[view] !== null || (view === 'imported' && brought !== null));
  const order: readonly ResultView[] = [wanted, 'live', 'recorded', 'imported'];
  const view = order.find((each) => sets[each] !== null) ?? wanted;
  return { results: sets[view], view, views };
}

/** The recorded results of the recipe on the page; null while they are not read, and for a recipe that nobody recorded. */
export function useRecordedSet(): RecordedResults | null {
  const presetId = useRecipeStore((state) => state.presetId);
  return usePackStore(({ recorded }) =>
    recorded.status === 'ready' ? (recorded.sets.find(({ recipeId }) => recipeId === presetId) ?? null) : null,
  );
}

/** What was measured here of a recipe, then what was recorded of it; and whether it is the one on the page, which runs measure. */
export function useResultsOf(recipe: Recipe): { sets: readonly ResultSet[]; isOnPage: boolean } {
  const live = useEvaluateStore((state) => state.live);
  const recorded = usePackStore((state) => state.recorded);
  const isOnPage = useRecipeStore((state) => isSameRecipe(state.recipe, recipe));
  const sets = [...(live === null ? [] : [live]), ...(recorded.status === 'ready' ? recorded.sets : [])];
  return { sets: sets.filter((set) => isSameRecipe(set.recipe, recipe)), isOnPage };
}
