import { createStore, type StoreApi } from 'zustand/vanilla';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import { isSameRecipe } from '../core/compress/recipe-key.ts';
import { AppError, toAppError, toWireError, type WireError } from '../core/errors.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import type { LoadProgress } from '../engine/protocol.ts';
import { DENSE_REGIME, deviceOf } from './engine-faults.ts';
import type { LiveEngine } from './engine-store.ts';
import type { RecipeState } from './recipe-state.ts';
import { waitUntil } from './wait-until.ts';

/** A slider that is being dragged sends a recipe per pixel; the engine gets the one it rests on. */
const DEBOUNCE_MS = 120;

/** What the controls show before the pack has said what it ships. */
const FIRST_RECIPE: Recipe = {
  version: 1,
  steps: [{ method: 'magnitude', sparsity: 0.6, granularity: 'per-output' }],
};

export interface RecipeStoreOptions {
  engine: LiveEngine;
  /** The recipe of a link or of the last visit; null without. */
  recipe: Recipe | null;
  manifest: () => PackManifest | null;
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The recipe on the page and its variant in the engine. */
export interface LiveRecipe {
  store: StoreApi<RecipeState>;
  /** The preset's name is looked up again, once the manifest is there. */
  refresh(): void;
  /** Sends the recipe on the page once more, where others went through the engine meanwhile; a change of it replaces that. */
  reapply(): void;
  /** Resolves once the engine is ready with the recipe on the page; rejects where that cannot come about. */
  whenApplied(signal: AbortSignal): Promise<Recipe>;
}

export function createRecipeStore(options: RecipeStoreOptions): LiveRecipe {
  const { engine } = options;
  const first = options.recipe ?? FIRST_RECIPE;
  let running = new AbortController();

  const store = createStore<RecipeState>((set, get) => ({
    recipe: first,
    presetId: findPreset(first),
    problem: findProblem(first),
    variant: { status: 'none' },
    applied: null,
    denseSize: null,
    setRecipe: (recipe) => {
      if (isSameRecipe(recipe, get().recipe)) return;
      set({ recipe, presetId: findPreset(recipe), problem: findProblem(recipe) });
      apply(DEBOUNCE_MS);
    },
    setPreset: (recipeId) => {
      const preset = options.manifest()?.recipes.find(({ id }) => id === recipeId);
      if (preset !== undefined) get().setRecipe(preset.recipe);
    },
    goBack: () => {
      const { variant, applied } = get();
      // A link or a restart may build the first variant of all: the pack's first recipe is there at once.
      const former = applied ?? options.manifest()?.recipes[0]?.recipe;
      const isLeft = variant.status === 'building' || variant.status === 'failed';
      if (isLeft && former !== undefined) get().setRecipe(former);
    },
  }));

  function findPreset(recipe: Recipe): string | null {
    return options.manifest()?.recipes.find((entry) => isSameRecipe(entry.recipe, recipe))?.id ?? null;
  }

  /** Sends the recipe on the page to the engine; the request before it, sent or not, is dropped. */
  function apply(delayMs: number): void {
    running.abort();
    running = new AbortController();
    const { signal } = running;
    const { recipe, problem } = store.getState();
    if (engine.store.getState().engine.status !== 'ready') return;
    if (problem !== null) {
      store.setState({ variant: { status: 'failed', error: problem } });
      return;
    }
    store.setState({
      variant: { status: 'building', step: null },
      denseSize: engine.store.getState().prepared.get(DENSE_REGIME.id)?.size ?? null,
    });
    build(recipe, delayMs, signal).then(
      (size) => {
        if (signal.aborted) return;
        store.setState({ variant: { status: 'ready', size }, applied: recipe });
      },
      (error: unknown) => {
        if (signal.aborted) return;
        const { applied } = store.getState();
        // Where the recipe is the one that was there before, nothing is there any more.
        const left = applied !== null && isSameRecipe(applied, recipe) ? null : applied;
        store.setState({ variant: { status: 'failed', error: toWireError(error) }, applied: left });
      },
    );
  }

  async function build(recipe: Recipe, delayMs: number, signal: AbortSignal) {
    if (delayMs > 0) await options.wait(delayMs, signal);
    if (signal.aborted) throw new AppError('stopped', 'A later recipe replaced this one.');
    const onEvent = ({ label }: LoadProgress) => {
      if (!signal.aborted) store.setState({ variant: { status: 'building', step: label } });
    };
    return (await engine.call('loadRecipe', { recipe }, { signal, onEvent })).size;
  }

  engine.store.subscribe((state, previous) => {
    if (state.engine.status === previous.engine.status) return;
    if (state.engine.status === 'ready') {
      apply(0);
      return;
    }
    running.abort();
    store.setState({ variant: { status: 'none' }, applied: null });
  });

  return {
    store,
    reapply: () => apply(0),
    refresh: () => store.setState({ presetId: findPreset(store.getState().recipe) }),
    whenApplied: (signal) =>
      waitUntil([engine.store, store], signal, () => {
        const device = deviceOf(engine.store.getState().engine);
        const { variant, recipe, applied, problem } = store.getState();
        if (problem !== null) throw toAppError(problem);
        if (device === null) return null;
        if (variant.status === 'failed') throw toAppError(variant.error);
        return variant.status === 'ready' && applied !== null && isSameRecipe(applied, recipe) ? applied : null;
      }),
  };
}

/** Why a recipe of the controls cannot be run; null where it can. */
function findProblem(recipe: Recipe): WireError | null {
  try {
    parseRecipe(recipe);
    return null;
  } catch (error) {
    return toWireError(error);
  }
}
