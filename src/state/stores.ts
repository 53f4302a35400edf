import type { StoreApi } from 'zustand/vanilla';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { quote } from '../core/json.ts';
import type { EngineClient } from '../engine/engine-client-type.ts';
import type { BoardState } from './board-state.ts';
import { createBoardStore } from './board-store.ts';
import type { ComparisonsState } from './comparisons-state.ts';
import { createComparisonsStore } from './comparisons-store.ts';
import { createCrashMark } from './crash-mark.ts';
import type { EngineState } from './engine-state.ts';
import { createEngineStore } from './engine-store.ts';
import type { EvaluateState } from './evaluate-state.ts';
import { createEvaluateStore } from './evaluate-store.ts';
import type { ExportState } from './export-state.ts';
import { createExportStore } from './export-store.ts';
import type { FatesState } from './fates-state.ts';
import { createFatesStore } from './fates-store.ts';
import { createInsideStores, type InsideStores } from './inside-stores.ts';
import { isFragment, readFragment, toFragment } from './link.ts';
import { createOutcomeReader } from './outcome-reader.ts';
import type { PackState } from './pack-state.ts';
import { createPackStore } from './pack-store.ts';
import { saveOnChange, toPageSettings } from './page-settings.ts';
import type { Platform } from './platform.ts';
import { keepReading } from './read-again.ts';
import type { RecipeState } from './recipe-state.ts';
import { createRecipeStore } from './recipe-store.ts';
import { createResultLibrary, type ResultLibrary } from './result-book.ts';
import { createRunTurns } from './run-turns.ts';
import { readSettings, type Settings, writeSettings } from './settings.ts';
import type { NoticesState, SettingsState } from './settings-state.ts';
import { createNotices, createSettingsStore } from './settings-store.ts';
import type { ShapeState } from './shape-state.ts';
import { createShapeStore } from './shape-store.ts';
import type { ShareState } from './share-state.ts';
import { createShareStore } from './share-store.ts';
import type { SweepState } from './sweep-state.ts';
import { createSweepStore } from './sweep-store.ts';
import type { TaskBesideState } from './task-beside-state.ts';
import { createTaskBesideStore } from './task-beside-store.ts';
import type { TaskState } from './task-state.ts';
import { createTaskStore } from './task-store.ts';
import type { TransferState } from './transfer-state.ts';
import { createTransferStore } from './transfer-store.ts';
import type { ViewState } from './view-state.ts';
import { createViewStore } from './view-store.ts';

/** All that the page reads and calls. */
export interface Stores extends InsideStores {
  pack: StoreApi<PackState>;
  engine: StoreApi<EngineState>;
  recipe: StoreApi<RecipeState>;
  board: StoreApi<BoardState>;
  evaluate: StoreApi<EvaluateState>;
  comparisons: StoreApi<ComparisonsState>;
  fates: StoreApi<FatesState>;
  sweep: StoreApi<SweepState>;
  tasks: StoreApi<TaskState>;
  taskBeside: StoreApi<TaskBesideState>;
  transfer: StoreApi<TransferState>;
  shapes: StoreApi<ShapeState>;
  exports: StoreApi<ExportState>;
  share: StoreApi<ShareState>;
  view: StoreApi<ViewState>;
  settings: StoreApi<SettingsState>;
  notices: StoreApi<NoticesState>;
}

export interface StoresOptions {
  platform: Platform;
  createClient: () => EngineClient;
  /** Absolute address of the pack's folder, ending in a slash. */
  baseUrl: string;
}

/** The stores of a page, wired to each other, with the settings and results of earlier visits. */
export function createStores({ platform, createClient, baseUrl }: StoresOptions): Stores {
  const notices = createNotices();
  const { settings: own, problem } = readSettings(platform.texts, parseRecipe);
  if (problem !== null) notices.raise('settings', problem);
  const fragment = platform.address.readFragment();
  const link = readFragment(fragment, own, parseRecipe);
  if (link.problem !== null) notices.raise('link', link.problem);
  const stored = link.settings;
  const crashMark = createCrashMark(platform.texts);
  if (crashMark.wasLeft) {
    const text = 'The page crashed while the model was starting. If it does so again, choose wasm as the device.';
    notices.raise('crashed', text);
  }
  platform.onLeave(crashMark.clear);

  const pack = createPackStore(baseUrl, platform);
  const engine = createEngineStore({
    createClient,
    readPack: pack.whenReady,
    now: platform.now,
    crashMark,
    onCacheNotice: (text) => notices.raise('cache', text),
  });
  const recipe = createRecipeStore({
    engine,
    recipe: stored.recipe,
    manifest: pack.manifest,
    wait: platform.wait,
  });
  const board = createBoardStore({ engine, recipe, pack: pack.store, settings: stored });
  const settings = createSettingsStore(stored, toLink);
  const view = createViewStore(stored);
  let library: ResultLibrary | null = null;
  const turns = createRunTurns(refresh);
  const evaluate = createEvaluateStore({
    engine,
    recipe,
    pack: pack.store,
    board,
    library: () => library,
    turns,
    platform,
  });
  const sweep = createSweepStore({
    engine,
    recipe,
    pack,
    library: () => library,
    turns,
    plan: stored.sweep,
    platform,
    onDamaged: (text) => (text === null ? notices.lower('sweep') : notices.raise('sweep', text)),
  });
  const tasks = createTaskStore({
    engine,
    recipe,
    pack,
    board,
    library: () => library,
    turns,
    choice: stored.task,
    platform,
    onNotice: (text) => notices.raise(text, text),
  });
  const outcomes = createOutcomeReader(pack);
  const fates = createFatesStore({
    engine,
    recipe,
    pack,
    outcomes,
    library: () => library,
    turns,
    platform,
    key: stored.fateKey,
    isAsking: () => board.getState().isAsking,
  });
  const share = createShareStore({
    engine,
    recipe,
    pack: pack.store,
    readListed: pack.readListed,
    board,
    evaluate,
    tasks: tasks.store,
    view,
    library: () => library,
    platform,
    linked: stored.linkedRun,
    onRefused: raiseUnstored,
    onDamaged: (text) => notices.raise('imported-damaged', text),
  });
  const comparisons = createComparisonsStore({
    engine,
    recipe,
    pack,
    board,
    evaluate: evaluate.store,
    outcomes,
    choice: stored,
    share: share.store,
    view,
    library: () => library,
    platform,
  });

  const taskBeside = createTaskBesideStore({
    engine,
    recipe,
    pack,
    board,
    tasks: tasks.store,
    share: share.store,
    view,
    library: () => library,
    platform,
  });

  /** One banner for results of every kind: measured, timed or imported. */
  function raiseUnstored(): void {
    notices.raise('results', 'This browser does not store results, so they last until the page closes.');
  }

  function openLibrary(): void {
    const manifest = pack.manifest();
    if (manifest === null || library !== null) return;
    const opened = createResultLibrary(platform.results, manifest, raiseUnstored);
    library = opened;
    void opened.read().then(({ damaged }) => {
      if (damaged > 0) notices.raise('damaged', `${damaged} stored results were damaged and are left out.`);
      refresh();
      tasks.refresh();
      share.refresh();
    });
  }

  const { refresh: refreshInside, ...insideStores } = createInsideStores({
    engine,
    recipe,
    pack,
    board,
    turns,
    choice: stored.inside,
    platform,
  });

  /** Accuracies, the sweep and fates are made of the same answers, whichever run asked for them. */
  function refresh(): void {
    evaluate.refresh();
    sweep.refresh();
    fates.refresh();
    refreshInside();
  }

  /** The recipe of an earlier visit stays; a first visit begins with the pack's first. */
  let hasChosen = stored.recipe !== null;
  pack.store.subscribe((state, previous) => {
    if (state.pack === previous.pack || state.pack.status !== 'ready') return;
    recipe.refresh();
    const first = state.pack.manifest.recipes[0];
    if (!hasChosen && first !== undefined) recipe.store.getState().setRecipe(first.recipe);
    hasChosen = true;
    if (link.pack !== null && link.pack !== state.pack.manifest.id) {
      const ours = quote(state.pack.manifest.id);
      notices.raise(
        'link-pack',
        `The link is of the pack ${quote(link.pack)}, and this page has ${ours}: figures differ.`,
      );
    }
    openLibrary();
  });

  function toSettings(): Settings {
    return toPageSettings(stores, { hasRecipe: hasChosen, linkedRun: share.linked() });
  }

  /** A link tells of the run at hand, not of the one that this page was linked to. */
  function toLink(): string {
    const fragment = toFragment({ ...toSettings(), linkedRun: share.fingerprint() }, pack.manifest()?.id ?? null);
    return platform.address.toUrl(fragment);
  }

  function save(): void {
    if (!writeSettings(platform.texts, toSettings())) {
      notices.raise('settings', 'This browser does not store settings, so they last until the page closes.');
    }
  }
  const transfer = createTransferStore({ engine, pack, library: () => library, turns, platform });
  keepReading(platform, { pack, comparisons, fates: fates.store, sweep, tasks: tasks.store, transfer });

  const stores: Stores = {
    pack: pack.store,
    engine: engine.store,
    recipe: recipe.store,
    board,
    evaluate: evaluate.store,
    comparisons,
    fates: fates.store,
    sweep: sweep.store,
    tasks: tasks.store,
    taskBeside,
    transfer,
    shapes: createShapeStore({
      engine,
      recipe: recipe.store,
      board,
      pack,
      turns,
      platform,
      onRefused: raiseUnstored,
      onNotice: (text) => notices.raise(text, text),
    }),
    ...insideStores,
    exports: createExportStore({ engine, recipe, pack }),
    share: share.store,
    view,
    settings,
    notices: notices.store,
  };
  if (isFragment(fragment)) {
    // It leaves the address: a reload would else bring back what was there before it.
    save();
    platform.address.clearFragment();
  }
  saveOnChange(stores, save);
  return stores;
}
