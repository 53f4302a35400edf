import { describe, expect, it, test } from 'vitest';
import { sha256Hex } from '../engine/download.ts';
import { createPlainStatistics } from '../engine/statistics-client.ts';
import type { GivenFile } from './given-file.ts';
import { createMemoryResults } from './memory-storage.ts';
import { createOwnTasks } from './own-tasks.ts';

const toFile = (path: string, text: string): GivenFile => {
  const bytes = new TextEncoder().encode(text);
  return { path, sizeBytes: bytes.length, read: async () => bytes };
};
const DOCUMENTS = toFile('mine.jsonl', '{"context":"It is","target":"I"}');
const CONFIG = toFile(
  'mine.json',
  '{"task":"mine","output_type":"generate_until","doc_to_text":"context","doc_to_target":" {{target}}"}',
);

const open = (results = createMemoryResults()) => createOwnTasks({ results, statistics: createPlainStatistics() });
const refuses = (...files: readonly GivenFile[]) =>
  open()
    .parse(files)
    .then(
      () => 'nothing was refused',
      (error: Error) => error.message,
    );

describe('files given as a task', () => {
  it('are documents, or documents and their task file in whatever order', async () => {
    const alone = await open().parse([DOCUMENTS]);
    const both = await open().parse([CONFIG, DOCUMENTS]);
    expect(alone.entry.task.config.outputType).toBe('loglikelihood');
    expect(both.entry.task.config.outputType).toBe('generate_until');
    expect(both.entry.id).not.toBe(alone.entry.id);
    expect((await open().parse([DOCUMENTS])).entry).toEqual(alone.entry);
  });

  it.each([
    ['nothing at all', [], /No file of documents/],
    ['a task file alone', [CONFIG], /No file of documents/],
    ['two files of documents', [DOCUMENTS, { ...DOCUMENTS, path: 'other.jsonl' }], /More than one file of documents/],
    ['two task files', [DOCUMENTS, CONFIG, { ...CONFIG, path: 'b.json' }], /More than one task file/],
    ['a picture', [toFile('mine.png', 'x')], /"mine\.png" is no \.jsonl file/],
    ['a folder', [toFile('mine/', '')], /"mine\/" is a folder/],
    ['an empty file', [toFile('mine.jsonl', '')], /mine\.jsonl, file is "empty"/],
    ['a web page', [toFile('mine.jsonl', '<!doctype html>')], /line 1 of mine\.jsonl.*a web page/],
    ['a document without its answer', [toFile('mine.jsonl', '{"question":"Who?"}')], /line 1 of mine\.jsonl, document/],
    ['a task file of another task', [DOCUMENTS, toFile('a.json', '{"output_type":"f1"}')], /a\.json, output_type/],
  ])('are refused by name where they hold %s', async (_, files, message) => {
    expect(await refuses(...files)).toMatch(message);
  });

  it('are not even read where they have 50 MB', async () => {
    let isRead = false;
    const read = async () => {
      isRead = true;
      return new Uint8Array();
    };
    expect(await refuses({ path: 'mine.jsonl', sizeBytes: 50_000_000, read })).toMatch(/50000000 bytes/);
    expect(isRead).toBe(false);
  });

  it.each([
    ['cannot be read any more', () => Promise.reject(new DOMException('gone', 'NotReadableError'))],
    ['has grown meanwhile', async () => new Uint8Array(40)],
  ])('are refused where one %s', async (_, read) => {
    expect(await refuses({ ...DOCUMENTS, read })).toMatch(/"mine\.jsonl" could not be read: it was changed/);
  });
});

test('a file of texts without contexts is known by how they are asked too, and kept under its files alone', async () => {
  const text = toFile('texts.jsonl', '{"text":"It is I"}');
  const { entry } = await open().parse([text]);
  const ofFiles = await sha256Hex(new TextEncoder().encode(await sha256Hex(await text.read())));
  expect(entry.id).toBe(`own-${ofFiles.slice(0, 16)}`);
  expect(entry.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(entry.fingerprint).not.toBe(ofFiles);
});

describe('tasks that are kept', () => {
  it('come back as they were, until they are removed', async () => {
    const results = createMemoryResults();
    const task = await open(results).parse([DOCUMENTS, CONFIG]);
    await open(results).keep(task);
    expect(await open(results).read()).toEqual({ entries: [task.entry], damaged: 0 });
    await open(results).remove(task.entry.id);
    expect(await open(results).read()).toEqual({ entries: [], damaged: 0 });
  });

  it('are left out and counted where they were damaged', async () => {
    const at = 'recall-lab/tasks/own-';
    const broken = { name: 'a.jsonl', bytes: new TextEncoder().encode('{') };
    const results = createMemoryResults([
      [`${at}a`, { documents: { name: 'a.jsonl', bytes: [1] }, config: null }],
      [`${at}b`, { documents: broken, config: null }],
      [`${at}c`, 'text'],
    ]);
    expect(await open(results).read()).toEqual({ entries: [], damaged: 3 });
  });
});
