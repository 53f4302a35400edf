import { expect, test } from 'vitest';
import { inferTask } from './infer-task.ts';
import { toTaskConfig } from './parse-config.ts';
import { parseHarnessTask } from './parse-task.ts';
import { findPromptFault } from './requests.ts';
import { type HarnessTask, toPrompt } from './task.ts';
import { toUnaskableError } from './unaskable.ts';

/** A letter is a token; blanks are none. */
const encoding = {
  encode: (text: string) => [...text.replaceAll(/\s/g, '')].map((letter) => letter.codePointAt(0) ?? 0),
  beginId: 0,
  endId: 1,
  maxTokens: 40,
};
const LONG = 'a'.repeat(60);

function toMessage(task: HarnessTask): string {
  const unaskable = task.documents.flatMap((document) => {
    const fault = findPromptFault(toPrompt(task, document), encoding);
    return fault === null ? [] : [{ document, fault }];
  });
  return toUnaskableError(task.config, unaskable).message;
}

const toBytes = (...lines: (object | '')[]) =>
  new TextEncoder().encode(lines.map((line) => (line === '' ? '' : JSON.stringify(line))).join('\n'));
const toMine = (...lines: (object | '')[]) => inferTask(toBytes(...lines), 'mine', 'mine.jsonl');

test('a document that is too long is named by its line and fields, as an editor counts them', () => {
  const short = { context: 'it is', choices: ['me', 'you'], label: 0 };
  expect(toMessage(toMine(short, '', { ...short, context: LONG }))).toBe(
    'One document cannot be asked: in line 3 of mine.jsonl, context and choices[0] have together 62 tokens, where the model reads at most 40. ' +
      'Shorten or correct what stands there, or take the lines out of the file.',
  );
});

test('of choices the one that does not fit is named, and one without tokens by itself', () => {
  const task = toMine(
    { context: 'it is', choices: ['me', LONG], label: 0 },
    { context: 'it is', choices: ['me', '\t'], label: 0 },
  );
  expect(toMessage(task)).toMatch(
    /^2 documents .*: in line 1 of mine\.jsonl, context and choices\[1\] have together .*; in line 2 of mine\.jsonl, choices\[1\] has no token of its own/,
  );
});

test('written answers, continuations and whole texts are named by the fields that hold them', () => {
  expect(toMessage(toMine({ question: LONG, answer: 'me' }))).toContain('question and answer have together 79 tokens');
  expect(toMessage(toMine({ context: 'it is', target: LONG }))).toContain('context and target have together');
  expect(toMessage(toMine({ text: 'it' }, { text: ' \n' }))).toContain(
    'in line 2 of mine.jsonl, text has no tokens to score',
  );
});

test('of a template with several fields the longest text is named, of one without any its key', () => {
  const keys = { task: 't', output_type: 'multiple_choice', doc_to_target: 0, doc_to_choice: ['yes', 'no'] };
  const toTask = (docToText: string, fields: object) =>
    parseHarnessTask(toTaskConfig({ ...keys, doc_to_text: docToText }, 't.json'), toBytes(fields), 't.jsonl');
  expect(toMessage(toTask('{{name}}: {{story}}', { name: 'Ann', story: LONG }))).toContain(
    'story and doc_to_choice[0] have',
  );
  expect(toMessage(toTask(`Say ${LONG}`, { name: 'Ann' }))).toContain('doc_to_text and doc_to_choice[0] have');
});

test('of many documents the first five are named and the rest is counted', () => {
  const message = toMessage(toMine(...Array.from({ length: 7 }, () => ({ question: LONG, answer: 'me' }))));
  expect(message).toMatch(/^7 documents cannot be asked: in line 1 .*; in line 5 [^;]*; and 2 more\. /);
  expect(message).not.toContain('line 6');
});
