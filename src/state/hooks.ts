import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { BoardState } from './board-state.ts';
import type { ComparisonsState } from './comparisons-state.ts';
import type { EngineState } from './engine-state.ts';
import type { EvaluateState } from './evaluate-state.ts';
import type { ExportState } from './export-state.ts';
import type { FatesState } from './fates-state.ts';
import type { PackState } from './pack-state.ts';
import type { RecipeState } from './recipe-state.ts';
import type { RecordedResults, ResultSet } from './results.ts';
import type { NoticesState, SettingsState } from './settings-state.ts';
import type { ShapeState } from './shape-state.ts';
import type { ShareState } from './share-state.ts';
import type { Stores } from './stores.ts';
import type { SweepState } from './sweep-state.ts';
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

export function usePackStore<T>(selector: (state: PackState) => T): T {
  return useStore(useStores().pack, selector);
}

export function useEngineStore<T>(selector: (state: EngineState) => T): T {
  return useStore(useStores().engine, selector);
}

export function useRecipeStore<T>(selector: (state: RecipeState) => T): T {
  return useStore(useStores().recipe, selector);
}

export function useBoardStore<T>(selector: (state: BoardState) => T): T {
  return useStore(useStores().board, selector);
}

export function useEvaluateStore<T>(selector: (state: EvaluateState) => T): T {
  return useStore(useStores().evaluate, selector);
}

export function useFatesStore<T>(selector: (state: FatesState) => T): T {
  return useStore(useStores().fates, selector);
}

export function useComparisonsStore<T>(selector: (state: ComparisonsState) => T): T {
  return useStore(useStores().comparisons, selector);
}

export function useSettingsStore<T>(selector: (state: SettingsState) => T): T {
  return useStore(useStores().settings, selector);
}

export function useNoticesStore<T>(selector: (state: NoticesState) => T): T {
  return useStore(useStores().notices, selector);
}

export function useSweepStore<T>(selector: (state: SweepState) => T): T {
  return useStore(useStores().sweep, selector);
}

export function useExportStore<T>(selector: (state: ExportState) => T): T {
  return useStore(useStores().exports, selector);
}

export function useTaskStore<T>(selector: (state: TaskState) => T): T {
  return useStore(useStores().tasks, selector);
}

export function useShapeStore<T>(selector: (state: ShapeState) => T): T {
  return useStore(useStores().shapes, selector);
}

export function useTransferStore<T>(selector: (state: TransferState) => T): T {
  return useStore(useStores().transfer, selector);
}

export function useShareStore<T>(selector: (state: ShareState) => T): T {
  return useStore(useStores().share, selector);
}

export function useViewStore<T>(selector: (state: ViewState) => T): T {
  return useStore(useStores().view, selector);
}

/** The results that the charts draw, those that are wanted as far as there are any; and the kinds that there are. */
export function useShownResults(): { results: ResultSet | null; view: ResultView; views: readonly ResultView[] } {
  const live = useEvaluateStore((state) => state.live);
  const recorded = useRecordedSet();
  const imported = useShareStore((state) => state.imported);
  const importedId = useViewStore((state) => state.importedId);
  const wanted = useViewStore((state) => state.results);
  const brought = imported.find(({ id }) => id === importedId) ?? imported.at(-1) ?? null;
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
