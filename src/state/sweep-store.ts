import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Recipe } from '../core/compress/recipe.ts';
import { isSameRecipe } from '../core/compress/recipe-key.ts';
import { AppError, toAppError, toWireError } from '../core/errors.ts';
import type { Fact } from '../core/eval/fact.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import type { LiveEngine } from './engine-store.ts';
import type { Precision } from './estimates.ts';
import { type PlannedItem, planItems } from './evaluation-plan.ts';
import type { LivePack } from './pack-store.ts';
import type { Platform } from './platform.ts';
import type { LiveRecipe } from './recipe-store.ts';
import { createRedraw, createRunRedraw } from './redraw.ts';
import type { ResultBook, ResultLibrary } from './result-book.ts';
import type { RunTurns } from './run-turns.ts';
import { drawSweep } from './sweep-drawing.ts';
import { type Measurement, type PlannedCell, type PlannedPoint, planCells, planPoints } from './sweep-plan.ts';
import { createSweepRecording } from './sweep-recording.ts';
import { createSweepFigures } from './sweep-results.ts';
import { runSweep } from './sweep-run.ts';
import type { SweepFamily, SweepPlan, SweepState } from './sweep-state.ts';
import type { SweepWork } from './sweep-work.ts';

export interface SweepStoreOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: LivePack;
  /** Null until the manifest is there. */
  library: () => ResultLibrary | null;
  turns: RunTurns;
  plan: SweepPlan;
  platform: Pick<Platform, 'now' | 'wait' | 'statistics'>;
  /** Told what is wrong with the recorded sweep; null once it was read after all. */
  onDamaged: (text: string | null) => void;
}

export interface LiveSweep {
  store: StoreApi<SweepState>;
  /** Draws `live` anew, such as after stored results were read. */
  refresh(): void;
  /** Reads the recorded sweep again where it lacked a connection. */
  readAgain(): void;
}

/** Measurements of a plan and of a sensitivity map, each kept while it stays: planning a sweep takes tens of milliseconds. */
interface Drawn {
  /** All that can be asked; the plan asks the first of them. */
  items: readonly PlannedItem[];
  plan: SweepPlan;
  points: readonly PlannedPoint[];
  recipe: Recipe;
  cells: readonly PlannedCell[];
}

/** Charts move this often while a sweep runs. */
const REFRESH_MS = 500;

const NEVER = new AbortController().signal;

export function createSweepStore(options: SweepStoreOptions): LiveSweep {
  const { engine, recipe, pack, turns, platform } = options;
  const figures = createSweepFigures(platform.statistics);
  const redraw = createRedraw(draw);
  const familyRedraw = createRunRedraw(drawFamily, { now: platform.now, everyMs: REFRESH_MS });
  let running = new AbortController();
  let drawnMs = 0;
  let drawn: Drawn | null = null;
  /** What `live` is of, and the last family of that. */
  let compared: (Pick<Drawn, 'points' | 'cells'> & { book: ResultBook; family: SweepFamily | null }) | null = null;
  let loading: Promise<SweepWork> | null = null;
  let planned: { facts: readonly Fact[]; items: readonly PlannedItem[] } | null = null;

  const store = createStore<SweepState>((set) => ({
    plan: options.plan,
    setPlan: (plan) => {
      running.abort();
      set({ plan, left: null });
      refresh();
    },
    live: null,
    recorded: null,
    left: null,
    run: { status: 'idle' },
    runOf: 'points',
    now: null,
    leftOut: [],
    start: () => begin('points'),
    startSensitivity: () => begin('sensitivity'),
    stop: () => running.abort(),
    load: () => recording.compare(),
  }));

  const recording = createSweepRecording({
    pack,
    toAllItems,
    loadWork,
    onRecorded: (recorded) => store.setState({ recorded }),
    onDamaged: options.onDamaged,
  });

  /** All that can be asked, in its order; null before the facts are there. */
  function toAllItems(): readonly PlannedItem[] | null {
    const { facts } = pack.store.getState();
    if (facts.status !== 'ready') return null;
    if (planned?.facts !== facts.facts) {
      planned = { facts: facts.facts, items: planItems(facts.facts, facts.relations, ['A', 'B']) };
    }
    return planned.items;
  }

  /** The items of the plan; null before the facts are there. */
  function toItems(): readonly PlannedItem[] | null {
    return toAllItems()?.slice(0, store.getState().plan.itemsPerRegime) ?? null;
  }

  /** Null before the pack is there; every run begins with the dense model, which all is compared with. */
  function toMeasurements(runOf: SweepState['runOf']): readonly Measurement[] | null {
    const { plan } = store.getState();
    const manifest = pack.manifest();
    const items = toItems();
    if (manifest === null || items === null) return null;
    if (runOf === 'points') return planPoints(plan, manifest, items);
    const { recipe: whole, problem } = recipe.store.getState();
    if (problem !== null) throw toAppError(problem);
    const cells = planCells(whole, manifest, items);
    return [...planPoints({ ...plan, withShipped: false, methods: [] }, manifest, items), ...cells];
  }

  function begin(runOf: SweepState['runOf']): void {
    store.setState({ leftOut: [] });
    running = turns.begin({
      show: (run) => store.setState({ run, runOf, ...(run.status === 'running' ? {} : { now: null }) }),
      work: async (signal, onProgress) => {
        const measurements = toMeasurements(runOf);
        const library = options.library();
        if (measurements === null || library === null) return { status: 'idle' };
        const total = await runSweep({
          engine,
          library,
          measurements,
          date: () => new Date(platform.now()).toISOString(),
          onProgress,
          onNow: (now) => {
            if (!signal.aborted) store.setState({ now });
          },
          onOutcomes: refreshOften,
          onLeftOut: (leftOut) => store.setState((state) => ({ leftOut: [...state.leftOut, leftOut] })),
          signal,
          // The engine keeps few variants: the page's own is built again now, not when somebody waits for an answer.
        }).finally(recipe.reapply);
        return { status: 'done', total };
      },
    });
  }

  function refreshOften(): void {
    if (platform.now() - drawnMs >= REFRESH_MS) refresh();
  }

  function refresh(): void {
    drawnMs = platform.now();
    redraw();
  }

  function toBook(): ResultBook | null {
    const { engine: phase } = engine.store.getState();
    const library = options.library();
    if (library === null) return null;
    return phase.status === 'ready' ? library.bookOf(phase.device) : library.latest();
  }

  /** What is drawn of a plan; null before the facts are there. A new plan is made in a task of its own. */
  async function toDrawn(): Promise<(Drawn & { asked: readonly PlannedItem[]; manifest: PackManifest }) | null> {
    const manifest = pack.manifest();
    const { plan } = store.getState();
    const { recipe: whole } = recipe.store.getState();
    const items = toItems();
    if (manifest === null || items === null || planned === null) return null;
    const kept = drawn?.items === planned.items ? drawn : null;
    const isPlanned = kept?.plan === plan;
    if (!isPlanned) await platform.wait(0, NEVER);
    const points = isPlanned ? kept.points : planPoints(plan, manifest, items);
    const cells = isPlanned && kept.recipe === whole ? kept.cells : planCells(whole, manifest, items);
    drawn = { items: planned.items, plan, points, recipe: whole, cells };
    return { ...drawn, asked: items, manifest };
  }

  async function draw(): Promise<void> {
    // Without results there is nothing to plan for.
    const book = toBook();
    if (book === null || book.outcomes.size === 0) {
      store.setState({ live: null, left: null });
      return;
    }
    const of = await toDrawn();
    if (of === null) return;
    const isRunning = store.getState().run.status === 'running';
    const { live, left } = await drawSweep({ ...of, items: of.asked, figures, book, isRunning, platform });
    const kept = compared?.points === of.points && compared.book === book ? compared : null;
    // The map is of the page's recipe, which changes without the plan.
    const family = kept?.family && (kept.cells === of.cells ? kept.family : { ...kept.family, cells: null });
    compared = { points: of.points, cells: of.cells, book, family: family ?? null };
    // A plan that came meanwhile is drawn next.
    store.setState({
      live: live && { ...live, family: compared?.family ?? null },
      left: store.getState().plan === of.plan ? left : null,
    });
    if (isRunning) familyRedraw.refreshOften();
    else familyRedraw.refresh();
  }

  /** Compares what `live` holds: points do not wait for it. */
  async function drawFamily(precision: Precision): Promise<void> {
    const { live } = store.getState();
    const of = compared;
    if (live === null || of === null) return;
    const { items, points, sensitivity } = live;
    const presetOf = (key: string) => Math.max(items.length, of.book.presets.get(key) ?? 0);
    try {
      const work = await loadWork();
      const availableItems = toAllItems()?.length ?? 0;
      const order = { items, points, sensitivity, availableItems, presetOf, precision };
      const family = await work.compareLive(of.points, order);
      const isSame = compared?.points === of.points && compared.cells === of.cells && compared.book === of.book;
      if (!isSame || compared?.family === family) return;
      compared = { ...of, family };
      store.setState((state) => ({ live: state.live && { ...state.live, family } }));
    } catch (error) {
      options.onDamaged(`The comparisons of the sweep cannot be shown. ${toWireError(error).message}`);
    }
  }

  function loadWork(): Promise<SweepWork> {
    loading ??= import('./sweep-work.ts').then(
      ({ createSweepWork }) => createSweepWork(platform.statistics),
      (error: unknown) => {
        loading = null;
        throw new AppError('download-failed', 'A part of the page could not be loaded.', {}, error);
      },
    );
    return loading;
  }

  recipe.store.subscribe((state, previous) => {
    if (isSameRecipe(state.recipe, previous.recipe)) return;
    if (store.getState().runOf === 'sensitivity') running.abort();
    refresh();
  });
  engine.store.subscribe((state, previous) => {
    if (state.engine.status !== previous.engine.status) refresh();
  });
  pack.store.subscribe((state, previous) => {
    if (state.facts !== previous.facts || state.pack !== previous.pack) refresh();
    if (state.pack !== previous.pack && state.pack.status === 'ready') void recording.read();
  });
  return { store, refresh, readAgain: recording.readAgain };
}
