import { createStore, type StoreApi } from 'zustand/vanilla';
import { AppError, toWireError } from '../core/errors.ts';
import type { BoardState } from './board-state.ts';
import type { LiveEngine } from './engine-store.ts';
import type { LivePack } from './pack-store.ts';
import type { Platform } from './platform.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { ResultLibrary } from './result-book.ts';
import type { ShareState } from './share-state.ts';
import type { TaskBesideState } from './task-beside-state.ts';
import type { TaskBesideWork } from './task-beside-work.ts';
import type { TaskState } from './task-state.ts';
import type { ViewState } from './view-state.ts';

export interface TaskBesideStoreOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: LivePack;
  board: StoreApi<BoardState>;
  tasks: StoreApi<TaskState>;
  share: StoreApi<ShareState>;
  view: StoreApi<ViewState>;
  /** Null until the manifest is there. */
  library: () => ResultLibrary | null;
  platform: Pick<Platform, 'statistics'>;
}

/** What is drawn of runs beside a task; all that reads and compares is loaded when the tasks, or a file, first ask for it. */
export function createTaskBesideStore(options: TaskBesideStoreOptions): StoreApi<TaskBesideState> {
  let loading: Promise<TaskBesideWork> | null = null;

  const store = createStore<TaskBesideState>((set) => ({
    runs: [],
    missing: [],
    pickedId: null,
    pick: (pickedId) => {
      set({ pickedId });
      store.getState().load();
    },
    beside: { status: 'none' },
    load: () => {
      loadWork().then(
        ({ draw }) => draw(),
        (error: unknown) => set({ beside: { status: 'failed', error: toWireError(error) } }),
      );
    },
    readAll: async () => (await loadWork()).readAll(),
  }));

  function loadWork(): Promise<TaskBesideWork> {
    loading ??= import('./task-beside-work.ts').then(
      ({ createTaskBesideWork }) => createTaskBesideWork(options, store),
      (error: unknown) => {
        loading = null;
        throw new AppError('download-failed', 'A part of the page could not be loaded.', {}, error);
      },
    );
    return loading;
  }

  return store;
}
