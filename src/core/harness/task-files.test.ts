import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { parseTaskFiles } from './task-files.ts';

const toBytes = (text: string) => new TextEncoder().encode(text);
const QUESTIONS = { name: 'my questions (2).jsonl', bytes: toBytes('{"question":"Who?","answer":"I"}') };
const CONFIG = JSON.stringify({
  task: 'mine',
  output_type: 'loglikelihood',
  dataset_kwargs: { data_files: { test: 'elsewhere.jsonl' } },
  doc_to_text: 'question',
  doc_to_target: ' {{answer}}',
});

describe('files of a person', () => {
  it('are asked by the fields of the documents where no task file comes along, under the name of the file', () => {
    const { config } = parseTaskFiles({ documents: QUESTIONS, config: null });
    expect(config).toMatchObject({ task: 'my-questions-2-', outputType: 'generate_until' });
  });

  it.each(['….jsonl', '.jsonl', '---'])('have a name even where the file has none that can be used: %s', (name) => {
    expect(parseTaskFiles({ documents: { ...QUESTIONS, name }, config: null }).config.task).toMatch(
      /^own-task$|^jsonl$/,
    );
  });

  it('are asked as their task file says, whatever file it names', () => {
    const task = parseTaskFiles({ documents: QUESTIONS, config: { name: 'mine.json', bytes: toBytes(CONFIG) } });
    expect(task.config).toMatchObject({ task: 'mine', outputType: 'loglikelihood' });
    expect(task.documents[0]).toMatchObject({ context: 'Who?', choices: [' I'] });
  });

  it('are refused by the name of the one that is wrong', () => {
    const broken = { name: 'mine.json', bytes: toBytes('{"task":"mine"}') };
    const wrong = expectAppError(() => parseTaskFiles({ documents: QUESTIONS, config: broken }), 'task-invalid');
    expect(wrong.message).toMatch(/mine\.json, output_type/);
    const empty = { name: 'mine.jsonl', bytes: toBytes('\n') };
    const error = expectAppError(() => parseTaskFiles({ documents: empty, config: null }), 'task-invalid');
    expect(error.message).toMatch(/mine\.jsonl, file is "empty"/);
  });
});
