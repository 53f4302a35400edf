import type { PackManifest } from '../src/core/pack/manifest.ts';
import { REGIME_KEYS } from '../src/core/recover/regime.ts';
import { toRegimePlan } from '../src/state/regimes.ts';
import type { RecordedResults, ResultSet } from '../src/state/results.ts';
import type { Stores } from '../src/state/stores.ts';
import { waitUntil } from '../src/state/wait-until.ts';
import { publish } from './page-device.ts';
import { startStores, toRecordedSource, whenRunDone } from './record-stores.ts';

/** More than there are: every fact in every question form. */
const ALL_ITEMS = Number.MAX_SAFE_INTEGER;
const TIMED_RUNS = 100;

interface RecordOrder {
  recipeId: string;
  /** Text that names the machine, put behind the device's name. */
  machine: string;
  /** Fewer than all, for a trial. */
  itemsPerRegime?: number;
}

async function start(): Promise<{ recipeIds: string[]; record: (order: RecordOrder) => Promise<RecordedResults> }> {
  const { stores, manifest } = await startStores();
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
  const live = await whenDrawn(evaluate);
  return { version: 1, recipeId, ...live, source: toRecordedSource(live.source, machine) };
}

function whenDone(evaluate: Stores['evaluate'], name: 'accuracyRun' | 'latencyRun'): Promise<void> {
  const label = name === 'accuracyRun' ? 'accuracy' : 'latency';
  return whenRunDone(evaluate, () => ({ run: evaluate.getState()[name], label }));
}

/** The figures of all runs: they are drawn after the last one has ended. */
function whenDrawn(evaluate: Stores['evaluate']): Promise<ResultSet> {
  return waitUntil([evaluate], new AbortController().signal, () => {
    const { live, latencyRun } = evaluate.getState();
    const counts = live?.rows.flatMap(({ latency }) => latency?.ttftMs.n ?? []) ?? [];
    const isWhole = latencyRun.status === 'done' && counts.every((n) => n * counts.length === latencyRun.total);
    return isWhole && counts.length > 0 ? live : null;
  });
}

void publish(async () => {
  const { recipeIds, record } = await start();
  Object.assign(globalThis, { recordRecipe: record });
  return { recipeIds };
});
