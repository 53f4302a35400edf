import { expect, test } from 'vitest';
import { fakeEngine } from '../testing/fake-engine.ts';
import { settle, until } from '../testing/until.ts';
import { setFact, visitInside as visit } from '../testing/visit-inside.ts';

const isLossOf = (lost: string) => (name: string) => (name === lost ? ({ lost: 'device-lost' } as const) : null);

test('distances are measured of every shown regime but dense, each by the twin that never saw the fact', async () => {
  const fake = fakeEngine();
  const asked: [regimes: readonly string[], folds: readonly string[]][] = [];
  const { stores, inside } = await visit({ fake });
  const { facts } = stores.pack.getState();
  const folds = new Map(facts.status === 'ready' ? facts.facts.map(({ id, fold }) => [id, fold]) : []);
  fake.faults.fails = (name, input) => {
    if (name === 'measureDistances') {
      const { regimes, items } = input as { regimes: { id: string }[]; items: { id: string }[] };
      asked.push([regimes.map(({ id }) => id), items.map(({ id }) => folds.get(id.replace(/\?.*/, '')) ?? '')]);
    }
    return null;
  };
  inside().choose({ items: 20 });
  stores.insideDistance.getState().start();
  await until(() => stores.insideDistance.getState().run.status === 'done');
  await until(() => stores.insideDistance.getState().results?.n === 20);
  const { results } = stores.insideDistance.getState();
  expect(results?.regimes.map(({ key }) => key)).toEqual(['compressed', 'prompt', 'idp', 'lora-merged']);
  expect(results?.source).toMatchObject({ kind: 'live', deviceKind: 'webgpu' });
  expect(Math.max(...asked.map(([, items]) => items.length))).toBe(8);
  for (const [regimes, of] of asked) {
    expect(new Set(of).size).toBe(1);
    const other = of[0] === 'A' ? 'b' : 'a';
    for (const id of regimes.filter((each) => !each.startsWith('compressed')))
      expect(id).toMatch(new RegExp(`-${other}$`));
  }
  expect(results?.regimes.map(({ n }) => n)).toEqual([20, 20, 20, 20]);
  const compressed = results?.regimes[0];
  expect(compressed?.toCompressed[2]?.residual?.relativeError).toEqual({ value: 0, low: 0, high: 0 });
  const { value, low, high } = compressed?.toDense[2]?.attention?.relativeError ?? { value: 0, low: 0, high: 0 };
  expect(low).toBeLessThan(value);
  expect(high).toBeGreaterThan(value);
  expect(compressed?.minusCompressed).toBeNull();
  const prompt = results?.regimes[1];
  expect(prompt?.minusCompressed).toMatchObject({ n: 20, isEarly: false });
  const difference = prompt?.minusCompressed?.layers[2]?.attention?.relativeError;
  expect(difference?.value).toBeCloseTo((prompt?.toDense[2]?.attention?.relativeError.value ?? 0) - value, 12);
});

test('more questions measure only what is missing, and Stop keeps what there is', async () => {
  const { stores, fake, inside, count } = await visit();
  const distance = () => stores.insideDistance.getState();
  inside().choose({ items: 16 });
  distance().start();
  await until(() => distance().run.status === 'done');
  const before = fake.log.filter((line) => line.startsWith('measureDistances')).length;
  expect(before).toBe(2);
  const release = fake.hold('measureDistances');
  inside().choose({ items: 32 });
  distance().start();
  await until(() => fake.isHolding('measureDistances'));
  distance().stop();
  release();
  await until(() => distance().run.status === 'stopped');
  await settle();
  expect(distance().results?.n).toBe(16);
  expect(distance().results?.regimes.map(({ minusCompressed }) => minusCompressed?.isEarly ?? null)).toEqual([
    null,
    true,
    true,
    true,
  ]);
  expect(distance().run).toMatchObject({ done: 16, total: 32 });
  expect(fake.log.filter((line) => line.startsWith('measureDistances')).length).toBe(3);
  expect(count('inspect')).toBe(0);
});

test('a change of recipe takes distances away, and a lost worker does not', async () => {
  const { stores, fake, inside } = await visit();
  const distance = () => stores.insideDistance.getState();
  inside().choose({ items: 16 });
  let isFirst = true;
  fake.faults.fails = (name) => {
    const fault = isFirst ? isLossOf('measureDistances')(name) : null;
    if (fault !== null) isFirst = false;
    return fault;
  };
  distance().start();
  await until(() => distance().run.status === 'done');
  await until(() => distance().results?.n === 16);
  stores.recipe.getState().setPreset('magnitude-severe');
  await settle();
  expect(distance()).toMatchObject({ run: { status: 'idle' }, results: null });
});

test('a regime that the device gets wrong is left out and told', async () => {
  const fake = fakeEngine({
    failsGate: ({ id }, kind) => kind === 'wasm' && id.startsWith('prompt'),
    hasWebgpu: false,
  });
  const { stores, inside } = await visit({ fake });
  const distance = () => stores.insideDistance.getState();
  inside().choose({ items: 16 });
  distance().start();
  await until(() => distance().run.status === 'failed');
  await until(() => distance().results !== null);
  expect(distance().run).toMatchObject({ error: { code: 'golden-mismatch' } });
  expect(distance().results?.regimes.map(({ key }) => key)).toEqual(['compressed', 'idp', 'lora-merged']);
});

test('without the model a run of distances fails with what to do', async () => {
  const { stores } = await visit({ isLive: false });
  stores.insideDistance.getState().start();
  await until(() => stores.insideDistance.getState().run.status === 'failed');
  expect(stores.insideDistance.getState().run).toMatchObject({ error: { message: expect.stringMatching(/Run live/) } });
});

test('both pools are asked on demand, and another question takes their answers away', async () => {
  const { stores, count } = await visit();
  const routing = () => stores.insideRouting.getState();
  await settle();
  expect(count('askPool')).toBe(0);
  routing().ask();
  await until(() => routing().asked.get('idp-apart')?.status === 'ready');
  expect(routing().asked.get('idp')).toMatchObject({ status: 'ready', of: { answers: { length: 4 } } });
  setFact(stores, 2);
  expect(routing().asked.size).toBe(0);
  await settle();
  expect(count('askPool')).toBe(2);
  setFact(stores, 1);
  expect([...routing().asked.keys()]).toEqual(['idp', 'idp-apart']);
});

test('asking the pools ends when it is stopped, and what one has answered stays', async () => {
  const { stores, fake, count } = await visit();
  const routing = () => stores.insideRouting.getState();
  const letFirst = fake.hold('askPool');
  routing().ask();
  await until(() => fake.isHolding('askPool'));
  letFirst();
  const release = fake.hold('askPool');
  await until(() => fake.isHolding('askPool'));
  routing().stopAsking();
  expect([...routing().asked.keys()]).toEqual(['idp']);
  release();
  await settle();
  expect([...routing().asked.keys()]).toEqual(['idp']);
  expect(count('askPool')).toBe(2);
});

test('pools wait for a run, and without the model say what to do', async () => {
  const { stores, fake, count } = await visit();
  const routing = () => stores.insideRouting.getState();
  const release = fake.hold('score');
  stores.evaluate.getState().runAccuracy(4);
  await until(() => fake.isHolding('score'));
  routing().ask();
  await until(() => routing().asked.get('idp')?.status === 'running');
  await settle();
  expect(count('askPool')).toBe(0);
  release();
  await until(() => routing().asked.get('idp')?.status === 'ready');
  expect(stores.evaluate.getState().accuracyRun.status).toBe('done');
  const place = (name: string) => fake.log.map((line) => line.startsWith(`${name} `));
  expect(place('askPool').indexOf(true)).toBeGreaterThan(place('score').lastIndexOf(true));

  const off = await visit({ isLive: false });
  setFact(off.stores, 1);
  off.stores.insideRouting.getState().ask();
  await until(() => off.stores.insideRouting.getState().asked.size > 0);
  expect(off.stores.insideRouting.getState().asked.get('idp')).toMatchObject({
    error: { message: expect.stringMatching(/Run live/) },
  });
});

test('a study asks every prompt and tells how the rules of choice fare', async () => {
  const fake = fakeEngine();
  fake.isRight = (_, id) => id.endsWith(' 1');
  const { stores, inside } = await visit({ fake });
  const routing = () => stores.insideRouting.getState();
  inside().choose({ items: 20 });
  routing().startStudy();
  await until(() => routing().run.status === 'done');
  await until(() => routing().study?.n === 20);
  const { study } = routing();
  expect(study).toMatchObject({ pool: 'idp', numPrompts: 4, source: { kind: 'live' }, presetItems: 20 });
  expect(study?.availableItems).toBeGreaterThanOrEqual(20);
  const accuracies = Object.fromEntries(study?.rules.map(({ id, accuracy }) => [id, accuracy.value]) ?? []);
  expect(accuracies).toMatchObject({ random: 0.25, 'best-single': 1, 'best-of-pool': 1 });
  expect(study?.byRelation.map(({ relation, n }) => [relation, n])).toEqual([
    ['capital', expect.any(Number)],
    ['river', expect.any(Number)],
  ]);
  expect(study?.byDomain.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count, 0)).toBe(20);
  inside().choose({ pool: 'idp-apart' });
  expect(routing()).toMatchObject({ study: null, run: { status: 'idle' } });
});

test('a study that is stopped keeps what it has, and the next one asks only the rest', async () => {
  const { stores, fake, inside, count } = await visit();
  const routing = () => stores.insideRouting.getState();
  inside().choose({ items: 16 });
  routing().startStudy();
  await until(() => routing().run.status === 'done');
  expect(count('askPool')).toBe(2);
  const release = fake.hold('askPool');
  inside().choose({ items: 32 });
  routing().startStudy();
  await until(() => fake.isHolding('askPool'));
  routing().stop();
  release();
  await until(() => routing().run.status === 'stopped');
  await settle();
  expect(routing().study).toMatchObject({ n: 16, presetItems: 32 });
  const areEarly = () => routing().study?.rules.flatMap(({ againstAttention }) => againstAttention?.isEarly ?? []);
  expect(areEarly()).toEqual([true, true, true]);
  // Fewer questions afterwards do not lower the number that was set.
  inside().choose({ items: 16 });
  routing().startStudy();
  await until(() => routing().run.status === 'done');
  await settle();
  expect(areEarly()).toEqual([true, true, true]);
  inside().choose({ items: 32 });
  routing().startStudy();
  await until(() => routing().run.status === 'done');
  expect(count('askPool')).toBe(5);
});

test('patching gives a map of the question, which a change of choice takes away', async () => {
  const { stores, inside, fake } = await visit();
  const patch = () => stores.insidePatch.getState().patch;
  const seen: string[] = [];
  stores.insidePatch.subscribe(() => seen.push(patch().status));
  stores.insidePatch.getState().start();
  await until(() => patch().status === 'ready');
  expect(seen).toContain('running');
  expect(patch()).toMatchObject({ of: { of: 'residual', numLayers: 3 } });
  inside().choose({ patched: 'heads' });
  expect(patch().status).toBe('none');
  stores.insidePatch.getState().start();
  await until(() => patch().status === 'ready');
  inside().choose({ patched: 'residual' });
  expect(patch()).toMatchObject({ status: 'ready', of: { of: 'residual' } });
  setFact(stores, 2);
  expect(patch().status).toBe('none');
  expect(fake.log.filter((line) => line.startsWith('patch')).length).toBe(2);
});

test('patching that is stopped, or whose question goes, shows nothing', async () => {
  const { stores, fake } = await visit();
  fake.faults.ignoresStop = true;
  const patch = () => stores.insidePatch.getState().patch;
  const release = fake.hold('patch');
  stores.insidePatch.getState().start();
  await until(() => fake.isHolding('patch'));
  expect(patch().status).toBe('running');
  stores.insidePatch.getState().stop();
  expect(patch().status).toBe('none');
  expect(stores.insidePatch.getState().wasStopped).toBe(true);
  release();
  await settle();
  expect(patch().status).toBe('none');

  const again = fake.hold('patch');
  stores.insidePatch.getState().start();
  await until(() => fake.isHolding('patch'));
  expect(stores.insidePatch.getState().wasStopped).toBe(false);
  setFact(stores, 2);
  expect(patch().status).toBe('none');
  expect(stores.insidePatch.getState().wasStopped).toBe(false);
  again();
  await settle();
  setFact(stores, 1);
  expect(patch().status).toBe('none');
});

test('a question without a known answer cannot be patched, and is told so', async () => {
  const { stores } = await visit();
  stores.board.getState().setQuestionText('Why?');
  stores.insidePatch.getState().start();
  await until(() => stores.insidePatch.getState().patch.status === 'failed');
  expect(stores.insidePatch.getState().patch).toMatchObject({
    error: { code: 'input-invalid', message: expect.stringMatching(/right answer is known/) },
  });
  setFact(stores, 1);
  expect(stores.insidePatch.getState().patch.status).toBe('none');
});

test('captures wait for patching, and go on after it', async () => {
  const { stores, fake, inside, statuses, count } = await visit();
  const release = fake.hold('patch');
  stores.insidePatch.getState().start();
  await until(() => fake.isHolding('patch'));
  inside().watch();
  await settle();
  expect(inside().waitsFor).toBe('run');
  expect(count('inspect')).toBe(0);
  release();
  await until(() => statuses().idp === 'ready');
});
