import { expect, test } from 'vitest';
import { METHODS } from '../core/compress/methods.ts';
import { holm } from '../core/eval/holm.ts';
import { fakeEngine } from '../testing/fake-engine.ts';
import { fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { makeTransferFile } from '../testing/make-transfer.ts';
import { until } from '../testing/until.ts';
import { createStores } from './stores.ts';
import { type TransferPlace, toPlaceKey } from './transfer-state.ts';

const PLACE: TransferPlace = { type: 'lora-r8', from: 'magnitude-mild', to: 'rtn-severe' };
async function makePage({ matrix = makeTransferFile() as unknown, isStarted = true } = {}) {
  const fake = fakeEngine();
  const platform = fakePlatform();
  const path = 'recorded/transfer.json';
  const bytes = new TextEncoder().encode(JSON.stringify(matrix));
  const manifest = JSON.parse(new TextDecoder().decode(platform.files.get('manifest.json')));
  manifest.transfer = path;
  manifest.files.push({ path, sizeBytes: bytes.length, sha256: '0'.repeat(64) });
  platform.files.set('manifest.json', new TextEncoder().encode(JSON.stringify(manifest)));
  platform.files.set(path, bytes);
  const stores = createStores({ platform, createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  const state = () => stores.transfer.getState();
  await state().load();
  if (isStarted) {
    stores.engine.getState().runLive('auto');
    await until(() => stores.recipe.getState().variant.status === 'ready');
    fake.log.length = 0;
  }
  const cell = () => state().live.get(toPlaceKey(PLACE));
  return { fake, stores, state, cell };
}

test('the recorded matrix is read from the pack, every repair tested against none and IDP against LoRA-merged in one family', async () => {
  const { state } = await makePage({ isStarted: false });
  const { recorded } = state();
  if (recorded.status !== 'ready') throw new Error('the matrix is not read');
  const { cells, contrasts } = recorded.transfer;
  const gainOf = (from: string, to: string) =>
    cells.find((cell) => cell.type === 'single' && cell.from === from && cell.to === to)?.gain;
  expect(gainOf('magnitude-mild', 'magnitude-mild')).toMatchObject({
    first: { key: 'prompt' },
    second: { key: 'compressed' },
    difference: { value: 0.3, low: 0.2, high: 0.4 },
    isExploratory: false,
    isDecided: true,
    subjects: 40,
  });
  expect(gainOf('rtn-severe', 'magnitude-mild')).toMatchObject({ p: 1, adjustedP: 1, isDecided: false });
  const family = [...cells.map(({ gain }) => gain), ...contrasts.map(({ comparison }) => comparison)];
  expect(family).toHaveLength(15);
  expect(family.map(({ adjustedP }) => adjustedP)).toEqual(holm(family.map(({ p }) => p)));
  expect(contrasts[0]).toMatchObject({ comparison: { first: { key: 'idp' }, second: { key: 'lora-merged' } } });
});

test('a damaged matrix is refused with the field that is wrong', async () => {
  const { state } = await makePage({ matrix: { ...makeTransferFile(), dense: [2, 2, 2] }, isStarted: false });
  expect(state().recorded).toMatchObject({ status: 'failed', error: { code: 'pack-invalid' } });
  expect(state().recorded).toHaveProperty('error.message', expect.stringContaining('dense.0'));
});

test('a cell measured here asks either twin about the fold that it never saw, and the variant without a repair the same', async () => {
  const { fake, state, cell } = await makePage();
  state().measure(PLACE, 20);
  await until(() => cell()?.status === 'done');
  expect(cell()).toMatchObject({ accuracy: { n: 20 }, plain: { n: 20 }, source: { kind: 'live' } });
  const scored = fake.log.filter((line) => line.startsWith('score'));
  expect(scored.filter((line) => line.includes('magnitude-mild/lora-r8-a'))).toHaveLength(1);
  expect(scored.filter((line) => line.includes('magnitude-mild/lora-r8-b'))).toHaveLength(1);
  expect(scored.filter((line) => line.startsWith('score compressed'))).toHaveLength(2);
  fake.log.length = 0;
  state().measure(PLACE, 20);
  await until(() => cell()?.status === 'done');
  expect(fake.log.filter((line) => line.startsWith('score'))).toEqual([]);
});

test('what a person picked to measure is exploratory: it has a difference and p, and decides nothing', async () => {
  const { fake, state, cell } = await makePage();
  fake.isRight = (regimeId) => regimeId.startsWith('lora-merged');
  state().measure(PLACE, 20);
  await until(() => cell()?.status === 'done');
  const found = cell();
  if (found?.status !== 'done') throw new Error('the cell is not measured');
  expect([found.accuracy.value, found.plain.value, found.gain.difference.value]).toEqual([1, 0, 1]);
  expect(found.gain).toMatchObject({ isExploratory: true, adjustedP: null, isDecided: false, items: 20 });
  expect(found.gain.p).toBeCloseTo(2 * 0.5 ** (found.gain.subjects ?? 0), 12);
});

test('what the variant without a repair answered beside one kind of repair is not asked again beside another', async () => {
  const { fake, state, cell } = await makePage();
  const other = { ...PLACE, type: 'single' } as const;
  state().measure(other, 20);
  await until(() => state().live.get(toPlaceKey(other))?.status === 'done');
  fake.log.length = 0;
  state().measure(PLACE, 20);
  await until(() => cell()?.status === 'done');
  expect(fake.log.filter((line) => line.startsWith('score compressed'))).toEqual([]);
});

test('a cell of shipped recipes is measured whatever recipe stands on the page, be it one that cannot be built', async () => {
  const { stores, state, cell } = await makePage();
  const steps = [{ ...METHODS.rtn.defaultOptions, groupSize: 7 as never }];
  stores.recipe.getState().setRecipe({ version: 1, steps });
  expect(stores.recipe.getState().problem).not.toBeNull();
  state().measure(PLACE, 20);
  await until(() => cell()?.status === 'done');
});

test('Stop gives the cell back as it was', async () => {
  const { fake, state, cell } = await makePage();
  const release = fake.hold('score');
  state().measure(PLACE, 20);
  await until(() => fake.isHolding('score'));
  expect(cell()).toMatchObject({ status: 'running', total: 40 });
  state().stop();
  release();
  await until(() => cell() === undefined);
});

test('without a running model a measurement says so', async () => {
  const { state, cell } = await makePage({ isStarted: false });
  state().measure(PLACE, 20);
  await until(() => cell()?.status === 'failed');
  expect(cell()).toHaveProperty('error.message', expect.stringContaining('not running'));
});
