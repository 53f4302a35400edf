import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Settings } from './settings.ts';
import type { ViewState } from './view-state.ts';

type ViewSettings = Pick<Settings, 'tab' | 'results' | 'sweepMeasure' | 'cellMeasure'>;

/** What of the view a reload and a link give back. */
export function toViewSettings({ tab, results, sweepMeasure, cellMeasure }: ViewState): ViewSettings {
  return { tab, results, sweepMeasure, cellMeasure };
}

export function createViewStore({ tab, results, sweepMeasure, cellMeasure }: ViewSettings): StoreApi<ViewState> {
  return createStore<ViewState>((set) => ({
    tab,
    setTab: (next) => set({ tab: next }),
    results,
    setResults: (next) => set({ results: next }),
    sweepMeasure,
    setSweepMeasure: (next) => set({ sweepMeasure: next }),
    cellMeasure,
    setCellMeasure: (next) => set({ cellMeasure: next }),
    importedId: null,
    showImported: (importedId) => set({ importedId, results: 'imported' }),
  }));
}
