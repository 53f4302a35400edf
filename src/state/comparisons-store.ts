import { createStore, type StoreApi } from 'zustand/vanilla';
import { AppError, toWireError } from '../core/errors.ts';
import type { BoardState } from './board-state.ts';
import type { ComparisonsState } from './comparisons-state.ts';
import type { ComparisonsWork } from './comparisons-work.ts';
import type { LiveEngine } from './engine-store.ts';
import type { EvaluateState } from './evaluate-state.ts';
import type { OutcomeReader } from './outcome-reader.ts';
import type { LivePack } from './pack-store.ts';
import type { Platform } from './platform.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { ResultLibrary } from './result-book.ts';
import type { Settings } from './settings.ts';
import type { ShareState } from './share-state.ts';
import type { ViewState } from './view-state.ts';

export interface ComparisonsStoreOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: LivePack;
  board: StoreApi<BoardState>;
  evaluate: StoreApi<EvaluateState>;
  outcomes: OutcomeReader;
  share: StoreApi<ShareState>;
  view: StoreApi<ViewState>;
  /** What was picked and planned in an earlier visit, or comes with a link. */
  choice: Pick<Settings, 'picked' | 'plannedDifference'>;
  /** Null until the manifest is there. */
  library: () => ResultLibrary | null;
  platform: Pick<Platform, 'statistics'>;
}

/** What is picked and planned of paired comparisons; all that compares is loaded when the figure, or a file, first asks for it. */
export function createComparisonsStore(options: ComparisonsStoreOptions): StoreApi<ComparisonsState> {
  let work: ComparisonsWork | null = null;
  let loading: Promise<ComparisonsWork> | null = null;

  const store = createStore<ComparisonsState>((set) => ({
    recorded: { status: 'loading' },
    live: { status: 'none' },
    imported: { status: 'loading' },
    picked: options.choice.picked,
    pick: (picked) => {
      set({ picked });
      work?.redraw();
    },
    plannedDifference: options.choice.plannedDifference,
    planFor: (plannedDifference) => {
      set({ plannedDifference });
      work?.redraw();
    },
    load: () => {
      loadWork().then(
        (loaded) => loaded.redraw(),
        (error: unknown) => {
          const failed = { status: 'failed', error: toWireError(error) } as const;
          set({ recorded: failed, live: failed, imported: failed });
        },
      );
    },
    compareImported: async () => (await loadWork()).compareImported(),
  }));

  function loadWork(): Promise<ComparisonsWork> {
    loading ??= import('./comparisons-work.ts').then(
      ({ createComparisonsWork }) => {
        work = createComparisonsWork(options, store);
        return work;
      },
      (error: unknown) => {
        loading = null;
        throw new AppError('download-failed', 'A part of the page could not be loaded.', {}, error);
      },
    );
    return loading;
  }

  return store;
}
