import { expect, test } from 'vitest';
import { readShippedTask, SHIPPED_TASKS } from '../testing/harness-fixtures.ts';
import { toTaskHash } from './task-hash.ts';

const HASHES = ['a1', 'b2'];

test('tasks whose documents all have a context keep the fingerprint of their files, and so their answers', () => {
  const kept = SHIPPED_TASKS.filter((name) => toTaskHash(HASHES, readShippedTask(name)) === 'a1 b2');
  expect(kept).toEqual(['atlas-choice', 'atlas-exact', 'atlas-reasoning', 'atlas-last-word']);
});

test('one document with nothing before it, or white space alone, makes another fingerprint', () => {
  const task = readShippedTask('atlas-last-word');
  for (const context of ['', ' \n\u00a0']) {
    const documents = task.documents.map((each, i) => (i === 5 ? { ...each, context } : each));
    expect(toTaskHash(HASHES, { ...task, documents })).toBe('a1 b2 bare 2');
  }
});
