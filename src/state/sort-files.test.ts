import { expect, test } from 'vitest';
import type { GivenFile } from './given-file.ts';
import { sortFiles } from './sort-files.ts';

function makeFile(path: string, text: string): GivenFile {
  const bytes = new TextEncoder().encode(text);
  return { path, sizeBytes: bytes.length, read: async () => bytes };
}

const RUN = makeFile('run.json', '{"kind":"recall-lab-run"}');
const RESULTS = makeFile('results_1.json', '{"results":{},"configs":{}}');
const SAMPLES = makeFile('samples_1.jsonl', '{"doc_id":0,"doc":{},"resps":[]}\n');
const ZIP = makeFile('runs.ZIP', 'PK');
const DOCUMENTS = makeFile('mine.jsonl', '{"doc_id":0,"question":"Who?","choices":["a","b"],"label":0}\n');
const TASK_FILE = makeFile('mine.json', '{"task":"mine","output_type":"multiple_choice"}');
const OTHER = makeFile('package.json', '{"name":"mine"}');

const toNames = (files: readonly GivenFile[]) => files.map(({ path }) => path);

test('runs in whatever form go to the runs, documents with their task file to the tasks', async () => {
  const { runs, task, refused } = await sortFiles([RUN, DOCUMENTS, RESULTS, TASK_FILE, SAMPLES, ZIP]);
  expect(toNames(runs)).toEqual(['run.json', 'results_1.json', 'samples_1.jsonl', 'runs.ZIP']);
  expect(toNames(task)).toEqual(['mine.jsonl', 'mine.json']);
  expect(refused).toEqual([]);
});

test('what belongs nowhere is refused by name, and the rest is taken', async () => {
  const folder = { path: 'runs/', sizeBytes: 0, read: () => Promise.reject(new TypeError('a folder')) };
  const page = makeFile('page.json', '<!doctype html><p>Not found</p>');
  const { runs, task, refused } = await sortFiles([makeFile('notes.txt', 'x'), folder, page, OTHER, RUN]);
  expect([toNames(runs), task]).toEqual([['run.json'], []]);
  expect(refused.join('\n')).toMatch(
    /^"notes.txt" is no \.json, \.jsonl or \.zip file\.\n"runs\/" is a folder\. .*\n"page.json" holds a web page.*\n"package.json" holds no run and no task file\.$/,
  );
});

test('a JSON file beside documents goes with them, so that they are never asked without what was to say how', async () => {
  const { task, refused } = await sortFiles([OTHER, DOCUMENTS]);
  expect([toNames(task), refused]).toEqual([['package.json', 'mine.jsonl'], []]);
});

test('a file that is gone, or too large to be read for its place, goes by its name to where it is refused in words', async () => {
  const fail = () => Promise.reject(new Error('NotFoundError'));
  const gone = { path: 'gone.json', sizeBytes: 3, read: fail };
  const large = { path: 'large.jsonl', sizeBytes: 2 ** 40, read: () => Promise.reject(new Error('never read')) };
  const { runs, task, refused } = await sortFiles([gone, large]);
  expect([toNames(runs), toNames(task), refused]).toEqual([['gone.json'], ['large.jsonl'], []]);
});
