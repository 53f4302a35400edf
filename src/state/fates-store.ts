import { createStore, type StoreApi } from 'zustand/vanilla';
import { isSameRecipe, toRecipeKey } from '../core/compress/recipe-key.ts';
import { toWireError } from '../core/errors.ts';
import { runAccuracy } from './accuracy-run.ts';
import type { LiveEngine } from './engine-store.ts';
import { type Precision, RESAMPLES } from './estimates.ts';
import { createFactLook } from './fact-look.ts';
import { findDose, findFates } from './fate-findings.ts';
import type { DosePoint, FateFindings, FatesState } from './fates-state.ts';
import { planOutcomeUnits, toLiveOutcomes, toRunOrder } from './live-outcomes.ts';
import type { OutcomeReader } from './outcome-reader.ts';
import { NOT_ASKED, type OutcomeSet } from './outcome-set.ts';
import type { LivePack } from './pack-store.ts';
import type { Platform } from './platform.ts';
import type { LiveRecipe } from './recipe-store.ts';
import { createRunRedraw } from './redraw.ts';
import type { TrainedKey } from './regimes.ts';
import type { ResultLibrary } from './result-book.ts';
import { PAUSED, type RunTurns } from './run-turns.ts';

export interface FatesStoreOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: LivePack;
  outcomes: OutcomeReader;
  /** Null until the manifest is there. */
  library: () => ResultLibrary | null;
  turns: RunTurns;
  platform: Pick<Platform, 'now' | 'statistics' | 'wait'>;
  /** Whether the board is asking. */
  isAsking: () => boolean;
  /** The type of repair that is looked at first. */
  key: TrainedKey;
}

export interface LiveFates {
  store: StoreApi<FatesState>;
  /** Draws `live` anew, such as after stored results were read. */
  refresh(): void;
}

/** Counts of a run move this often. */
const REFRESH_MS = 2000;

/** Differs where the findings of a set may: answers are only ever added. */
function toMark({ source, regimes }: OutcomeSet, resamples: number): string {
  const counts = regimes.map(({ right }) => right.reduce((sum, each) => sum + Number(each !== NOT_ASKED), 0));
  return JSON.stringify([source.device, resamples, counts]);
}

/** The fates of facts: recorded for shipped recipes, and as far as this device has asked them. */
export function createFatesStore(options: FatesStoreOptions): LiveFates {
  const { engine, recipe, pack, outcomes, turns, platform } = options;
  const finished = new Map<string, FateFindings>();
  let running = new AbortController();
  let reading = new AbortController();
  let isWanted = false;
  const redraw = createRunRedraw(draw, { now: platform.now, everyMs: REFRESH_MS });
  let drawing = new AbortController();
  /** What the live findings on the page were computed of. */
  let drawn: string | null = null;
  let doseReading = Promise.resolve();

  const store = createStore<FatesState>((set, get) => ({
    key: options.key,
    setKey: (key) => set({ key }),
    source: 'recorded',
    setSource: (source) => set({ source }),
    recorded: { status: 'loading' },
    live: { status: 'none' },
    run: { status: 'idle' },
    dose: { status: 'idle' },
    load: () => {
      if (isWanted && get().recorded.status !== 'failed') return;
      isWanted = true;
      void readRecorded();
      refresh();
    },
    loadDose: () => {
      const { status } = get().dose;
      if (status === 'idle' || status === 'failed') doseReading = readDose();
      return doseReading;
    },
    start,
    pause: () => running.abort(PAUSED),
    stop: () => {
      const { run } = get();
      if (run.status === 'paused') set({ run: { ...run, status: 'stopped' } });
      else running.abort();
    },
    answers: null,
    look: (fact) => {
      const { facts } = pack.store.getState();
      const manifest = pack.manifest();
      const relation = fact && facts.status === 'ready' ? facts.relations.get(fact.relation) : undefined;
      if (fact === null || relation === undefined || manifest === null) looked.look(null);
      else looked.look({ fact, relation, key: get().key, manifest });
    },
  }));
  const looked = createFactLook({
    engine,
    recipe,
    platform,
    isBusy: () => turns.isBusy() || options.isAsking(),
    show: (answers) => store.setState({ answers }),
  });

  /** What was recorded for a recipe; null where nothing was, or once the signal aborts. */
  async function findRecorded(
    recipeId: string,
    signal: AbortSignal,
    onFound: (findings: FateFindings) => void,
  ): Promise<FateFindings | null> {
    const known = finished.get(recipeId);
    if (known !== undefined) {
      onFound(known);
      return known;
    }
    const set = await outcomes.read(recipeId);
    if (set === null || signal.aborted) return null;
    const found = await findFates(platform.statistics, set, { first: store.getState().key, signal, onFound });
    if (found !== null) finished.set(recipeId, found);
    return found;
  }

  async function readRecorded(): Promise<void> {
    reading.abort();
    const own = new AbortController();
    reading = own;
    store.setState({ recorded: { status: 'loading' } });
    try {
      await pack.whenRead();
      const { presetId } = recipe.store.getState();
      const show = (of: FateFindings) => {
        if (!own.signal.aborted) store.setState({ recorded: { status: 'ready', of } });
      };
      const found = presetId === null ? null : await findRecorded(presetId, own.signal, show);
      if (found === null && !own.signal.aborted) store.setState({ recorded: { status: 'none' } });
    } catch (error) {
      if (!own.signal.aborted) store.setState({ recorded: { status: 'failed', error: toWireError(error) } });
    }
  }

  async function readDose(): Promise<void> {
    store.setState({ dose: { status: 'computing', points: [], of: 0 } });
    try {
      const manifest = await pack.whenRead();
      let points: readonly DosePoint[] = [];
      for (const { id, label } of manifest.recipes) {
        const set = await outcomes.read(id);
        if (set !== null) {
          const found = await findDose(platform.statistics, set);
          points = [...points, { recipeId: id, label, recipe: set.recipe, source: set.source, ...found }];
        }
        store.setState({ dose: { status: 'computing', points, of: manifest.recipes.length } });
      }
      store.setState({ dose: { status: 'ready', points } });
    } catch (error) {
      store.setState({ dose: { status: 'failed', error: toWireError(error) } });
    }
  }

  function start(): void {
    store.setState({ source: 'live' });
    running = turns.begin({
      show: (run) => store.setState({ run }),
      work: async (signal, onProgress) => {
        await recipe.whenApplied(signal);
        const plan = await outcomes.plan();
        const manifest = await pack.whenRead();
        const library = options.library();
        if (library === null) return { status: 'idle' };
        const { recipe: wanted } = recipe.store.getState();
        const units = planOutcomeUnits(wanted, manifest);
        const items = toRunOrder(plan);
        const date = () => new Date(platform.now()).toISOString();
        const { refused } = await runAccuracy({
          engine,
          recipe,
          library,
          items,
          units,
          comparedRecipe: toRecipeKey(wanted),
          date,
          onProgress,
          onOutcomes: redraw.refreshOften,
          signal,
        });
        return refused === null
          ? { status: 'done', total: items.length * units.length }
          : { status: 'failed', error: refused };
      },
    });
  }

  /** What the device at hand, or the last one, answered of the recipe in view. */
  async function toLive(): Promise<OutcomeSet | null> {
    const manifest = pack.manifest();
    const library = options.library();
    const { engine: phase } = engine.store.getState();
    const book = phase.status === 'ready' ? library?.bookOf(phase.device) : library?.latest();
    if (manifest === null || book == null || pack.store.getState().facts.status !== 'ready') return null;
    const { recipe: wanted } = recipe.store.getState();
    return toLiveOutcomes(book, wanted, planOutcomeUnits(wanted, manifest), await outcomes.plan());
  }

  /** Fates that nobody has looked at yet are not drawn. */
  function refresh(): void {
    if (isWanted || store.getState().run.status !== 'idle') redraw.refresh();
  }

  async function draw(precision: Precision): Promise<void> {
    drawing = new AbortController();
    const { signal } = drawing;
    try {
      const set = await toLive();
      const { key } = store.getState();
      const resamples = RESAMPLES[precision];
      const mark = set && toMark(set, resamples);
      // Runs of other kinds draw the page anew too, and change nothing here.
      if (mark !== null && mark === drawn) return;
      const isCurrent = () => set !== null && isSameRecipe(recipe.store.getState().recipe, set.recipe);
      const onFound = (of: FateFindings) => {
        if (isCurrent() && of.asked.facts > 0) store.setState({ live: { status: 'ready', of } });
      };
      const found = set && (await findFates(platform.statistics, set, { first: key, resamples, signal, onFound }));
      if (found === null || found.asked.facts === 0) store.setState({ live: { status: 'none' } });
      if (isCurrent()) drawn = mark;
    } catch (error) {
      drawn = null;
      store.setState({ live: { status: 'failed', error: toWireError(error) } });
    }
  }

  recipe.store.subscribe((state, previous) => {
    if (!isSameRecipe(state.recipe, previous.recipe)) {
      running.abort();
      drawing.abort();
      drawn = null;
      // What was paused was of the recipe before.
      store.setState({ live: { status: 'none' }, source: 'recorded', run: { status: 'idle' } });
      refresh();
    }
    if (isWanted && state.presetId !== previous.presetId) void readRecorded();
  });
  engine.store.subscribe((state, previous) => {
    if (state.engine.status !== previous.engine.status) refresh();
  });
  return { store, refresh };
}
