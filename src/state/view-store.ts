import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Settings } from './settings.ts';
import type { ViewState } from './view-state.ts';

export function createViewStore({ tab, results }: Pick<Settings, 'tab' | 'results'>): StoreApi<ViewState> {
  return createStore<ViewState>((set) => ({
    tab,
    setTab: (next) => set({ tab: next }),
    results,
    setResults: (next) => set({ results: next }),
    importedId: null,
    showImported: (importedId) => set({ importedId, results: 'imported' }),
  }));
}
