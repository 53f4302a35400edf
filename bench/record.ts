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

type Order = (order: RecordOrder) => Promise<ResultSet>;

async function start(): Promise<{ recipeIds: string[]; record: Order; recordTimes: Order }> {
  const { stores, manifest } = await startStores();
  const record = (order: RecordOrder) => recordRecipe(stores, manifest, order);
  const recordTimes = (order: RecordOrder) => recordTimesOf(stores, manifest, order);
  return { recipeIds: manifest.recipes.map(({ id }) => id), record, recordTimes };
}

/** Accuracy on all facts and on the control subjects, then latency, of every regime whose repairs were trained for the recipe. */
async function recordRecipe(stores: Stores, manifest: PackManifest, order: RecordOrder): Promise<RecordedResults> {
  showTrained(stores, manifest, order);
  const { evaluate } = stores;
  evaluate.getState().runAccuracy(order.itemsPerRegime ?? ALL_ITEMS);
  await whenDone(evaluate, 'accuracyRun');
  evaluate.getState().runControl();
  await whenDone(evaluate, 'accuracyRun');
  return { version: 1, recipeId: order.recipeId, ...(await time(evaluate, order)) };
}

/** Latency alone, of the same regimes. */
async function recordTimesOf(stores: Stores, manifest: PackManifest, order: RecordOrder): Promise<ResultSet> {
  showTrained(stores, manifest, order);
  return time(stores.evaluate, order);
}

/** Chooses a recipe, and the regimes whose repairs were trained for it. */
function showTrained(stores: Stores, manifest: PackManifest, { recipeId }: RecordOrder): void {
  const recipe = manifest.recipes.find(({ id }) => id === recipeId)?.recipe;
  if (recipe === undefined) throw new Error(`The pack has no recipe "${recipeId}".`);
  stores.recipe.getState().setPreset(recipeId);
  for (const key of REGIME_KEYS) {
    const plan = toRegimePlan(key, { recipe, manifest, fold: 'A', textPrompt: '' });
    stores.board.getState().setShown(key, plan.regime !== null && !plan.transferred);
  }
}

async function time(evaluate: Stores['evaluate'], { machine }: RecordOrder): Promise<ResultSet> {
  evaluate.getState().runLatency(TIMED_RUNS);
  await whenDone(evaluate, 'latencyRun');
  const live = await whenDrawn(evaluate);
  return { ...live, source: toRecordedSource(live.source, machine) };
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
    // Times are compared last of all.
    return isWhole && counts.length > 0 && live?.timeComparisons?.length ? live : null;
  });
}

void publish(async () => {
  const { recipeIds, record, recordTimes } = await start();
  Object.assign(globalThis, { recordRecipe: record, recordTimes });
  return { recipeIds };
});
