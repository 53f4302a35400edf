import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { toJsonBytes } from '../../testing/make-checkpoint.ts';
import { parseTaskConfig } from './parse-config.ts';

const choice = {
  task: 'arc_tiny',
  tag: ['reasoning'],
  dataset_path: 'json',
  dataset_kwargs: { data_files: { test: 'arc.jsonl' } },
  test_split: 'test',
  output_type: 'multiple_choice',
  doc_to_text: 'Question: {{question}}\nAnswer:',
  doc_to_choice: 'choices',
  doc_to_target: 'label',
  target_delimiter: ' ',
  metric_list: [{ metric: 'acc', aggregation: 'mean', higher_is_better: true }],
  num_fewshot: 0,
  metadata: { version: 2 },
};
const written = { task: 't', output_type: 'generate_until', doc_to_text: 'question', doc_to_target: ' {{answer}}' };

const parse = (json: unknown) => parseTaskConfig(toJsonBytes(json), 'arc.json');
const rejects = (json: unknown) => expectAppError(() => parse(json), 'task-invalid');

describe('a task file', () => {
  it('is read key by key', () => {
    expect(parse(choice)).toEqual({
      task: 'arc_tiny',
      tags: ['reasoning'],
      version: 2,
      testSplit: 'test',
      documentsFile: 'arc.jsonl',
      outputType: 'multiple_choice',
      docToText: choice.doc_to_text,
      docToTarget: 'label',
      docToChoice: 'choices',
      targetDelimiter: ' ',
      metrics: ['acc'],
      until: null,
    });
  });

  it('has the defaults of the harness', () => {
    const config = parse({ ...written, generation_kwargs: { until: ['<|end|>'], do_sample: false, temperature: 0 } });
    expect(config).toMatchObject({ version: 0, tags: [], testSplit: 'test', documentsFile: null, docToChoice: null });
    expect(config).toMatchObject({ targetDelimiter: ' ', metrics: ['exact_match'], until: '<|end|>' });
    const of = (output_type: string) => parse({ ...choice, output_type, metric_list: undefined }).metrics;
    expect(of('multiple_choice')).toEqual(['acc', 'acc_norm']);
    expect(of('loglikelihood')).toEqual(['perplexity', 'acc']);
    expect(of('loglikelihood_rolling')).toEqual(['word_perplexity', 'byte_perplexity', 'bits_per_byte']);
  });

  it('may give the right choice as an index and the choices as a list', () => {
    const config = parse({ ...choice, doc_to_choice: ['no', 'yes'], doc_to_target: 1, tag: 'reasoning' });
    expect(config).toMatchObject({ docToChoice: ['no', 'yes'], docToTarget: 1, tags: ['reasoning'] });
  });

  it.each([
    ['task', undefined],
    ['task', '../evil'],
    ['task', '__proto__'],
    ['tag', [1]],
    ['test_split', 3],
    ['output_type', 'generate'],
    ['output_type', '__proto__'],
    ['doc_to_text', 5],
    ['doc_to_text', '{% if question %}{{question}}{% endif %}'],
    ['doc_to_text', '{{question | upper}}'],
    ['doc_to_text', '{{ cycler.__init__.__globals__ }}'],
    ['doc_to_text', '{# note #}'],
    ['doc_to_target', undefined],
    ['doc_to_target', -1],
    ['doc_to_target', 0.5],
    ['doc_to_choice', undefined],
    ['doc_to_choice', ['one']],
    ['doc_to_choice', ['one', 2]],
    ['target_delimiter', 7],
    ['metric_list', 'acc'],
    ['metric_list', []],
    ['metric_list', [{ metric: 'acc' }, { metric: 'acc' }]],
    ['num_fewshot', 5],
    ['process_docs', '!function utils.process_docs'],
    ['filter_list', []],
    ['description', 'Answer these.'],
  ])('is refused where %s is %j, which the message names', (field, value) => {
    const { message } = rejects({ ...choice, [field]: value });
    expect(message).toContain('arc.json');
    expect(message).toContain(field);
  });

  it.each([
    ['metric', { metric: 'exact_match' }],
    ['metric', null],
    ['aggregation', { metric: 'acc', aggregation: 'max' }],
    ['higher_is_better', { metric: 'acc', higher_is_better: false }],
    ['ignore_case', { metric: 'acc', ignore_case: true }],
  ])('is refused for the %s of the metric %j', (field, metric) => {
    expect(rejects({ ...choice, metric_list: [metric] }).message).toContain(`metric_list[0].${field}`);
  });

  it.each([
    { until: ['\n'] },
    { until: ['<|end|>', '\n'] },
    { do_sample: true },
    { temperature: 0.7 },
    { max_gen_toks: 9 },
    'x',
  ])('is refused where an answer is drawn or stops by %j', (kwargs) => {
    expect(rejects({ ...written, generation_kwargs: kwargs }).message).toContain('generation_kwargs');
  });

  it.each([
    { data_files: { test: '../a.jsonl' } },
    { data_files: { test: 'https://a/b.jsonl' } },
    { data_files: {} },
    'x',
  ])('is refused where its documents are %j', (kwargs) => {
    expect(rejects({ ...choice, dataset_kwargs: kwargs }).message).toContain('dataset_kwargs.data_files.test');
  });

  it.each([{}, { version: -1 }, { version: '1' }, 'x', null])('is refused where its metadata are %j', (metadata) => {
    expect(rejects({ ...choice, metadata }).message).toContain('metadata.version');
  });

  it.each(['', '{', '[]', 'null', '<!doctype html>', '\ud800'])('is refused where it holds %j', (text) => {
    expectAppError(() => parseTaskConfig(new TextEncoder().encode(text), 'arc.json'), 'task-invalid');
  });

  it.each([
    ['task', 'a'.repeat(101)],
    ['tag', new Array(17).fill('a')],
    ['doc_to_text', 'a'.repeat(20_001)],
    ['doc_to_choice', new Array(65).fill('a')],
    ['target_delimiter', ' '.repeat(101)],
  ])('is refused where %s is too long', (field, value) => {
    expect(rejects({ ...choice, [field]: value }).message).toContain(field);
  });

  it('repeats at most a short piece of a key that it does not know', () => {
    expect(rejects({ ...choice, ['<b>'.repeat(1000)]: 1 }).message.length).toBeLessThan(700);
  });
});
