import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { type FakeFaults, fakeEngine } from '../testing/fake-engine.ts';
import { type FakePlatform, fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { settle, until } from '../testing/until.ts';
import type { SharedFile, SharePhase } from './share-state.ts';
import { createStores } from './stores.ts';

const ITEMS = 40;

/** A page whose engine has scored 40 items of each regime. */
async function visit({ kept, faults = {}, isScored = true }: Visit = {}) {
  const fake = fakeEngine(faults);
  const platform = fakePlatform(kept);
  const stores = createStores({ platform, createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  await settle();
  const runLive = async () => {
    stores.engine.getState().runLive('auto');
    await until(() => stores.recipe.getState().variant.status === 'ready');
  };
  const share = () => stores.share.getState();
  if (isScored) {
    await runLive();
    stores.evaluate.getState().runAccuracy(ITEMS);
    await until(() => stores.evaluate.getState().accuracyRun.status === 'done');
    await settle();
  }
  const phases: SharePhase[] = [];
  stores.share.subscribe(({ phase }, previous) => {
    if (phase !== previous.phase) phases.push(phase);
  });
  const asked = () => fake.log.filter((line) => line.startsWith('writeAnswers'));
  return { fake, platform, stores, share, runLive, phases, asked };
}

interface Visit {
  kept?: FakePlatform;
  faults?: Partial<FakeFaults>;
  isScored?: boolean;
}

interface Line {
  doc: { id: string };
  target: string;
  exact_match: number;
  resps: readonly (readonly string[])[];
}

/** The samples of facts in a zip, by model. */
async function readSamples(file: SharedFile | null): Promise<ReadonlyMap<string, readonly Line[]>> {
  const files = unzipSync(new Uint8Array((await file?.blob.arrayBuffer()) ?? new ArrayBuffer()));
  return new Map(
    Object.entries(files)
      .filter(([path]) => path.includes('/samples_'))
      .map(([path, bytes]) => [
        path.split('/')[0] ?? '',
        strFromU8(bytes)
          .trimEnd()
          .split('\n')
          .map((line): Line => JSON.parse(line)),
      ]),
  );
}

test('samples hold the target where it is right, and what the model writes where it is not', async () => {
  const { share, fake } = await visit();
  const samples = await readSamples(await share().writeHarness());
  expect(samples.size).toBe(8);
  let wrong = 0;
  for (const [model, lines] of samples) {
    expect(lines).toHaveLength(ITEMS);
    for (const { target, exact_match, resps } of lines) {
      expect(resps).toEqual([[exact_match === 1 ? target : ' something else']]);
      wrong += 1 - exact_match;
    }
    expect(lines.some(({ exact_match }) => exact_match === 0)).toBe(model !== 'toy_dense');
  }
  expect(wrong).toBeGreaterThan(0);
  // The dense model is right everywhere, so it has nothing to write.
  expect(fake.log).not.toContain('writeAnswers dense');
});

test('the page tells how many of the missing words are there, and a second file asks for none', async () => {
  const { share, phases, asked } = await visit();
  const first = await readSamples(await share().writeHarness());
  const told = phases.flatMap((phase) => (phase.status === 'asking' ? [phase] : []));
  const total = [...first.values()].flat().filter(({ exact_match }) => exact_match === 0).length;
  expect(new Set(told.map((phase) => phase.total))).toEqual(new Set([total]));
  expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).sort((a, b) => a - b));
  expect(told[0]?.done).toBe(0);
  expect(phases.at(-1)).toEqual({ status: 'idle' });
  const before = asked().length;
  expect(before).toBeGreaterThan(0);
  phases.length = 0;
  expect(await readSamples(await share().writeHarness())).toEqual(first);
  expect(asked()).toHaveLength(before);
  expect(phases).toEqual([{ status: 'writing' }, { status: 'idle' }]);
});

test('Stop ends the writing without a file, and what was written by then is not asked for again', async () => {
  const { share, phases, asked, fake } = await visit();
  const regimes = () => new Set(asked());
  const letGo = fake.hold('writeAnswers');
  const made = share().writeHarness();
  await until(() => fake.isHolding('writeAnswers'));
  letGo();
  await until(() => phases.some((phase) => phase.status === 'asking' && phase.done > 1));
  const letGoAgain = fake.hold('writeAnswers');
  await until(() => fake.isHolding('writeAnswers'));
  share().stopWriting();
  letGoAgain();
  expect(await made).toBeNull();
  expect(share().phase).toEqual({ status: 'idle' });
  const [first] = regimes();
  const before = asked().filter((line) => line === first).length;
  const samples = await readSamples(await share().writeHarness());
  expect(samples.size).toBe(8);
  expect(asked().filter((line) => line === first).length).toBe(before);
});

test('answers of an earlier visit need the model to run, and say so instead of writing something else', async () => {
  const { platform } = await visit();
  const later = await visit({ kept: platform, isScored: false });
  await until(() => later.share().digits !== null);
  expect(await later.share().writeHarness()).toBeNull();
  expect(later.share().phase).toMatchObject({
    status: 'failed',
    error: { message: expect.stringMatching(/not running/) },
  });
  await later.runLive();
  const samples = await readSamples(await later.share().writeHarness());
  expect([...samples.values()].flat().filter(({ exact_match }) => exact_match === 0).length).toBeGreaterThan(0);
});

test('a device that is replaced meanwhile goes on where it was, unless another kind comes in its place', async () => {
  const { share, fake, phases, asked } = await visit();
  const letGo = fake.hold('writeAnswers');
  const made = share().writeHarness();
  await until(() => fake.isHolding('writeAnswers'));
  fake.lose('device-lost');
  letGo();
  expect((await readSamples(await made)).size).toBe(8);
  for (const phase of phases) if (phase.status === 'asking') expect(phase.done).toBeLessThan(phase.total);
  expect(new Set(asked()).size).toBeLessThan(asked().length);

  const other = await visit();
  const hold = other.fake.hold('writeAnswers');
  const failing = other.share().writeHarness();
  await until(() => other.fake.isHolding('writeAnswers'));
  other.fake.faults.hasWebgpu = false;
  other.stores.engine.getState().runLive('wasm');
  hold();
  expect(await failing).toBeNull();
  expect(other.share().phase).toMatchObject({
    status: 'failed',
    error: { code: 'input-invalid', message: expect.stringMatching(/words of one device/) },
  });
});
