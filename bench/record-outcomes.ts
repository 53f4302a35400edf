import type { PackManifest } from '../src/core/pack/manifest.ts';
import { toOutcomesFile } from '../src/state/outcome-file.ts';
import type { OutcomeSet, RegimeOutcomes } from '../src/state/outcome-set.ts';
import { toTrainedKey } from '../src/state/regimes.ts';
import type { Stores } from '../src/state/stores.ts';
import { waitUntil } from '../src/state/wait-until.ts';
import { publish } from './page-device.ts';
import { startStores, toRecordedSource, whenRunDone } from './record-stores.ts';

interface OutcomesOrder {
  recipeId: string;
  /** Text that names the machine, put behind the device's name. */
  machine: string;
}

type OutcomesFile = ReturnType<typeof toOutcomesFile>;

/** Every question in every regime of a recipe: its file of outcomes, and the dense model's. */
async function recordOutcomes(
  stores: Stores,
  manifest: PackManifest,
  { recipeId, machine }: OutcomesOrder,
): Promise<{ recipe: OutcomesFile; dense: OutcomesFile }> {
  if (!manifest.recipes.some(({ id }) => id === recipeId)) throw new Error(`The pack has no recipe "${recipeId}".`);
  stores.recipe.getState().setPreset(recipeId);
  const { fates } = stores;
  fates.getState().start();
  await whenRunDone(fates, () => ({ run: fates.getState().run, label: 'outcomes' }));
  const live = await waitUntil([fates], new AbortController().signal, () => {
    const { live: phase } = fates.getState();
    return phase.status === 'ready' && isComplete(phase.of.set) ? phase.of.set : null;
  });
  const set = { ...live, source: toRecordedSource(live.source, machine) };
  const toName = ({ key, fold, isShuffled }: RegimeOutcomes) => {
    const repair = manifest.repairs.find(
      (each) =>
        each.recipeId === recipeId &&
        each.fold === fold &&
        each.shuffledAnswers === isShuffled &&
        toTrainedKey(each) === key,
    );
    if (repair === undefined) throw new Error(`The pack has no ${key} of fold ${fold}.`);
    return repair.name;
  };
  return { recipe: toOutcomesFile(set, recipeId, toName), dense: toOutcomesFile(set, null, toName) };
}

/** Whether every regime of the recipe answered every question. */
function isComplete({ regimes }: OutcomeSet): boolean {
  return regimes.length > 2 && regimes.every(({ right }) => right.every((each) => each <= 1));
}

void publish(async () => {
  const { stores, manifest } = await startStores();
  Object.assign(globalThis, { recordOutcomes: (order: OutcomesOrder) => recordOutcomes(stores, manifest, order) });
  return { recipeIds: manifest.recipes.map(({ id }) => id) };
});
