import type { Run } from '../state/evaluate-state.ts';
import { createStores } from '../state/stores.ts';
import type { SweepPlan } from '../state/sweep-state.ts';
import { type FakeFaults, fakeEngine } from './fake-engine.ts';
import { type FakePlatform, fakePlatform, PACK_URL } from './fake-platform.ts';
import { settle, until } from './until.ts';

/** Three recipes alone and with a prompt, whose twins share the items. */
export const PLAN: SweepPlan = {
  withShipped: false,
  methods: [
    { method: 'magnitude', levels: [0.5, 0.6] },
    { method: 'rtn', levels: [2] },
  ],
  regimes: ['compressed', 'prompt'],
  itemsPerRegime: 60,
};
/** Charts are drawn in slices, one a turn under the fake clock. */
export async function drawn(): Promise<void> {
  for (let i = 0; i < 4; i++) await settle();
}

/** A page of the toy pack with that plan, the model running. */
export async function openSweep(faults: Partial<FakeFaults> = {}, kept?: FakePlatform) {
  const fake = fakeEngine(faults);
  const platform = fakePlatform(kept);
  const stores = createStores({ platform, createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  const state = () => stores.sweep.getState();
  state().setPlan(PLAN);
  stores.engine.getState().runLive('auto');
  await until(() => stores.recipe.getState().variant.status === 'ready');
  fake.log.length = 0;
  const calls = (name: string) => fake.log.filter((line) => line.startsWith(name));
  const untilRun = async (status: Run['status']) => {
    await until(() => state().run.status === status);
    await drawn();
    await until(() => (state().live?.points ?? []).length === 0 || state().live?.family != null);
  };
  const point = (method: string | null, level: number | null, regime: string) =>
    state().live?.points.find((each) => each.method === method && each.level === level && each.regime === regime);
  return { fake, platform, stores, state, calls, untilRun, point };
}
