import type { RegimeKey } from '../core/recover/regime.ts';
import type { Run } from '../state/evaluate-state.ts';
import { createStores } from '../state/stores.ts';
import { type FakeFaults, fakeEngine } from './fake-engine.ts';
import { type FakePlatform, fakePlatform, PACK_URL } from './fake-platform.ts';
import { until } from './until.ts';

/** A page with the toy pack, its engine running unless told otherwise, and what tests of its runs look at. */
export async function makeEvaluation(faults: Partial<FakeFaults> = {}, kept?: FakePlatform, isStarted = true) {
  const fake = fakeEngine(faults);
  const platform = fakePlatform(kept);
  const stores = createStores({ platform, createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  const state = () => stores.evaluate.getState();
  const start = async (choice: 'auto' | 'webgpu' | 'wasm' = 'auto') => {
    stores.engine.getState().runLive(choice);
    await until(() => stores.recipe.getState().variant.status === 'ready');
    fake.log.length = 0;
  };
  if (isStarted) await start();
  const row = (key: RegimeKey) => {
    const found = state().live?.rows.find((each) => each.key === key);
    if (found === undefined) throw new Error(`no row ${key}`);
    return found;
  };
  const scored = () => fake.log.filter((line) => line.startsWith('score')).map((line) => line.split(' ')[1] ?? '');
  const timed = () => fake.log.filter((line) => line.startsWith('time')).map((line) => line.split(' ')[1] ?? '');
  const untilRun = (name: 'accuracyRun' | 'latencyRun', status: Run['status']) =>
    until(() => state()[name].status === status);
  return { fake, platform, stores, state, row, scored, timed, untilRun, start };
}
