import { expect, test } from 'vitest';
import { settle, until } from '../testing/until.ts';
import { type Visit, visitPage } from '../testing/visit-page.ts';
import type { GivenFile } from './given-file.ts';
import type { TaskChoice } from './task-state.ts';

const toFile = (text: string, path = 'theirs.json'): GivenFile => {
  const bytes = new TextEncoder().encode(text);
  return { path, sizeBytes: bytes.length, read: async () => bytes };
};
const MINE = toFile('{"question":"Who?","choices":["I","you"],"label":0}', 'mine.jsonl');
const CHOICE = { id: 'toy-choice', seed: 3, limit: 40 } as const;

interface Options extends Visit {
  isRight?: (regimeId: string, itemId: string) => boolean;
}

async function visit({ isRight, ...options }: Options = {}) {
  const { fake, platform, stores } = await visitPage(options);
  if (isRight !== undefined) fake.isRight = isRight;
  const tasks = () => stores.tasks.getState();
  const share = () => stores.share.getState();
  const side = () => stores.taskBeside.getState();
  const open = async (choice: Partial<TaskChoice>) => {
    await tasks().load();
    side().load();
    tasks().choose(choice);
    await settle();
  };
  const run = async (choice: Partial<TaskChoice>) => {
    await open(choice);
    tasks().start();
    await until(() => tasks().run.status === 'done');
    await settle();
  };
  const addOwn = async () => {
    await tasks().load();
    tasks().readFiles([MINE]);
    await until(() => tasks().draft.status === 'ready');
    tasks().keepDraft();
    await settle();
  };
  /** What is drawn of an imported run, once it is compared. */
  const drawn = async () => {
    await until(() => {
      const { beside } = side();
      return beside.status === 'ready' && beside.of.against !== null;
    });
    const { beside } = side();
    if (beside.status !== 'ready') throw new Error('nothing is drawn');
    return beside.of;
  };
  return { fake, platform, stores, tasks, share, side, open, run, addOwn, drawn };
}

/** The text of a run that answered a task, and the page that made it. */
async function makeRun(choice: Partial<TaskChoice> = CHOICE, isRight?: Options['isRight']) {
  const page = await visit({ isRunning: true, ...(isRight && { isRight }) });
  await page.run(choice);
  const text = (await (await page.share().writeRun())?.blob.text()) ?? '';
  return { page, text };
}

test('an imported run has the figures and comparisons that it had where it was measured, without anything measured here', async () => {
  const { page, text } = await makeRun();
  const other = await visit();
  await other.share().importFiles([toFile(text)]);
  expect(other.side().beside).toEqual({ status: 'none' });
  await other.open({ id: 'toy-choice' });
  const { results, against, run } = await other.drawn();
  const { live } = page.tasks();
  expect(results.figures).toEqual(live?.figures);
  expect(results.comparisons).toEqual(live?.comparisons);
  expect(results).toMatchObject({ presetItems: live?.presetItems, isPresetKept: true, damage: live?.damage });
  expect(results.source).toMatchObject({ kind: 'imported', fileName: 'theirs.json', device: live?.source.device });
  expect(run.recipeLabel).toBe(live?.recipeLabel);
  expect(against).toEqual([]);
  expect(other.tasks().live).toBeNull();
});

test('each of its regimes is held against the same one here, on the documents that both answered, as exploratory', async () => {
  const { text } = await makeRun(
    CHOICE,
    (regimeId, id) => regimeId === 'dense' || (regimeId.startsWith('idp') && id.length > 8),
  );
  const other = await visit({ isRunning: true, isRight: (regimeId) => regimeId === 'dense' });
  await other.share().importFiles([toFile(text)]);
  await other.run({ ...CHOICE, limit: 20 });
  await until(() => {
    const { beside } = other.side();
    return beside.status === 'ready' && (beside.of.against?.length ?? 0) > 0;
  });
  const { against } = await other.drawn();
  const pairs = against?.map(({ first, second }) => [first, second]);
  expect(pairs).toContainEqual([
    { key: 'idp', exposure: 'seen' },
    { key: 'idp', exposure: 'seen', run: 'live' },
  ]);
  const compared = against?.find(({ first }) => first.key === 'dense');
  expect(compared).toMatchObject({ isExploratory: true, adjustedP: null, difference: { value: 0 }, p: 1 });
  // Of the 20 documents here some are of control subjects.
  expect(compared?.items).toBeLessThanOrEqual(20);
  const idp = against?.find(({ first }) => first.key === 'idp' && first.exposure === 'held-out');
  expect(idp?.difference.value).toBeGreaterThan(0);
  expect(against?.some(({ first }) => first.key === 'text')).toBe(false);
});

test('perplexities of two runs are compared by the test for them', async () => {
  const choice = { id: 'toy-text', seed: 1, limit: 40 };
  const { text } = await makeRun(choice, () => true);
  const other = await visit({ isRunning: true, isRight: () => false });
  await other.share().importFiles([toFile(text)]);
  await other.run(choice);
  await until(() => {
    const { beside } = other.side();
    return beside.status === 'ready' && (beside.of.against?.length ?? 0) > 0;
  });
  const { against, results } = await other.drawn();
  expect(results.metric).toBe('word_perplexity');
  // The texts of the imported run were likelier.
  for (const { difference, p } of against ?? []) {
    expect(difference.high).toBeLessThan(0);
    expect(p).toBeLessThan(0.05);
  }
});

test('a run of another recipe stands there, and is not compared with what was measured here', async () => {
  const { text } = await makeRun();
  const other = await visit({ isRunning: true });
  await other.share().importFiles([toFile(text)]);
  const step = { method: 'magnitude', sparsity: 0.5, granularity: 'per-output' } as const;
  other.stores.recipe.getState().setRecipe({ version: 1, steps: [step] });
  await settle();
  await other.run(CHOICE);
  const { against, run } = await other.drawn();
  expect(run.recipeLabel).toBe('Magnitude 60 %');
  expect(against).toEqual([]);
});

test('a task of one’s own is named where it is missing, and drawn once it is added, also after a reload', async () => {
  const maker = await visit({ isRunning: true });
  await maker.addOwn();
  await maker.run({});
  const text = (await (await maker.share().writeRun())?.blob.text()) ?? '';
  const other = await visit();
  await other.share().importFiles([toFile(text)]);
  await other.open({});
  expect(other.side()).toMatchObject({ runs: [], beside: { status: 'none' } });
  expect(other.side().missing).toEqual([{ fileName: 'theirs.json', name: 'mine' }]);
  await other.addOwn();
  expect((await other.drawn()).results.entry.task.config.task).toBe('mine');
  expect(other.side().missing).toEqual([]);
  const again = await visit({ kept: other.platform });
  await again.open({ id: other.tasks().choice.id });
  expect((await again.drawn()).results.entry.task.config.task).toBe('mine');
  again.tasks().remove(again.tasks().choice.id ?? '');
  await until(() => again.side().missing.length === 1);
});

test('of several runs that answered a task one is drawn, the one that is picked', async () => {
  const [first, second] = [await makeRun(), await makeRun({ ...CHOICE, limit: 20 })];
  const other = await visit();
  const firstId = await other.share().importFiles([toFile(first.text, 'first.json')]);
  await other.share().importFiles([toFile(second.text, 'second.json')]);
  await other.open({ id: 'toy-choice' });
  expect(other.side().runs.map(({ source }) => source.fileName)).toEqual(['first.json', 'second.json']);
  expect((await other.drawn()).run.source.fileName).toBe('second.json');
  other.side().pick(firstId);
  await until(() => {
    const { beside } = other.side();
    return beside.status === 'ready' && beside.of.run.id === firstId;
  });
  other.share().remove(firstId ?? '');
  await until(() => other.side().runs.length === 1);
  expect(other.side().beside).toEqual({ status: 'loading' });
  expect((await other.drawn()).run.source.fileName).toBe('second.json');
  other.tasks().choose({ id: 'toy-text' });
  await until(() => other.side().beside.status === 'none');
});

test('files carry what every imported run answered to every task that is here', async () => {
  const { page, text } = await makeRun();
  await page.run({ id: 'toy-text', limit: 40 });
  const both = (await (await page.share().writeRun())?.blob.text()) ?? '';
  const other = await visit();
  await other.share().importFiles([toFile(text), toFile(both, 'both.json')]);
  const all = await other.side().readAll();
  expect(all.map(({ source, entry }) => [source.fileName, entry.id])).toEqual([
    ['theirs.json', 'toy-choice'],
    ['both.json', 'toy-choice'],
    ['both.json', 'toy-text'],
  ]);
});

test('a reading that was stopped is told, and made again when somebody asks for it', async () => {
  const { text } = await makeRun();
  const first = await visit();
  const id = await first.share().importFiles([toFile(text)]);
  const { open, side, share, drawn } = await visit({ kept: first.platform });
  await until(() => share().imported.length === 1);
  const opened = open({ id: 'toy-choice' });
  await until(() => side().beside.status === 'loading');
  share().stopReading();
  await opened;
  expect(side().beside).toMatchObject({
    status: 'failed',
    error: { message: '"theirs.json" was not read: that was stopped.' },
  });
  side().pick(id);
  expect((await drawn()).run.id).toBe(id);
});
