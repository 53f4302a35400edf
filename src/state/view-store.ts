import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Settings } from './settings.ts';
import type { ViewState } from './view-state.ts';

type ViewSettings = Pick<Settings, 'tab' | 'results' | 'sweepMeasure' | 'cellMeasure' | 'figures'>;

/** What of the view a reload and a link give back. */
export function toViewSettings({ tab, results, sweepMeasure, cellMeasure, figures }: ViewState): ViewSettings {
  return { tab, results, sweepMeasure, cellMeasure, figures };
}

export function createViewStore({
  tab,
  results,
  sweepMeasure,
  cellMeasure,
  figures,
}: ViewSettings): StoreApi<ViewState> {
  return createStore<ViewState>((set) => ({
    tab,
    setTab: (next) => set({ tab: next }),
    results,
    setResults: (next) => set({ results: next }),
    sweepMeasure,
    setSweepMeasure: (next) => set({ sweepMeasure: next }),
    cellMeasure,
    setCellMeasure: (next) => set({ cellMeasure: next }),
    figures,
    setFigures: (change) => set((state) => ({ figures: { ...state.figures, ...change } })),
    importedId: null,
    showImported: (importedId) => set({ importedId, results: 'imported' }),
  }));
}
