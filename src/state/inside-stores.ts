import { createStore, type StoreApi } from 'zustand/vanilla';
import { AppError, toWireError } from '../core/errors.ts';
import type { BoardState } from './board-state.ts';
import type { LiveEngine } from './engine-store.ts';
import type {
  DistanceState,
  InsideChoice,
  InsideState,
  MatrixState,
  PatchState,
  RoutingState,
} from './inside-state.ts';
import type { InsideWork } from './inside-work.ts';
import type { LivePack } from './pack-store.ts';
import type { Platform } from './platform.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { RunTurns } from './run-turns.ts';

export interface InsideOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: LivePack;
  board: StoreApi<BoardState>;
  turns: RunTurns;
  /** Of the link or of the last visit. */
  choice: InsideChoice;
  platform: Pick<Platform, 'now' | 'statistics' | 'wait'>;
}

/** What is known of the inside of the regimes, one store per kind of result. */
export interface InsideStores {
  inside: StoreApi<InsideState>;
  insideDistance: StoreApi<DistanceState>;
  insideRouting: StoreApi<RoutingState>;
  insideMatrix: StoreApi<MatrixState>;
  insidePatch: StoreApi<PatchState>;
}

export interface LiveInside extends InsideStores {
  /** Told after every run: what waited for the engine goes on. */
  refresh(): void;
}

/** The stores behind the tab that shows what goes on inside. What they do is loaded when the tab first asks for it. */
export function createInsideStores(options: InsideOptions): LiveInside {
  let work: InsideWork | null = null;
  let loading: Promise<InsideWork> | null = null;

  /** Does it with what is loaded, else once that is; `onFailed` is told where it cannot be. */
  function withWork(act: (loaded: InsideWork) => void, onFailed: (error: unknown) => void): void {
    if (work !== null) {
      act(work);
      return;
    }
    loading ??= import('./inside-work.ts').then(({ createInsideWork }) => createInsideWork(options, stores));
    loading.then(
      (loaded) => {
        work = loaded;
        act(loaded);
      },
      (error: unknown) => {
        loading = null;
        onFailed(new AppError('download-failed', 'A part of the page could not be loaded.', {}, error));
      },
    );
  }

  /** Watches from when it is loaded until the watcher leaves, be that before it is. */
  function watchWith(watch: (loaded: InsideWork) => () => void, onFailed: (error: unknown) => void): () => void {
    let end = () => {};
    let hasEnded = false;
    withWork((loaded) => {
      if (!hasEnded) end = watch(loaded);
    }, onFailed);
    return () => {
      hasEnded = true;
      end();
    };
  }

  const stores: InsideStores = {
    inside: createStore<InsideState>((set) => ({
      choice: options.choice,
      wanted: options.choice,
      choose: (change) =>
        set(({ choice, wanted }) => ({ wanted: { ...wanted, ...change }, choice: { ...choice, ...change } })),
      question: null,
      captures: new Map(),
      waitsFor: null,
      offered: [],
      transferred: [],
      seen: [],
      watch: () =>
        watchWith(
          (loaded) => loaded.watchCaptures(),
          (error) => {
            const { left, right } = stores.inside.getState().choice;
            const failed = { status: 'failed', error: toWireError(error) } as const;
            set({ captures: new Map([left, right].map((key) => [key, failed])) });
          },
        ),
      kept: () => work?.keptCaptures() ?? [],
    })),
    insideDistance: createStore<DistanceState>((set) => ({
      run: { status: 'idle' },
      results: null,
      start: () =>
        withWork(
          (loaded) => loaded.startDistances(),
          (error) => set({ run: { status: 'failed', error: toWireError(error) } }),
        ),
      stop: () => work?.stopDistances(),
    })),
    insideRouting: createStore<RoutingState>((set, get) => ({
      asked: new Map(),
      ask: () =>
        withWork(
          (loaded) => loaded.askPools(),
          (error) => {
            const failed = { status: 'failed', error: toWireError(error) } as const;
            set({ asked: new Map([...get().asked, ['idp', failed]]) });
          },
        ),
      stopAsking: () => work?.stopAsking(),
      run: { status: 'idle' },
      study: null,
      startStudy: () =>
        withWork(
          (loaded) => loaded.startStudy(),
          (error) => set({ run: { status: 'failed', error: toWireError(error) } }),
        ),
      stop: () => work?.stopStudy(),
    })),
    insideMatrix: createStore<MatrixState>((set) => ({
      matrix: { status: 'none' },
      watch: () =>
        watchWith(
          (loaded) => loaded.watchMatrix(),
          (error) => set({ matrix: { status: 'failed', error: toWireError(error) } }),
        ),
      kept: () => work?.keptMatrices() ?? [],
    })),
    insidePatch: createStore<PatchState>((set) => ({
      patch: { status: 'none' },
      wasStopped: false,
      start: () =>
        withWork(
          (loaded) => loaded.startPatch(),
          (error) => set({ patch: { status: 'failed', error: toWireError(error) } }),
        ),
      stop: () => work?.stopPatch(),
      kept: () => work?.keptPatches() ?? [],
    })),
  };
  return { ...stores, refresh: () => work?.refresh() };
}
