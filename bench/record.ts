import { toAppError } from '../src/core/errors.ts';
import type { PackManifest } from '../src/core/pack/manifest.ts';
import { REGIME_KEYS } from '../src/core/recover/regime.ts';
import { createEngineClient } from '../src/engine/engine-client.ts';
import { createBrowserPlatform } from '../src/state/browser-platform.ts';
import type { Run } from '../src/state/evaluate-state.ts';
import { createMemoryResults, createMemoryTexts } from '../src/state/memory-storage.ts';
import { toRegimePlan } from '../src/state/regimes.ts';
import type { RecordedResults } from '../src/state/results.ts';
import { createStores, type Stores } from '../src/state/stores.ts';
import { waitUntil } from '../src/state/wait-until.ts';
import { publish } from './page-device.ts';

/** More than there are: every fact in every question form. */
const ALL_ITEMS = Number.MAX_SAFE_INTEGER;
const TIMED_RUNS = 100;
const NEVER = new AbortController().signal;

interface RecordOrder {
  recipeId: string;
  /** Text that names the machine, put behind the device's name. */
  machine: string;
  /** Fewer than all, for a trial. */
  itemsPerRegime?: number;
}

/** The page's own stores; what it measured before is not read, so that all of a recording is of one day. */
function openStores(): Stores {
  const platform = { ...createBrowserPlatform(), texts: createMemoryTexts(), results: createMemoryResults() };
  const baseUrl = new URL('../packs/atlas/', document.baseURI).href;
  return createStores({ platform, createClient: () => createEngineClient(), baseUrl });
}

async function start(): Promise<{ recipeIds: string[]; record: (order: RecordOrder) => Promise<RecordedResults> }> {
  const stores = openStores();
  await stores.pack.getState().loadPack();
  const { pack, facts } = stores.pack.getState();
  if (pack.status === 'failed') throw toAppError(pack.error);
  if (facts.status === 'failed') throw toAppError(facts.error);
  if (pack.status !== 'ready') throw new Error('The pack was not read.');
  stores.engine.getState().runLive('wasm');
  await waitUntil([stores.engine], NEVER, () => {
    const { engine } = stores.engine.getState();
    if (engine.status === 'failed') throw toAppError(engine.error);
    return engine.status === 'ready' ? true : null;
  });
  const { manifest } = pack;
  const record = (order: RecordOrder) => recordRecipe(stores, manifest, order);
  return { recipeIds: manifest.recipes.map(({ id }) => id), record };
}

/** Accuracy on all facts and on the control subjects, then latency, of every regime whose repairs were trained for the recipe. */
async function recordRecipe(
  stores: Stores,
  manifest: PackManifest,
  { recipeId, machine, itemsPerRegime = ALL_ITEMS }: RecordOrder,
): Promise<RecordedResults> {
  const recipe = manifest.recipes.find(({ id }) => id === recipeId)?.recipe;
  if (recipe === undefined) throw new Error(`The pack has no recipe "${recipeId}".`);
  stores.recipe.getState().setPreset(recipeId);
  for (const key of REGIME_KEYS) {
    const plan = toRegimePlan(key, { recipe, manifest, fold: 'A', textPrompt: '' });
    stores.board.getState().setShown(key, plan.regime !== null && !plan.transferred);
  }
  const { evaluate } = stores;
  evaluate.getState().runAccuracy(itemsPerRegime);
  await whenDone(evaluate, 'accuracyRun');
  evaluate.getState().runControl();
  await whenDone(evaluate, 'accuracyRun');
  evaluate.getState().runLatency(TIMED_RUNS);
  await whenDone(evaluate, 'latencyRun');
  const { live } = evaluate.getState();
  if (live === null) throw new Error('Nothing was measured.');
  const [device = '', ...runtime] = live.source.device.split(', ');
  const source = { ...live.source, kind: 'recorded' as const, device: [device, machine, ...runtime].join(', ') };
  return { version: 1, recipeId, ...live, source };
}

function whenDone(evaluate: Stores['evaluate'], name: 'accuracyRun' | 'latencyRun'): Promise<true> {
  let told = -1;
  return waitUntil([evaluate], NEVER, () => {
    const run: Run = evaluate.getState()[name];
    switch (run.status) {
      case 'running': {
        const percent = run.total > 0 ? Math.floor((100 * run.done) / run.total) : 0;
        if (percent >= told + 10) {
          told = percent;
          console.log(`${name === 'accuracyRun' ? 'accuracy' : 'latency'}: ${run.done} of ${run.total}`);
        }
        return null;
      }
      case 'done':
        return true;
      case 'failed':
        throw toAppError(run.error);
      case 'idle':
      case 'stopped':
        throw new Error(`The run ended as ${run.status}.`);
      default:
        return run satisfies never;
    }
  });
}

void publish(async () => {
  const { recipeIds, record } = await start();
  Object.assign(globalThis, { recordRecipe: record });
  return { recipeIds };
});
