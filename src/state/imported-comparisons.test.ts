import { expect, test } from 'vitest';
import type { Comparison, OtherRun, Side } from '../core/eval/comparisons.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import { createPlainStatistics } from '../engine/statistics-client.ts';
import { fakeEngine } from '../testing/fake-engine.ts';
import { fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { makeSavedRun } from '../testing/make-saved-run.ts';
import { settle, until } from '../testing/until.ts';
import type { ComparisonsPhase } from './comparisons-state.ts';
import { toRunFile } from './run-file.ts';
import { createStores } from './stores.ts';

const toFile = (text: string, path = 'run.json') => {
  const bytes = new TextEncoder().encode(text);
  return { path, sizeBytes: bytes.length, read: async () => bytes };
};
const side = (key: RegimeKey, run?: OtherRun): Side => ({
  key,
  exposure: 'held-out',
  ...(run === undefined ? {} : { run }),
});

/** A page whose figure of comparisons is open. */
async function visit() {
  const fake = fakeEngine();
  // Compression loses every other form of a fact, the prompt brings them back.
  fake.isRight = (regimeId, itemId) => !/^(compressed|idp|lora)/.test(regimeId) || itemId.endsWith('?0');
  const platform = fakePlatform();
  const stores = createStores({ platform, createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  await settle();
  stores.comparisons.getState().load();
  const bring = async (text: string, path?: string) => {
    const id = (await stores.share.getState().importFiles([toFile(text, path)])) ?? '';
    expect(stores.share.getState().problems).toEqual([]);
    stores.view.getState().showImported(id);
    return id;
  };
  const score = async (items: number) => {
    stores.engine.getState().runLive('wasm');
    await until(() => stores.recipe.getState().variant.status === 'ready');
    stores.evaluate.getState().runAccuracy(items);
    await until(() => stores.evaluate.getState().accuracyRun.status === 'done');
  };
  const setOf = (phase: ComparisonsPhase) => (phase.status === 'ready' ? phase.of : null);
  const imported = () => setOf(stores.comparisons.getState().imported);
  const live = () => setOf(stores.comparisons.getState().live);
  return { platform, stores, bring, score, imported, live };
}

const named = (comparisons: readonly Comparison[] | undefined) =>
  comparisons?.map(({ first, second }) => `${first.key} ${first.exposure} - ${second.key} ${second.exposure}`);

test('an imported run has the declared comparisons of its regimes, under its own source, with Holm over them', async () => {
  const { bring, imported } = await visit();
  await bring(toRunFile(makeSavedRun()));
  await until(() => imported() !== null);
  const set = imported();
  expect(named(set?.declared)).toEqual(['idp held-out - compressed held-out', 'idp held-out - idp seen']);
  expect(set).toMatchObject({
    source: { kind: 'imported', fileName: 'run.json', device: 'A laptop' },
    presetItems: 18,
    isPresetKept: true,
    availableItems: 36 * 3,
    exploratory: null,
  });
  // Capitals 1 to 9 and 11 to 19: of fold A the twin B is held out, right but for every third; of fold B the twin A.
  const [against] = set?.declared ?? [];
  expect(against).toMatchObject({ items: 18, isEarly: false, difference: { value: expect.closeTo(4 / 18) } });
  expect(against?.adjustedP).toBeGreaterThanOrEqual(against?.p ?? 1);
});

test('a run as it was measured brings the same comparisons back, and what its number of items decided', async () => {
  const page = await visit();
  await page.score(60);
  await until(() => page.live()?.declared.some(({ items }) => items === 60) === true);
  const file = await page.stores.share.getState().writeRun();
  const other = await visit();
  await other.bring((await file?.blob.text()) ?? '');
  await until(() => other.imported() !== null);
  expect(other.imported()?.declared).toEqual(page.live()?.declared);
  expect(other.imported()).toMatchObject({ presetItems: 60, isPresetKept: true });
  expect(other.imported()?.declared[0]).toMatchObject({ isDecided: true });
});

test('a file that does not say what was set beforehand decides nothing below the number that the page takes', async () => {
  const page = await visit();
  await page.score(60);
  await until(() => page.stores.share.getState().digits !== null);
  const file = await page.stores.share.getState().writeRun();
  const text = ((await file?.blob.text()) ?? '').replace('"presetItems":60,', '');
  const other = await visit();
  await other.bring(text);
  await until(() => other.imported() !== null);
  expect(other.imported()).toMatchObject({ presetItems: 200, isPresetKept: false });
  expect(other.imported()?.declared[0]?.adjustedP).toBeLessThan(0.05);
  expect(other.imported()?.declared.every(({ isEarly, isDecided }) => isEarly && !isDecided)).toBe(true);
});

test('what a person picks of an imported run is exploratory and leaves the declared ones as they are', async () => {
  const { bring, imported, stores } = await visit();
  await bring(toRunFile(makeSavedRun()));
  await until(() => imported() !== null);
  const before = imported()?.declared;
  stores.comparisons.getState().pick([side('dense'), side('idp')]);
  await until(() => imported()?.exploratory !== null);
  expect(imported()?.exploratory).toMatchObject({ isExploratory: true, adjustedP: null, isDecided: false, items: 18 });
  expect(imported()?.declared).toBe(before);
  expect(imported()?.otherSides).toEqual([]);
});

test('a regime of an imported run is held against itself as it was measured here, on the items in common', async () => {
  const page = await visit();
  await page.bring(toRunFile(makeSavedRun()));
  await page.score(60);
  await until(() => page.imported()?.otherSides.some(({ key }) => key === 'idp') === true);
  expect(page.imported()?.otherSides).toContainEqual(side('dense', 'live'));
  // Prompt was asked here alone, so there is no same regime.
  expect(page.imported()?.otherSides.map(({ key }) => key)).not.toContain('prompt');
  page.stores.comparisons.getState().pick([side('dense'), side('dense', 'live')]);
  await until(() => page.imported()?.exploratory !== null);
  const found = page.imported()?.exploratory;
  expect(found).toMatchObject({ isExploratory: true, adjustedP: null, difference: { value: 0 }, p: 1 });
  expect(found?.second.run).toBe('live');
  expect(found?.items).toBeGreaterThan(0);
  expect(found?.items).toBeLessThanOrEqual(18);
  expect(named(page.imported()?.declared)).toEqual(['idp held-out - compressed held-out', 'idp held-out - idp seen']);
});

test('a run of another recipe than the one on the page is held against nothing measured here', async () => {
  const page = await visit();
  await page.score(40);
  await until(() => page.live() !== null);
  const step = { method: 'magnitude', sparsity: 0.5, granularity: 'global' } as const;
  const units = makeSavedRun().units.map((unit) => ({ ...unit, size: null }));
  await page.bring(toRunFile(makeSavedRun({ recipe: { version: 1, steps: [step] }, units })));
  await until(() => page.imported() !== null);
  expect(page.imported()?.otherSides).toEqual([]);
});

test('a run that is removed or changed for another while it is compared leaves nothing behind', async () => {
  const page = await visit();
  const { statistics } = page.platform;
  const plain = createPlainStatistics();
  const waiting: (() => void)[] = [];
  statistics.compute = async (name, ...input) => {
    if (name === 'comparePacked') await new Promise<void>((resolve) => waiting.push(resolve));
    return plain.compute(name, ...input);
  };
  const goOn = async () => {
    for (const resolve of waiting.splice(0)) resolve();
    await settle();
  };
  const { device } = makeSavedRun();
  const first = await page.bring(toRunFile(makeSavedRun()));
  await until(() => waiting.length === 1);
  await page.bring(toRunFile(makeSavedRun({ device: { ...device, device: 'Another laptop' } })), 'other.json');
  await goOn();
  expect(page.imported()).toBeNull();
  await goOn();
  expect(page.imported()?.source).toMatchObject({ fileName: 'other.json', device: 'Another laptop' });

  page.stores.view.getState().showImported(first);
  expect(page.stores.comparisons.getState().imported).toEqual({ status: 'loading' });
  await until(() => waiting.length === 1);
  for (const { id } of page.stores.share.getState().imported) page.stores.share.getState().remove(id);
  await goOn();
  expect(page.stores.comparisons.getState().imported).toEqual({ status: 'none' });
});

test('files get the comparisons of every imported run, whichever is in view, and none of one removed meanwhile', async () => {
  const page = await visit();
  const { device } = makeSavedRun();
  const first = await page.bring(toRunFile(makeSavedRun()));
  await page.bring(toRunFile(makeSavedRun({ device: { ...device, device: 'Another laptop' } })), 'other.json');
  await until(() => page.imported() !== null);
  const sets = await page.stores.comparisons.getState().compareImported();
  expect(sets.map(({ source, declared }) => [source.fileName, declared.length])).toEqual([
    ['run.json', 2],
    ['other.json', 2],
  ]);
  const again = page.stores.comparisons.getState().compareImported();
  page.stores.share.getState().remove(first);
  expect((await again).map(({ source }) => source.fileName)).toEqual(['other.json']);
});

test('a file of times alone, or of regimes without a recovery, has nothing to compare', async () => {
  const page = await visit();
  const units = makeSavedRun().units.filter(({ key }) => key === 'dense' || key === 'compressed');
  await page.bring(toRunFile(makeSavedRun({ units })));
  await until(() => page.imported() !== null);
  expect(page.imported()?.declared).toEqual([]);
  const timed = makeSavedRun().units.map((unit) => ({ ...unit, outcomes: new Map() }));
  await page.bring(toRunFile(makeSavedRun({ units: timed })), 'times.json');
  expect(page.stores.comparisons.getState().imported).toEqual({ status: 'none' });
});
