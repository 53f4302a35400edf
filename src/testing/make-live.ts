import type { Recipe } from '../core/compress/recipe.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { createEngineStore } from '../state/engine-store.ts';
import { createRecipeStore } from '../state/recipe-store.ts';
import { type FakeFaults, fakeEngine } from './fake-engine.ts';

interface LiveParts {
  manifest: PackManifest;
  recipe: Recipe;
  faults?: Partial<FakeFaults>;
}

/** The engine store on a fake engine, and a recipe store on it. */
export function makeLive({ manifest, recipe: first, faults = {} }: LiveParts) {
  const fake = fakeEngine(faults);
  const engine = createEngineStore({
    createClient: fake.createClient,
    readPack: async () => ({ baseUrl: '/', manifest }),
    now: () => 0,
    crashMark: { set: () => {}, clear: () => {} },
    onCacheNotice: () => {},
  });
  const recipe = createRecipeStore({
    engine,
    recipe: first,
    manifest: () => manifest,
    wait: () => new Promise((resolve) => setTimeout(resolve, 0)),
  });
  return { fake, engine, recipe };
}
