import { createStores, type Stores } from '../state/stores.ts';
import { type FakeEngine, fakeEngine } from './fake-engine.ts';
import { type FakePlatform, fakePlatform, PACK_URL } from './fake-platform.ts';
import { until } from './until.ts';

export interface InsideVisit {
  stores: Stores;
  fake: FakeEngine;
  platform: FakePlatform;
  inside: () => ReturnType<Stores['inside']['getState']>;
  statuses: () => Record<string, string>;
  /** Calls of this name so far. */
  count: (name: string) => number;
}

/** A page with the pack read and, unless said otherwise, the model running and a fact in the box. */
export async function visitInside({
  isLive = true,
  fake = fakeEngine(),
  platform = fakePlatform(),
} = {}): Promise<InsideVisit> {
  const stores = createStores({ platform, createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  const inside = () => stores.inside.getState();
  if (isLive) {
    stores.engine.getState().runLive('auto');
    await until(() => stores.recipe.getState().variant.status === 'ready');
    setFact(stores, 1);
  }
  return {
    stores,
    fake,
    platform,
    inside,
    statuses: () => Object.fromEntries([...inside().captures].map(([key, { status }]) => [key, status])),
    count: (name) => fake.log.filter((line) => line.startsWith(`${name} `)).length,
  };
}

/** Puts a fact's first question into the box, by its number in the pack. */
export function setFact({ pack, board }: Stores, index: number): void {
  const { facts } = pack.getState();
  const fact = facts.status === 'ready' ? facts.facts[index] : undefined;
  if (fact === undefined) throw new Error('the pack has not that many facts');
  board.getState().setFact(fact);
}
