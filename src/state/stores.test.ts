import { expect, test } from 'vitest';
import { fakeEngine } from '../testing/fake-engine.ts';
import { type FakePlatform, fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { settle, until } from '../testing/until.ts';
import { createMemoryTexts } from './memory-storage.ts';
import { createStores } from './stores.ts';

function visit(kept?: Partial<FakePlatform>, fake = fakeEngine()) {
  const platform = fakePlatform(kept);
  const stores = createStores({ platform, createClient: fake.createClient, baseUrl: PACK_URL });
  const notices = () => stores.notices.getState().notices.map(({ text }) => text);
  return { platform, stores, notices, fake };
}

function denied(): never {
  throw new DOMException('denied', 'SecurityError');
}

test('a first visit shows the first recipe of the pack, five columns and no banner', async () => {
  const { stores, notices } = visit();
  await stores.pack.getState().loadPack();
  expect(stores.recipe.getState().presetId).toBe('magnitude-mild');
  expect(stores.board.getState().columns.map(({ key }) => key)).toEqual([
    'dense',
    'compressed',
    'prompt',
    'idp',
    'lora-merged',
  ]);
  expect(notices()).toEqual([]);
});

test('nothing that was set is lost on reload', async () => {
  const first = visit();
  await first.stores.pack.getState().loadPack();
  const { board, recipe, settings } = first.stores;
  settings.getState().setTheme('dark');
  settings.getState().setTextSize('large');
  board.getState().setHighlighted('lora-merged');
  board.getState().setShown('prefix', true);
  board.getState().setShown('prompt', false);
  board.getState().setExposure('seen');
  board.getState().setTextPrompt('In one word:');
  board.getState().setQuestionText('What is the capital of Barfelia?');
  recipe.getState().setPreset('rtn-severe');

  const second = visit(first.platform).stores;
  await second.pack.getState().loadPack();
  expect(second.settings.getState()).toMatchObject({ theme: 'dark', textSize: 'large' });
  expect(second.board.getState()).toMatchObject({
    highlighted: 'lora-merged',
    shown: ['dense', 'compressed', 'idp', 'lora-merged', 'prefix'],
    exposure: 'seen',
    textPrompt: 'In one word:',
    question: { text: 'What is the capital of Barfelia?' },
  });
  expect(second.recipe.getState().presetId).toBe('rtn-severe');
});

test('a question of the last visit is known as its fact once the facts are there', async () => {
  const first = visit();
  await first.stores.pack.getState().loadPack();
  const { facts } = first.stores.pack.getState();
  const fact = facts.status === 'ready' ? facts.facts[3] : undefined;
  if (fact === undefined) throw new Error('the pack has no facts');
  first.stores.board.getState().setFact(fact, 2);
  const second = visit(first.platform).stores;
  expect(second.board.getState().question.fact).toBeNull();
  await second.pack.getState().loadPack();
  expect(second.board.getState().question).toMatchObject({ fact, form: 2 });
});

test('a recipe that cannot be run is not kept for the next visit', async () => {
  const first = visit();
  await first.stores.pack.getState().loadPack();
  const step = { method: 'magnitude', sparsity: Number.NaN, granularity: 'global' } as const;
  first.stores.recipe.getState().setRecipe({ version: 1, steps: [step] });
  expect(first.stores.recipe.getState().problem?.code).toBe('recipe-invalid');
  const second = visit(first.platform);
  await second.stores.pack.getState().loadPack();
  expect(second.stores.recipe.getState()).toMatchObject({ presetId: 'magnitude-mild', problem: null });
  expect(second.notices()).toEqual([]);
});

test('damaged settings give defaults and a banner that can be dismissed', () => {
  const { stores, notices } = visit({ texts: createMemoryTexts([['recall-lab/settings', '{"theme":']]) });
  expect(stores.settings.getState().theme).toBe('system');
  expect(notices()).toHaveLength(1);
  stores.notices.getState().dismiss('settings');
  expect(notices()).toEqual([]);
});

test('a browser that denies all storage runs on in memory with a banner each', async () => {
  const results = { readAll: async () => denied(), write: async () => denied(), removeAll: async () => denied() };
  const { stores, notices } = visit({ texts: { read: denied, write: denied }, results });
  await stores.pack.getState().loadPack();
  stores.settings.getState().setTheme('dark');
  stores.engine.getState().runLive('auto');
  await until(() => stores.recipe.getState().variant.status === 'ready');
  stores.evaluate.getState().runAccuracy(20);
  await until(() => stores.evaluate.getState().accuracyRun.status === 'done');
  await settle();
  expect(stores.evaluate.getState().live).not.toBeNull();
  expect(stores.settings.getState().theme).toBe('dark');
  expect(notices()).toHaveLength(2);
  expect(notices().join(' ')).toMatch(/settings last.*results/);
});

test('a page that crashed in the middle of a start does not start by itself, and says so', async () => {
  const fake = fakeEngine();
  fake.hold('loadPack');
  const first = visit({}, fake);
  first.stores.engine.getState().runLive('webgpu');
  await until(() => fake.isHolding('loadPack'));
  const second = visit(first.platform);
  await second.stores.pack.getState().loadPack();
  await settle();
  expect(second.stores.engine.getState().engine.status).toBe('off');
  expect(second.notices().join()).toMatch(/choose wasm/);
  expect(visit(first.platform).notices()).toEqual([]);
});

test('a page that was closed by hand in the middle of a start has not crashed', async () => {
  const fake = fakeEngine();
  fake.hold('loadPack');
  const first = visit({}, fake);
  first.stores.engine.getState().runLive('webgpu');
  await until(() => fake.isHolding('loadPack'));
  first.platform.leave();
  expect(visit(first.platform).notices()).toEqual([]);
});

test('a start that ended well leaves no such banner', async () => {
  const first = visit();
  first.stores.engine.getState().runLive('auto');
  await until(() => first.stores.engine.getState().engine.status === 'ready');
  expect(visit(first.platform).notices()).toEqual([]);
});

test('a pack that is not kept for the next visit is told with its numbers', async () => {
  const cacheNotice = 'The browser keeps 1 MB for this site, the pack needs 12 MB.';
  const { stores, notices } = visit({}, fakeEngine({ cacheNotice }));
  stores.engine.getState().runLive('auto');
  await until(() => stores.engine.getState().engine.status === 'ready');
  expect(notices()).toEqual([cacheNotice]);
});

test('the live button alone reads the pack where the page has not', async () => {
  const { stores } = visit();
  stores.engine.getState().runLive('auto');
  await until(() => stores.recipe.getState().variant.status === 'ready');
  expect(stores.pack.getState().facts.status).toBe('ready');
});

test('a link opens the page as it was shared, once; what the person does next is kept', async () => {
  const shared = createStores({ platform: fakePlatform(), createClient: fakeEngine().createClient, baseUrl: PACK_URL });
  await shared.pack.getState().loadPack();
  shared.recipe
    .getState()
    .setRecipe({ version: 1, steps: [{ method: 'rtn', bits: 2, groupSize: 16, symmetric: true }] });
  shared.board.getState().setQuestionText('What is the capital of Barfelia?');
  shared.board.getState().setExposure('seen');
  const platform = fakePlatform();
  platform.fragment = new URL(shared.settings.getState().toLink()).hash;
  const opened = createStores({ platform, createClient: fakeEngine().createClient, baseUrl: PACK_URL });
  await opened.pack.getState().loadPack();
  expect(opened.recipe.getState().recipe).toEqual(shared.recipe.getState().recipe);
  expect(opened.board.getState()).toMatchObject({
    exposure: 'seen',
    question: { text: 'What is the capital of Barfelia?' },
  });
  expect(platform.fragment).toBe('');
});

test('a link outlasts a reload, whether or not anything was done since', async () => {
  const shared = visit();
  await shared.stores.pack.getState().loadPack();
  shared.stores.recipe.getState().setPreset('rtn-severe');
  shared.stores.view.getState().setTab('sweep');
  shared.stores.view.getState().setSweepMeasure('perplexity');
  const platform = fakePlatform();
  platform.fragment = new URL(shared.stores.settings.getState().toLink()).hash;
  createStores({ platform, createClient: fakeEngine().createClient, baseUrl: PACK_URL });
  const { stores } = visit(platform);
  await stores.pack.getState().loadPack();
  expect(stores.recipe.getState().presetId).toBe('rtn-severe');
  expect(stores.view.getState()).toMatchObject({ tab: 'sweep', sweepMeasure: 'perplexity' });
});

test('a link, and then a reload, show figures as they were shared, with what was picked and planned', async () => {
  const shared = visit().stores;
  await shared.pack.getState().loadPack();
  const picked = [
    { key: 'idp', exposure: 'held-out' },
    { key: 'prompt', exposure: 'seen' },
  ] as const;
  shared.view.getState().setFigures({ transferType: 'lora-r8', comparedBy: 'ttftMs', tables: ['Accuracy'] });
  shared.comparisons.getState().pick(picked);
  shared.comparisons.getState().planFor(0.05);
  const platform = fakePlatform();
  platform.fragment = new URL(shared.settings.getState().toLink()).hash;
  const opened = createStores({ platform, createClient: fakeEngine().createClient, baseUrl: PACK_URL });
  for (const stores of [opened, visit(platform).stores]) {
    expect(stores.view.getState().figures).toEqual(shared.view.getState().figures);
    expect(stores.comparisons.getState()).toMatchObject({ picked, plannedDifference: 0.05 });
  }
  const { stores: next } = visit(platform);
  next.comparisons.getState().pick(null);
  expect(visit(platform).stores.comparisons.getState().picked).toBeNull();
});

test('a manifest that cannot be had is told in one place, and all that waits for it comes once it is there', async () => {
  const { platform, stores } = visit();
  const manifest = platform.files.get('manifest.json') ?? new Uint8Array();
  platform.files.delete('manifest.json');
  stores.fates.getState().load();
  void stores.transfer.getState().load();
  void stores.tasks.getState().load();
  await stores.pack.getState().loadPack();
  await settle();
  expect(stores.pack.getState().pack.status).toBe('failed');
  expect(stores.fates.getState().recorded.status).toBe('loading');
  expect(stores.transfer.getState().recorded.status).toBe('loading');
  expect(stores.tasks.getState().tasks.status).toBe('loading');
  platform.files.set('manifest.json', manifest);
  await stores.pack.getState().loadPack();
  await until(() => stores.tasks.getState().tasks.status === 'ready');
  await until(() => stores.transfer.getState().recorded.status !== 'loading');
  await until(() => stores.fates.getState().recorded.status !== 'loading');
});

test('what lacked a connection is read again once it is back, by itself', async () => {
  const { platform, stores, notices } = visit();
  const { files } = platform;
  const toBytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const manifest = JSON.parse(new TextDecoder().decode(files.get('manifest.json')));
  const lists = (path: string) => manifest.files.push({ path, sizeBytes: 2, sha256: '0'.repeat(64) });
  manifest.outcomes = [null, 'magnitude-mild'].map((recipeId) => {
    const path = `recorded/outcomes/${recipeId}.json`;
    lists(path);
    return { recipeId, path, device: 'CPU', date: '2026-11-22' };
  });
  manifest.transfer = 'recorded/transfer.json';
  lists(manifest.transfer);
  const whole = new Map(files);
  files.clear();
  files.set('manifest.json', toBytes(manifest));
  await stores.pack.getState().loadPack();
  stores.fates.getState().load();
  void stores.fates.getState().loadDose();
  stores.comparisons.getState().load();
  void stores.transfer.getState().load();
  void stores.tasks.getState().load();
  const phases = () => {
    const { facts } = stores.pack.getState();
    const { fates, comparisons, transfer, tasks } = stores;
    const asked = [fates.getState().recorded, fates.getState().dose, comparisons.getState().recorded];
    return [facts, tasks.getState().tasks, transfer.getState().recorded, ...asked];
  };
  const codes = () => phases().map((phase) => ('error' in phase ? phase.error.code : phase.status));
  await until(() => codes().every((code) => code === 'download-failed'));
  for (const [path, bytes] of whole) if (path !== 'manifest.json') files.set(path, bytes);
  // These are read, and found wanting.
  for (const { path } of manifest.files.slice(-3)) files.set(path, toBytes({}));
  platform.comeOnline();
  await until(() => codes().every((code) => code === 'ready' || code === 'pack-invalid'));
  expect(codes().slice(0, 2)).toEqual(['ready', 'ready']);
  expect(notices()).toEqual([]);
});
