import { describe, expect, it } from 'vitest';
import { mutateBytes } from '../../testing/make-safetensors.ts';
import { AppError } from '../errors.ts';
import { aggregateMetric } from './aggregate-metric.ts';
import { inferTask } from './infer-task.ts';
import { parseTaskConfig } from './parse-config.ts';
import { parseResults } from './parse-results.ts';
import { parseHarnessTask } from './parse-task.ts';
import { toResultsFile } from './results-file.ts';
import { toPrompt } from './task.ts';

const runs = process.env.RECALL_SOAK === '1' ? 5000 : 500;

const documents = toBytes(
  '{"id":"a","question":"Who?","choices":["I","you"],"label":1,"subjects":["x"],"taught":true}\n'.concat(
    '{"id":"b","question":"Where is \u00e9?","choices":["here","there"],"label":0,"fold":"A"}\n',
  ),
);
const config = toBytes(
  JSON.stringify({
    task: 'mine',
    tag: ['knowledge'],
    dataset_kwargs: { data_files: { test: 'mine.jsonl' } },
    output_type: 'multiple_choice',
    doc_to_text: 'Question: {{question}}\nAnswer:',
    doc_to_choice: 'choices',
    doc_to_target: 'label',
    metric_list: [{ metric: 'acc', aggregation: 'mean' }],
    metadata: { version: 1 },
  }),
);
const task = parseHarnessTask(parseTaskConfig(config, 'mine.json'), documents, 'mine.jsonl');
const scores = { logLikelihoods: [-1, -2], isGreedy: [true, false] };
const { text } = await toResultsFile(
  [{ task, samples: [{ document: 0, scores }] }],
  { model: 'm', modelArgs: { pack: 'atlas' }, dateMs: 1 },
  async (...input) => aggregateMetric(...input),
);
const results = toBytes(text);

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Reads mutations of a sound file; each is read or refused with a sentence, and both happen. */
function expectValueOrError(sound: Uint8Array, read: (bytes: Uint8Array) => void): void {
  let refused = 0;
  read(sound);
  for (let seed = 0; seed < runs; seed++) {
    try {
      read(mutateBytes(sound, seed));
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect((error as AppError).message.length).toBeLessThan(2000);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(runs);
}

describe(`of ${runs} seeded mutations each gives a value or a typed error`, () => {
  it('in a task file', () => {
    expectValueOrError(config, (bytes) => {
      const parsed = parseTaskConfig(bytes, 'mine.json');
      expect(parsed.task).toMatch(/^[\w.-]+$/);
    });
  });

  it('in documents, which can be asked and written out again', () => {
    expectValueOrError(documents, (bytes) => {
      const parsed = parseHarnessTask(task.config, bytes, 'mine.jsonl');
      for (const document of parsed.documents) {
        expect(toPrompt(parsed, document).continuations).toHaveLength(document.choices.length);
        expect(document.choices[document.gold]).toBeDefined();
        JSON.stringify(document.fields);
      }
    });
  });

  it('in documents without a task file', () => {
    expectValueOrError(documents, (bytes) => {
      expect(inferTask(bytes, 'mine', 'pasted text').documents.length).toBeGreaterThan(0);
    });
  });

  it('in a saved run, whose figures stay within their bounds', () => {
    expectValueOrError(results, (bytes) => {
      for (const { figures } of parseResults(bytes, 'results.json').tasks) {
        for (const { value } of figures.values()) expect(value >= 0 && value <= 1).toBe(true);
      }
    });
  });
});
