import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { toConfigJson } from './config-json.ts';
import { parseFactTask } from './fact-task.ts';

const toBytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const shipped = new Uint8Array(readFileSync(new URL('../../../public/packs/atlas/tasks/atlas.json', import.meta.url)));

test('the shipped task of facts has its own version, metrics and end token, with questions for documents', () => {
  const json = JSON.parse(new TextDecoder().decode(shipped));
  const config = toConfigJson(parseFactTask(shipped, 'atlas.json', 'atlas'));
  for (const key of [
    'task',
    'output_type',
    'generation_kwargs',
    'metric_list',
    'metadata',
    'test_split',
    'num_fewshot',
  ])
    expect(config[key], key).toEqual(json[key]);
  expect(config).toMatchObject({ doc_to_text: 'context', doc_to_target: ' {{answer}}', target_delimiter: '' });
  expect(config).toMatchObject({
    generation_kwargs: { until: ['<|end|>'], do_sample: false },
    metadata: { version: 1 },
  });
});

test('a file of facts that says less leaves the rest open, and one that cannot be asked so is refused by its field', () => {
  expect(parseFactTask(toBytes({ relations: [] }), 'toy.json', 'toy')).toMatchObject({
    task: 'toy',
    version: 0,
    until: null,
    metrics: ['exact_match'],
  });
  const drawn = toBytes({ generation_kwargs: { do_sample: true } });
  expect(expectAppError(() => parseFactTask(drawn, 'toy.json', 'toy'), 'task-invalid').message).toMatch(/do_sample/);
});
