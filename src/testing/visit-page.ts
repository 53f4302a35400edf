import { createStores } from '../state/stores.ts';
import { type FakeFaults, fakeEngine } from './fake-engine.ts';
import { type FakePlatform, fakePlatform, PACK_URL } from './fake-platform.ts';
import { settle, until } from './until.ts';

export interface Visit {
  /** The browser of an earlier visit, with what it stored. */
  kept?: FakePlatform | undefined;
  /** Stands in the address. */
  fragment?: string;
  faults?: Partial<FakeFaults>;
  isRunning?: boolean;
}

/** The stores of a page that has its pack, its engine running where that is asked. */
export async function visitPage({ kept, fragment = '', faults = {}, isRunning = false }: Visit = {}) {
  const fake = fakeEngine(faults);
  const platform = fakePlatform(kept);
  platform.fragment = fragment;
  const stores = createStores({ platform, createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  await settle();
  if (isRunning) {
    stores.engine.getState().runLive('auto');
    await until(() => stores.recipe.getState().variant.status === 'ready');
  }
  return { fake, platform, stores };
}
