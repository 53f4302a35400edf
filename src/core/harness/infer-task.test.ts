import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { inferTask } from './infer-task.ts';
import { toPrompt } from './task.ts';

const toBytes = (...documents: unknown[]) =>
  new TextEncoder().encode(documents.map((value) => JSON.stringify(value)).join('\n'));
const infer = (...documents: unknown[]) => inferTask(toBytes(...documents), 'mine', 'pasted text');
const rejects = (...documents: unknown[]) => expectAppError(() => infer(...documents), 'task-invalid').message;

describe('documents without a task file', () => {
  it.each([
    [
      { question: 'Who?', choices: ['I', 'you'], label: 1 },
      'multiple_choice',
      'Question: Who?\nAnswer:',
      [' I', ' you'],
      1,
    ],
    [
      { question: 'Who?', choices: ['I', 'you'], answer: 'you' },
      'multiple_choice',
      'Question: Who?\nAnswer:',
      [' I', ' you'],
      1,
    ],
    [{ context: 'It is', choices: ['I', 'you'], label: 0 }, 'multiple_choice', 'It is', [' I', ' you'], 0],
    [{ question: 'Who?', answer: 'I' }, 'generate_until', 'Question: Who?\nAnswer:', [' I'], 0],
    [{ context: 'It is', target: 'I' }, 'loglikelihood', 'It is', [' I'], 0],
    [{ context: 'It is', answer: 'I' }, 'generate_until', 'It is', [' I'], 0],
    [{ text: 'It is I.' }, 'loglikelihood_rolling', '', ['It is I.'], 0],
  ])('are asked by their fields: %j', (fields, outputType, context, continuations, gold) => {
    const task = infer(fields, fields);
    expect(task.config).toMatchObject({ task: 'mine', outputType });
    expect(task.documents).toHaveLength(2);
    for (const document of task.documents) {
      expect(document).toMatchObject({ context, gold });
      expect(toPrompt(task, document)).toEqual({ id: document.id, outputType, context, continuations });
    }
  });

  it('are refused where the fields say nothing, and the message says which would', () => {
    const message = rejects({ prompt: 'Who?' });
    expect(message).toContain('line 1 of pasted text');
    expect(message).toContain('question + answer');
  });

  it('are refused where a later line is of another kind, by its number', () => {
    expect(rejects({ question: 'Who?', answer: 'I' }, { text: 'It is I.' })).toContain('line 2 of pasted text');
  });

  it.each(['Who?', '[]', '', 'null', '{"__proto__":{"text":"x"}}'])('are refused where they are %j', (text) => {
    expectAppError(() => inferTask(new TextEncoder().encode(text), 'mine', 'pasted text'), 'task-invalid');
  });

  it('are refused under a name that is no file name', () => {
    expectAppError(() => inferTask(toBytes({ text: 'a' }), '../mine', 'pasted text'), 'task-invalid');
  });
});
