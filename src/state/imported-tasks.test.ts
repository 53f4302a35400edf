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

async function visit(options: Visit = {}) {
  const { fake, platform, stores } = await visitPage(options);
  const tasks = () => stores.tasks.getState();
  const share = () => stores.share.getState();
  const run = async (choice: Partial<TaskChoice>) => {
    await tasks().load();
    tasks().choose(choice);
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
  /** The run at hand as a file. */
  const write = async () => JSON.parse((await (await share().writeRun())?.blob.text()) ?? 'null');
  return { fake, platform, stores, tasks, share, run, addOwn, write };
}

/** What a run that asked 40 documents of the toy choices, and no question about facts, leaves the page as. */
async function makeFile() {
  const page = await visit({ isRunning: true });
  await page.run({ id: 'toy-choice', seed: 3, limit: 40 });
  return { page, file: await page.write() };
}

test('a run that answered a task alone leaves the page, comes back in another browser and survives a reload', async () => {
  const { page, file } = await makeFile();
  expect(file).toMatchObject({ items: [], regimes: [], tasks: [{ name: 'toy-choice' }] });
  expect(file.tasks[0].documents).toHaveLength(40);
  expect(file.tasks[0].presetItems).toBe(60);
  const other = await visit();
  const id = await other.share().importFiles([toFile(JSON.stringify(file))]);
  expect(other.share().problems).toEqual([]);
  const [run] = other.share().imported;
  expect(run).toMatchObject({ id, tasks: [{ name: 'toy-choice' }], results: { rows: [], damage: null } });
  expect(run?.taskAnswers?.tasks[0]?.units.map(({ key, fold }) => `${key} ${fold}`)).toEqual(
    file.tasks[0].regimes.map((each: { key: string; trainedOn: string }) => `${each.key} ${each.trainedOn}`),
  );
  const again = await visit({ kept: other.platform });
  await until(() => again.share().imported.length === 1);
  expect(again.share().imported).toEqual([{ ...run, results: null, answers: null, taskAnswers: null }]);
  expect(await again.share().readImported()).toBe(true);
  expect(again.share().imported).toEqual(other.share().imported);
  // What was imported is never among what was measured here.
  await again.tasks().load();
  again.tasks().choose({ id: 'toy-choice', seed: 3, limit: 40 });
  await settle();
  expect(again.tasks().live).toBeNull();
  expect(page.tasks().live).not.toBeNull();
});

test.each<[string, (task: Task) => void, RegExp]>([
  [
    'a document that the task does not have',
    (task) => task.documents.fill('__proto__', 0, 1),
    /"tasks\.0\.documents" is "__proto__", a document that the task toy-choice does not have/,
  ],
  [
    'other choices than the task has',
    (task) => {
      task.choices[0] = 3;
      for (const regime of task.regimes) {
        if (regime.asked[0] !== '1') continue;
        regime.logLikelihoods.unshift(-1);
        regime.greedy = `0${regime.greedy}`;
      }
    },
    /"tasks\.0\.choices\.0" is 3, where "capital\/\d+" has 2/,
  ],
  [
    'a control subject asked of the second twin too, which would count twice',
    (task) => {
      const control = task.documents.findIndex((id) => Number(id.split('/')[1]) >= 60);
      for (const regime of task.regimes) {
        if (regime.trainedOn !== 'B' || regime.asked[control] === '1') continue;
        const before = 2 * [...regime.asked.slice(0, control)].filter((mark) => mark === '1').length;
        regime.asked = `${regime.asked.slice(0, control)}1${regime.asked.slice(control + 1)}`;
        regime.logLikelihoods.splice(before, 0, -1, -2);
        regime.greedy = `00${regime.greedy}`;
      }
    },
    /"tasks\.0\.regimes\.\d\.asked" is set at "(capital|river)\/6\d", which "\w+" trained on B is not asked/,
  ],
])('answers with %s are refused by file, field and value, and cost only their run', async (_, change, problem) => {
  const { file } = await makeFile();
  const good = toFile(JSON.stringify(file), 'good.json');
  change(file.tasks[0]);
  const { share } = await visit();
  await share().importFiles([toFile(JSON.stringify(file)), good]);
  expect(share().problems.map(({ message }) => message)).toEqual([expect.stringMatching(problem)]);
  expect(share().problems[0]?.message).toMatch(/^"theirs\.json" cannot be read as a run/);
  expect(share().imported.map(({ fileName }) => fileName)).toEqual(['good.json']);
});

interface Task {
  documents: string[];
  choices: number[];
  regimes: { trainedOn: string | null; asked: string; logLikelihoods: number[]; greedy: string }[];
}

test('answers to a task of one’s own travel with the run, also where that task is not', async () => {
  const maker = await visit({ isRunning: true });
  await maker.addOwn();
  await maker.run({});
  const file = await maker.write();
  expect(file.tasks.map(({ name }: { name: string }) => name)).toEqual(['mine']);
  const { share } = await visit();
  await share().importFiles([toFile(JSON.stringify(file))]);
  expect(share().problems).toEqual([]);
  expect(share().imported[0]?.tasks).toEqual([{ name: 'mine', fingerprint: file.tasks[0].fingerprint }]);
});

test('a file is not written without its answers to tasks where the tasks cannot be read', async () => {
  const first = await visit({ isRunning: true });
  await first.run({ id: 'toy-choice', limit: 40 });
  const again = await visit({ kept: first.platform });
  again.platform.files.delete('tasks/toy-choice.jsonl');
  expect(await again.share().writeRun()).toBeNull();
  expect(again.share().phase).toMatchObject({ status: 'failed', error: { code: 'download-failed' } });
});

test('an import that is stopped while its tasks are read takes nothing in', async () => {
  const { file } = await makeFile();
  const { share } = await visit();
  const stopped = share().importFiles([toFile(JSON.stringify(file))]);
  await Promise.resolve();
  share().stopReading();
  expect(await stopped).toBeNull();
  await settle();
  expect(share()).toMatchObject({ imported: [], problems: [], phase: { status: 'idle' } });
});
