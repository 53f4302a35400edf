import { expect, it } from 'vitest';
import { parseTaskFiles } from '../../core/harness/task-files.ts';
import type { TaskEntry } from '../../state/task-state.ts';
import { toPoolText } from './task-words.ts';

function makeEntry(line: string): TaskEntry {
  const documents = { name: 'mine.jsonl', bytes: new TextEncoder().encode(line) };
  return { id: 'own-1', isOwn: true, fingerprint: 'f', task: parseTaskFiles({ documents, config: null }) };
}

const TEXT = makeEntry('{"text":"It is I."}');
const PAIR = makeEntry('{"context":"It is","target":"I"}');

it.each(['idp', 'idp-apart'] as const)(
  'texts with nothing before them stand behind one prompt of %s, and a caption says so',
  (key) => {
    expect(toPoolText(TEXT, ['dense', key])).toMatch(/begin token alone.*one prompt of a pool\. $/);
    expect(toPoolText(PAIR, ['dense', key])).toBe('');
    expect(toPoolText(TEXT, ['dense', 'prompt'])).toBe('');
  },
);
