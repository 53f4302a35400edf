import { createStore, type StoreApi } from 'zustand/vanilla';
import { isSameRecipe, toRecipeKey } from '../core/compress/recipe-key.ts';
import type { Fold } from '../core/pack/manifest.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import { runAccuracy } from './accuracy-run.ts';
import type { BoardState } from './board-state.ts';
import type { LiveEngine } from './engine-store.ts';
import { createEstimates, type Precision } from './estimates.ts';
import type { EvaluateState, Run } from './evaluate-state.ts';
import { type PlannedItem, type PlannedUnit, planItems, planUnits } from './evaluation-plan.ts';
import { runLatency } from './latency-run.ts';
import type { PackState } from './pack-state.ts';
import type { Platform } from './platform.ts';
import type { LiveRecipe } from './recipe-store.ts';
import { createRunRedraw } from './redraw.ts';
import type { ResultLibrary } from './result-book.ts';
import { createResultSets } from './result-sets.ts';
import { PAUSED, type RunTurns, type Turn } from './run-turns.ts';
import { waitUntil } from './wait-until.ts';

export interface EvaluateStoreOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: StoreApi<PackState>;
  board: StoreApi<BoardState>;
  /** Null until the manifest is there. */
  library: () => ResultLibrary | null;
  turns: RunTurns;
  platform: Pick<Platform, 'now' | 'isHidden' | 'onHidden' | 'statistics'>;
}

export interface LiveEvaluation {
  store: StoreApi<EvaluateState>;
  /** Draws `live` anew, such as after stored results were read. */
  refresh(): void;
}

/** Charts that count live move this often. */
const REFRESH_MS = 300;

type RunName = 'accuracyRun' | 'latencyRun';

export function createEvaluateStore(options: EvaluateStoreOptions): LiveEvaluation {
  const { engine, recipe, pack, board, turns, platform } = options;
  let running = new AbortController();
  /** Goes on with the last accuracy run. */
  let goOn = () => {};
  const estimates = createEstimates(platform.statistics);
  const sets = createResultSets(estimates);
  const { refresh, refreshOften } = createRunRedraw(draw, { now: platform.now, everyMs: REFRESH_MS });

  const store = createStore<EvaluateState>(() => ({
    accuracyRun: { status: 'idle' },
    latencyRun: { status: 'idle' },
    live: null,
    runAccuracy: (itemsPerRegime) => score(['A', 'B'], itemsPerRegime),
    runControl: () => score(['control'], Number.POSITIVE_INFINITY),
    runLatency: time,
    pause: () => running.abort(PAUSED),
    resume: () => goOn(),
    stop,
  }));

  function stop(): void {
    const { accuracyRun: run, latencyRun } = store.getState();
    const isAnother = latencyRun.status === 'running';
    if (run.status === 'paused' && !isAnother) store.setState({ accuracyRun: { ...run, status: 'stopped' } });
    running.abort();
  }

  function set(name: RunName, run: Run): void {
    store.setState(name === 'accuracyRun' ? { accuracyRun: run } : { latencyRun: run });
  }

  /** What a run needs of the pack and the board; null before the facts are there. */
  function toPlan(
    folds: readonly Fold[],
    keys: readonly RegimeKey[] = board.getState().shown,
  ): { items: PlannedItem[]; units: PlannedUnit[]; library: ResultLibrary } | null {
    const { pack: phase, facts } = pack.getState();
    const library = options.library();
    if (phase.status !== 'ready' || facts.status !== 'ready' || library === null) return null;
    const { textPrompt } = board.getState();
    const units = planUnits(keys, recipe.store.getState().recipe, phase.manifest, textPrompt);
    return { items: planItems(facts.facts, facts.relations, folds), units, library };
  }

  /** Begins a run, which ends whatever run has the engine. */
  function begin(name: RunName, work: Turn['work']): void {
    running = turns.begin({ work, show: (run) => set(name, run) });
  }

  function score(folds: readonly Fold[], limit: number): void {
    goOn = () => score(folds, limit);
    begin('accuracyRun', async (signal, onProgress) => {
      await recipe.whenApplied(signal);
      const plan = toPlan(folds);
      if (plan === null) return { status: 'idle' };
      const { units, library } = plan;
      const items = plan.items.slice(0, limit);
      const date = () => new Date(platform.now()).toISOString();
      const { refused } = await runAccuracy({
        engine,
        recipe,
        library,
        items,
        units,
        comparedRecipe: toRecipeKey(recipe.store.getState().recipe),
        date,
        onProgress,
        onOutcomes: refreshOften,
        signal,
      });
      return refused === null
        ? { status: 'done', total: items.length * units.length }
        : { status: 'failed', error: refused };
    });
  }

  function time(maxRounds: number, keys: readonly RegimeKey[] = board.getState().shown): void {
    begin('latencyRun', async (signal, onProgress) => {
      await recipe.whenApplied(signal);
      const plan = toPlan(['A', 'B'], keys);
      const context = plan?.items[0]?.context;
      if (plan === null || context === undefined) return { status: 'idle' };
      // Twins cost the same: one of each is timed.
      const units = plan.units.filter(({ fold }) => fold !== 'B');
      let isDisturbed = false;
      const unsubscribe = board.subscribe(({ isAsking }) => {
        isDisturbed ||= isAsking;
      });
      try {
        const total = await runLatency({
          engine,
          recipe,
          library: plan.library,
          units,
          context,
          maxRounds,
          isSettled: estimates.isSettled,
          wasDisturbed: () => {
            const was = isDisturbed;
            isDisturbed = board.getState().isAsking;
            return was;
          },
          whenQuiet: () => waitUntil([board], signal, () => (board.getState().isAsking ? null : true)).then(() => {}),
          isHidden: platform.isHidden,
          onHidden: platform.onHidden,
          date: () => new Date(platform.now()).toISOString(),
          onProgress,
          onRound: () => refresh('live'),
          signal,
        });
        return { status: 'done', total };
      } finally {
        unsubscribe();
      }
    });
  }

  async function draw(precision: Precision): Promise<void> {
    const { pack: phase, facts } = pack.getState();
    const { engine: enginePhase } = engine.store.getState();
    const library = options.library();
    if (phase.status !== 'ready' || facts.status !== 'ready' || library === null) return;
    const book = enginePhase.status === 'ready' ? library.bookOf(enginePhase.device) : library.latest();
    if (book === null) {
      store.setState({ live: null });
      return;
    }
    const { recipe: wanted } = recipe.store.getState();
    const { textPrompt } = board.getState();
    const { manifest } = phase;
    const live = await sets.toResultSet({ book, recipe: wanted, textPrompt, manifest, facts: facts.facts, precision });
    // Of another recipe by now: it is drawn next.
    if (isSameRecipe(recipe.store.getState().recipe, wanted)) store.setState({ live });
  }

  recipe.store.subscribe((state, previous) => {
    if (isSameRecipe(state.recipe, previous.recipe)) return;
    running.abort();
    // What was paused was of the recipe before.
    stop();
    store.setState({ live: null });
    refresh();
  });
  board.subscribe((state, previous) => {
    if (state.textPrompt !== previous.textPrompt) refresh();
  });
  engine.store.subscribe((state, previous) => {
    if (state.engine.status !== previous.engine.status) refresh();
  });
  pack.subscribe((state, previous) => {
    if (state.facts !== previous.facts || state.pack !== previous.pack) refresh();
  });
  return { store, refresh: () => refresh() };
}
