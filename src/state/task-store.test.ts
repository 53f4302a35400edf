import { expect, test } from 'vitest';
import type { RegimeKey } from '../core/recover/regime.ts';
import { type FakeFaults, fakeEngine } from '../testing/fake-engine.ts';
import { type FakePlatform, fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { settle, until } from '../testing/until.ts';
import type { Run } from './evaluate-state.ts';
import type { GivenFile } from './given-file.ts';
import { createStores } from './stores.ts';
import type { TaskExposure } from './task-state.ts';

/** Dense and compressed once, three repairs by both twins; control documents go to one twin alone. */
const ALL_ANSWERS = 66 * 2 + 3 * (60 * 2 + 6);

async function makePage(faults: Partial<FakeFaults> = {}, kept?: FakePlatform, isStarted = true) {
  const fake = fakeEngine(faults);
  const platform = fakePlatform(kept);
  const stores = createStores({ platform, createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  if (isStarted) {
    stores.engine.getState().runLive('wasm');
    await until(() => stores.recipe.getState().variant.status === 'ready');
  }
  await stores.tasks.getState().load();
  await settle();
  fake.log.length = 0;
  const state = () => stores.tasks.getState();
  const asked = () => fake.log.filter((line) => line.startsWith('scoreDocuments')).map((line) => line.split(' ')[1]);
  const figure = (key: RegimeKey, exposure: TaskExposure, group: string | null = null) =>
    state().live?.figures.find(
      (each) =>
        each.key === key && each.exposure === exposure && each.group === group && each.metric === state().live?.metric,
    )?.estimate;
  const untilRun = async (status: Run['status']) => {
    await until(() => state().run.status === status);
    await settle();
  };
  const notices = () => stores.notices.getState().notices.map(({ text }) => text);
  return { fake, platform, stores, state, asked, figure, untilRun, notices };
}

const toFile = (text: string, path = 'mine.jsonl'): GivenFile => {
  const bytes = new TextEncoder().encode(text);
  return { path, sizeBytes: bytes.length, read: async () => bytes };
};
const OWN =
  '{"question":"Who?","choices":["I","you"],"label":0}\n{"question":"Where?","choices":["here","there"],"label":1}';

/** Its second document, in line 3, is longer than the fake engine reads. */
const TOO_LONG = `{"question":"Who?","answer":"I"}\n\n{"question":"${'long '.repeat(120)}","answer":"you"}`;
const REFUSAL =
  /^One document cannot be asked: in line 3 of mine\.jsonl, question and answer have together 6\d\d tokens/;

test('a task with a document that the model cannot read is refused by line and field before it is taken in', async () => {
  const { state } = await makePage();
  state().readFiles([toFile(TOO_LONG)]);
  await until(() => state().draft.status === 'failed');
  expect(state().draft).toMatchObject({ error: { code: 'input-invalid', message: expect.stringMatching(REFUSAL) } });
  state().readFiles([toFile(OWN)]);
  await until(() => state().draft.status === 'ready');
});

test('without the model it is taken in, and its run is refused by line and field before anything is asked', async () => {
  const { state, stores, asked, untilRun } = await makePage({}, undefined, false);
  state().readFiles([toFile(TOO_LONG)]);
  await until(() => state().draft.status === 'ready');
  state().keepDraft();
  await settle();
  stores.engine.getState().runLive('wasm');
  await until(() => stores.recipe.getState().variant.status === 'ready');
  state().start();
  await untilRun('failed');
  expect(state().run).toMatchObject({ error: { message: expect.stringMatching(REFUSAL) } });
  expect(asked()).toEqual([]);
});

test('the tasks of the pack come by family, without the one of its facts', async () => {
  const { state, platform } = await makePage();
  const { tasks } = state();
  expect(tasks.status === 'ready' && tasks.entries.map(({ id }) => id)).toEqual(['toy-choice', 'toy-text']);
  expect(platform.asked.filter((path) => path === 'tasks/toy-choice.jsonl')).not.toEqual([]);
});

test('no task is read before somebody asks for them', async () => {
  const fake = fakeEngine();
  const platform = fakePlatform();
  const stores = createStores({ platform, createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  await settle();
  expect(platform.asked.filter((path) => path.includes('toy-choice'))).toEqual([]);
});

test('every shown regime is asked the same documents, twins apart, regimes taking turns', async () => {
  const { state, asked, figure, untilRun } = await makePage();
  expect(state().progress).toEqual({ done: 0, total: ALL_ANSWERS });
  state().start();
  await untilRun('done');
  expect(state().run).toEqual({ status: 'done', total: ALL_ANSWERS });
  expect(asked().slice(0, 8)).toEqual([
    'dense',
    'compressed',
    'prompt',
    'prompt',
    'idp',
    'idp',
    'lora-merged',
    'lora-merged',
  ]);
  expect(asked().slice(8, 10)).toEqual(['dense', 'compressed']);
  expect(figure('dense', 'all')).toMatchObject({ value: 1, items: 60, subjects: 20 });
  expect(figure('idp', 'held-out')?.items).toBe(60);
  expect(figure('idp', 'seen')?.items).toBe(60);
  expect(figure('idp', 'control')?.items).toBe(6);
  expect(figure('idp', 'all')).toBeUndefined();
  expect(figure('compressed', 'all', 'river')?.items).toBe(30);
});

test('seen and held-out come from the twin that did and did not see the fold', async () => {
  const { fake, state, figure, untilRun } = await makePage();
  // A repair that knows what it was trained on: documents 0 to 29 are of fold A.
  fake.isRight = (regimeId, id) => regimeId.endsWith(Number(id.split('/')[1]) < 30 ? '-a' : '-b');
  state().start();
  await untilRun('done');
  expect(figure('lora-merged', 'seen')?.value).toBe(1);
  expect(figure('lora-merged', 'held-out')?.value).toBe(0);
  const against = state().live?.comparisons?.find(
    ({ first, second }) => first.key === 'lora-merged' && second.exposure === 'seen',
  );
  expect(against?.difference.value).toBe(-1);
});

test('nothing is called decided before the documents that were set beforehand', async () => {
  const { fake, state, untilRun } = await makePage();
  fake.isRight = (regimeId) => !regimeId.startsWith('compressed');
  state().choose({ limit: 40 });
  state().start();
  await untilRun('done');
  expect(state().live?.presetItems).toBe(60);
  const early = state().live?.comparisons ?? [];
  expect(early.filter(({ adjustedP }) => (adjustedP ?? 1) < 0.05)).not.toEqual([]);
  expect(early.every(({ isDecided }) => !isDecided)).toBe(true);
  state().choose({ limit: 66 });
  state().start();
  await untilRun('done');
  expect(state().live?.comparisons?.some(({ isDecided }) => isDecided)).toBe(true);
});

test('a task that has no right and wrong is compared by its first perplexity', async () => {
  const { state, figure, untilRun } = await makePage();
  state().choose({ id: 'toy-text' });
  state().start();
  await untilRun('done');
  expect(figure('compressed', 'all')).toMatchObject({ stderr: null, items: 60 });
  const { metric, comparisons = [] } = state().live ?? {};
  expect(metric).toBe('word_perplexity');
  expect(comparisons.map(({ first, second }) => `${first.key} - ${second.key}`)).toContain('idp - compressed');
  expect(comparisons.every(({ items, isExploratory }) => items === 60 && !isExploratory)).toBe(true);
});

test('every task that was answered is at hand, the chosen one as it is drawn, the others whole', async () => {
  const { state, untilRun } = await makePage();
  expect(await state().readAnswered()).toEqual([]);
  const { tasks } = state();
  const [first] = tasks.status === 'ready' ? tasks.entries : [];
  state().choose({ limit: 40 });
  state().start();
  await untilRun('done');
  state().choose({ id: 'toy-text' });
  state().start();
  await untilRun('done');
  const found = await state().readAnswered();
  expect(found.map(({ entry }) => entry.id)).toEqual([first?.id, 'toy-text']);
  expect(found[1]).toBe(state().live);
  const dense = found[0]?.figures.find(({ key, group }) => key === 'dense' && group === null);
  // The other three are of control subjects.
  expect(dense?.estimate.items).toBe(37);
  // As many as were set before its run, though 40 were asked: nothing is decided by them.
  expect(found[0]?.presetItems).toBe(60);
});

test('Pause frees the engine, Resume and a reload go on where it was, and nothing is asked twice', async () => {
  const { fake, platform, state, asked, untilRun } = await makePage();
  const release = fake.hold('scoreDocuments');
  state().start();
  await until(() => fake.isHolding('scoreDocuments'));
  state().pause();
  release();
  await untilRun('paused');
  const first = asked().length;
  state().start();
  let runs = 0;
  fake.faults.fails = (name) => {
    if (name === 'scoreDocuments' && ++runs === 6) state().pause();
    return null;
  };
  await untilRun('paused');
  const { progress } = state();
  expect(progress?.done).toBeGreaterThan(0);
  expect(progress?.done).toBeLessThan(ALL_ANSWERS);

  const next = await makePage({}, platform);
  expect(next.state().run.status).toBe('idle');
  expect(next.state().progress).toEqual(progress);
  expect(next.state().live).not.toBeNull();
  next.state().start();
  await next.untilRun('done');
  expect(next.state().progress).toEqual({ done: ALL_ANSWERS, total: ALL_ANSWERS });
  expect(next.asked().length + asked().length - first).toBeLessThanOrEqual(16 + 2);
  next.fake.log.length = 0;
  next.state().start();
  await next.untilRun('done');
  expect(next.asked()).toEqual([]);
});

test('nothing is decided before the documents that a run set, not by asking for fewer later, nor after a reload', async () => {
  const { fake, platform, state, untilRun } = await makePage();
  fake.isRight = (regimeId) => !regimeId.startsWith('compressed');
  const many = Array.from({ length: 300 }, (_, i) => `{"id":"d${i}","question":"Who ${i}?","answer":"I"}`);
  state().readFiles([toFile(many.join('\n'))]);
  await until(() => state().draft.status === 'ready');
  state().keepDraft();
  state().choose({ limit: 250 });
  let runs = 0;
  fake.faults.fails = (name) => {
    if (name === 'scoreDocuments' && ++runs === 26) state().stop();
    return null;
  };
  state().start();
  await untilRun('stopped');
  state().choose({ limit: 200 });
  state().start();
  await untilRun('done');
  const found = () =>
    state().live?.comparisons?.map(({ items, isEarly, isDecided }) => ({ items, isEarly, isDecided }));
  expect(state().live?.presetItems).toBe(250);
  expect(found()?.[0]).toEqual({ items: 200, isEarly: true, isDecided: false });

  const next = await makePage({}, platform);
  expect(next.state().choice.limit).toBe(200);
  expect(next.state().live?.presetItems).toBe(250);
  next.state().choose({ limit: 250 });
  next.state().start();
  await next.untilRun('done');
  expect(next.state().live?.comparisons?.[0]).toMatchObject({ items: 250, isEarly: false });
});

test('the declared comparisons are by the task’s first metric; by another one they are exploratory', async () => {
  const { state, untilRun } = await makePage();
  state().start();
  await untilRun('done');
  expect(state().live?.comparisons?.every(({ isExploratory, adjustedP }) => !isExploratory && adjustedP !== null)).toBe(
    true,
  );
  const pairs = state().live?.comparisons?.map(({ first, second }) => [first, second]);
  state().choose({ metric: 'acc_norm' });
  await until(() => state().live?.metric === 'acc_norm');
  const other = state().live?.comparisons;
  expect(other?.map(({ first, second }) => [first, second])).toEqual(pairs);
  expect(
    other?.every(({ isExploratory, adjustedP, isDecided }) => isExploratory && adjustedP === null && !isDecided),
  ).toBe(true);
});

test('results that come when another recipe is in view are not shown', async () => {
  const { platform, stores, state, untilRun } = await makePage();
  state().start();
  await untilRun('done');
  const { compute } = platform.statistics;
  let finish = () => {};
  const slow = new Promise<void>((resolve) => {
    finish = resolve;
  });
  platform.statistics.compute = (name, ...input) => slow.then(() => compute(name, ...input));
  state().choose({ metric: 'acc_norm' });
  await settle();
  const labels: (string | undefined)[] = [];
  stores.recipe.getState().setPreset('magnitude-severe');
  stores.tasks.subscribe(({ live }) => labels.push(live?.recipeLabel));
  finish();
  await until(() => state().live !== null);
  expect(new Set(labels.filter((label) => label !== undefined)).size).toBe(1);
  expect(state().live?.rows.map(({ key }) => key)).toEqual(['dense']);
});

test('Stop ends a paused run too', async () => {
  const { fake, state } = await makePage();
  const release = fake.hold('scoreDocuments');
  state().start();
  await until(() => fake.isHolding('scoreDocuments'));
  state().pause();
  release();
  expect(state().run.status).toBe('paused');
  state().stop();
  expect(state().run.status).toBe('stopped');
});

test('a worker that dies in mid-run is replaced and the run goes on', async () => {
  const { fake, state, untilRun } = await makePage();
  let runs = 0;
  fake.faults.fails = (name) => (name === 'scoreDocuments' && ++runs === 4 ? { lost: 'device-lost' } : null);
  state().start();
  await untilRun('done');
  expect(state().progress).toEqual({ done: ALL_ANSWERS, total: ALL_ANSWERS });
});

test('a regime that cannot be asked such documents is left out and told, and the others go on', async () => {
  const { fake, state, figure, untilRun } = await makePage();
  fake.faults.fails = (name, input) => {
    const isIdp = name === 'scoreDocuments' && JSON.stringify(input).includes('"id":"idp');
    return isIdp ? { error: { code: 'input-invalid', message: 'Choose a regime without one.', details: {} } } : null;
  };
  state().start();
  await untilRun('done');
  expect(new Set(state().leftOut.map(({ key }) => key))).toEqual(new Set(['idp']));
  expect(figure('lora-merged', 'held-out')?.items).toBe(60);
  expect(figure('idp', 'held-out')).toBeUndefined();
});

test('a document that no regime can read ends the run and is named', async () => {
  const { fake, state, untilRun } = await makePage();
  const error = {
    code: 'input-invalid',
    message: 'The document "a" has 900 tokens.',
    details: { document: 'a' },
  } as const;
  fake.faults.fails = (name) => (name === 'scoreDocuments' ? { error } : null);
  state().start();
  await untilRun('failed');
  expect(state().run).toMatchObject({ error: { message: expect.stringContaining('"a"') } });
});

test('another recipe ends the run and shows its own answers alone', async () => {
  const { stores, state, untilRun } = await makePage();
  state().start();
  await untilRun('done');
  stores.recipe.getState().setPreset('magnitude-severe');
  await until(() => state().live?.rows.length === 1);
  expect(state().live?.rows.map(({ key }) => key)).toEqual(['dense']);
  expect(state().run.status).toBe('idle');
});

test('a task of one’s own is seen before it is taken in, lasts over a reload, and goes with its answers', async () => {
  const { platform, state, untilRun } = await makePage();
  state().readFiles([toFile(OWN)]);
  await until(() => state().draft.status === 'ready');
  expect(state().choice.id).toBeNull();
  state().keepDraft();
  await settle();
  const { id } = state().choice;
  expect(id).toMatch(/^own-[0-9a-f]{16}$/);
  state().start();
  await untilRun('done');
  expect(state().live?.rows.map(({ key }) => key)).toContain('idp');

  const next = await makePage({}, platform);
  expect(next.state().choice.id).toBe(id);
  expect(next.state().live?.entry.id).toBe(id);
  next.state().remove(id ?? '');
  await settle();
  expect(next.state().choice.id).toBeNull();
  const last = await makePage({}, platform);
  const { tasks } = last.state();
  expect(tasks.status === 'ready' && tasks.entries.some(({ isOwn }) => isOwn)).toBe(false);
  expect([...(await platform.results.readAll('recall-lab/')).keys()].filter((key) => key.includes(id ?? ''))).toEqual(
    [],
  );
});

test('the last files given win, and a faulty one leaves the task that was there', async () => {
  const { state } = await makePage();
  const bytes = new TextEncoder().encode(OWN);
  let finish = () => {};
  const slow = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const late: GivenFile = { path: 'late.jsonl', sizeBytes: bytes.length, read: () => slow.then(() => bytes) };
  state().readFiles([late]);
  state().readFiles([toFile('{"question":"Who?","choices":["I","you"],"label":7}')]);
  await until(() => state().draft.status === 'failed');
  finish();
  await settle();
  expect(state().draft).toMatchObject({
    status: 'failed',
    error: { code: 'task-invalid', message: expect.stringMatching(/line 1 of mine\.jsonl, label is 7/) },
  });
  expect(state().choice.id).toBeNull();
  const { tasks } = state();
  expect(tasks.status === 'ready' && tasks.entries).toHaveLength(2);
});

test('a task that a link names and this browser lacks is told, and the first one stands in', async () => {
  const platform = fakePlatform();
  const own = { id: 'own-0123456789abcdef', seed: 3, limit: 40, metric: null, groupBy: 'relation' };
  platform.fragment = `#v1=${btoa(JSON.stringify({ task: own }))}`;
  const { fragment } = platform;
  const kept = Object.assign(fakePlatform(), { fragment });
  const fake = fakeEngine();
  const stores = createStores({ platform: kept, createClient: fake.createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  await stores.tasks.getState().load();
  expect(stores.tasks.getState().choice).toMatchObject({ id: null, seed: 3, limit: 40 });
  expect(
    stores.notices
      .getState()
      .notices.map(({ text }) => text)
      .join(),
  ).toContain('own-0123456789abcdef');
});

test('tasks that cannot be read say why, and are read again when asked', async () => {
  const platform = fakePlatform();
  const documents = platform.files.get('tasks/toy-choice.jsonl') ?? new Uint8Array();
  platform.files.delete('tasks/toy-choice.jsonl');
  const stores = createStores({ platform, createClient: fakeEngine().createClient, baseUrl: PACK_URL });
  await stores.pack.getState().loadPack();
  await stores.tasks.getState().load();
  expect(stores.tasks.getState().tasks).toMatchObject({ status: 'failed', error: { code: 'download-failed' } });
  platform.files.set('tasks/toy-choice.jsonl', documents);
  await stores.tasks.getState().load();
  expect(stores.tasks.getState().tasks.status).toBe('ready');
});
