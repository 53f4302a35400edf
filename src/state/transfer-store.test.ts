import { expect, test } from 'vitest';
import { fakeEngine } from '../testing/fake-engine.ts';
import { fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { until } from '../testing/until.ts';
import { createStores } from './stores.ts';
import { type TransferPlace, toPlaceKey } from './transfer-state.ts';

const PLACE: TransferPlace = { type: 'lora-r8', from: 'magnitude-mild', to: 'rtn-severe' };
const ESTIMATE = { value: 0.9, low: 0.88, high: 0.92, n: 100 };
const MATRIX = {
  version: 1,
  device: 'CPU, PyTorch',
  date: '2026-11-21T00:00:00Z',
  dense: { ...ESTIMATE, value: 1, high: 1 },
  compressed: { 'rtn-severe': { value: 0.4, low: 0.3, high: 0.5, n: 100 } },
  types: ['lora-r8'],
  cells: [{ ...PLACE, accuracy: ESTIMATE }],
};

async function makePage(matrix: unknown = MATRIX, isStarted = true) {
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
  return { fake, state, cell };
}

test('the recorded matrix is read from the pack', async () => {
  const { state } = await makePage(MATRIX, false);
  expect(state().recorded).toMatchObject({
    status: 'ready',
    transfer: { cells: [{ from: 'magnitude-mild', to: 'rtn-severe', accuracy: ESTIMATE }] },
  });
});

test('a damaged matrix is refused with the field that is wrong', async () => {
  const { state } = await makePage({ ...MATRIX, cells: [{ ...PLACE, accuracy: { ...ESTIMATE, value: 2 } }] }, false);
  expect(state().recorded).toMatchObject({ status: 'failed', error: { code: 'pack-invalid' } });
  expect(state().recorded).toHaveProperty('error.message', expect.stringContaining('cells.0.accuracy.value'));
});

test('a cell measured here asks either twin about the fold that it never saw', async () => {
  const { fake, state, cell } = await makePage();
  state().measure(PLACE, 20);
  await until(() => cell()?.status === 'done');
  expect(cell()).toMatchObject({ accuracy: { n: 20 }, source: { kind: 'live' } });
  const scored = fake.log.filter((line) => line.startsWith('score'));
  expect(scored.filter((line) => line.includes('magnitude-mild/lora-r8-a'))).toHaveLength(1);
  expect(scored.filter((line) => line.includes('magnitude-mild/lora-r8-b'))).toHaveLength(1);
  fake.log.length = 0;
  state().measure(PLACE, 20);
  await until(() => cell()?.status === 'done');
  expect(fake.log.filter((line) => line.startsWith('score'))).toEqual([]);
});

test('Stop gives the cell back as it was', async () => {
  const { fake, state, cell } = await makePage();
  const release = fake.hold('score');
  state().measure(PLACE, 20);
  await until(() => fake.isHolding('score'));
  expect(cell()).toMatchObject({ status: 'running', total: 20 });
  state().stop();
  release();
  await until(() => cell() === undefined);
});

test('without a running model a measurement says so', async () => {
  const { state, cell } = await makePage(MATRIX, false);
  state().measure(PLACE, 20);
  await until(() => cell()?.status === 'failed');
  expect(cell()).toHaveProperty('error.message', expect.stringContaining('not running'));
});
