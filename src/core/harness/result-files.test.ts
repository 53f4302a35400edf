import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aggregateMetric } from './aggregate-metric.ts';
import { toConfigJson } from './config-json.ts';
import { inferTask } from './infer-task.ts';
import { toTaskConfig } from './parse-config.ts';
import { parseResults } from './parse-results.ts';
import { type Aggregate, toResultsFile } from './results-file.ts';
import type { TaskRun } from './run.ts';
import { toSamplesFile } from './samples-file.ts';

const dateMs = Date.UTC(2026, 1, 3, 4, 5, 6, 789);
const origin = { model: 'recall-lab', modelArgs: { pack: 'atlas', recipe: 'rtn-mild' }, dateMs };
const digest = async (text: string) => createHash('sha256').update(text).digest('hex');

const inferred = (task: string, ...documents: unknown[]) =>
  inferTask(new TextEncoder().encode(documents.map((value) => JSON.stringify(value)).join('\n')), task, 'pasted text');
const scores = (...logLikelihoods: number[]) => ({
  logLikelihoods,
  isGreedy: logLikelihoods.map((value) => value > -1),
});

const question = { question: 'Who?', choices: ['I', 'you'], label: 1 };
const choice: TaskRun = {
  task: inferred('choice', question, question, { ...question, label: 0 }),
  samples: [
    { document: 0, scores: scores(-2.5, -0.25) },
    { document: 2, scores: scores(-2, -4) },
  ],
};
const exact: TaskRun = {
  task: inferred('exact', { question: 'Who?', answer: 'I' }),
  samples: [{ document: 0, scores: scores(-0.5) }],
};
const rolling: TaskRun = {
  task: inferred('rolling', { text: 'ab cd' }),
  samples: [{ document: 0, scores: scores(-3) }],
};
const continued: TaskRun = { task: inferred('continued', { context: 'It is', target: 'I' }), samples: [] };
const last = { context: 'It is', target: 'so' };
const lastWord: TaskRun = {
  task: inferred('last-word', last, last),
  samples: [
    { document: 0, scores: scores(-4) },
    { document: 1, scores: scores(-9) },
  ],
};
const runs = [choice, exact, rolling, continued, lastWord];
const aggregate: Aggregate = async (...input) => aggregateMetric(...input);

/** What each field of the two files must be, as `docs/pack-format.md` lists them; every field must be there and none beside it. */
type Rule = (value: unknown) => boolean;
const isText: Rule = (value) => typeof value === 'string';
const isNumber: Rule = (value) => Number.isFinite(value);
const isHash: Rule = (value) => /^[0-9a-f]{64}$/.test(String(value));
const isObject: Rule = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const SAMPLE: Record<string, Rule> = {
  doc_id: isNumber,
  doc: isObject,
  target: isText,
  arguments: isObject,
  resps: Array.isArray,
  filtered_resps: Array.isArray,
  filter: isText,
  metrics: (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
  doc_hash: isHash,
  prompt_hash: isHash,
  target_hash: isHash,
};
const RESULTS: Record<string, Rule> = {
  results: isObject,
  configs: isObject,
  versions: isObject,
  'n-shot': isObject,
  'n-samples': isObject,
  config: isObject,
  date: isNumber,
};

function faults(value: Record<string, unknown>, rules: Record<string, Rule>): string[] {
  const names = new Set([...Object.keys(value), ...Object.keys(rules)]);
  return [...names].filter((name) => !rules[name]?.(value[name]));
}

const file = await toResultsFile(runs, origin, aggregate);

describe('a results file', () => {
  const json = JSON.parse(file.text);

  it('has the fields of the harness and no others', () => {
    expect(file.name).toBe('results_2026-02-03T04-05-06.789Z.json');
    expect(faults(json, RESULTS)).toEqual([]);
    expect(faults({ ...json, date: null, more: 1 }, RESULTS)).toEqual(['date', 'more']);
    for (const key of ['results', 'configs', 'versions', 'n-shot', 'n-samples']) {
      expect(Object.keys(json[key])).toEqual(['choice', 'exact', 'rolling', 'continued', 'last-word']);
    }
  });

  it('has shares and perplexities of last words with their standard errors, other figures without, and nothing where nothing was run', () => {
    expect(json.results.choice).toMatchObject({ 'acc,none': 1, 'acc_stderr,none': 0 });
    expect(json.results.exact).toEqual({ 'exact_match,none': 1, 'exact_match_stderr,none': 'N/A' });
    expect(json.results.rolling['word_perplexity,none']).toBeCloseTo(Math.exp(1.5), 12);
    expect(json.results.rolling['word_perplexity_stderr,none']).toBe('N/A');
    expect(json.results.continued['acc,none']).toBe('N/A');
    expect(json.results['last-word']).toMatchObject({
      'perplexity,none': Math.exp(6.5),
      'perplexity_stderr,none': aggregateMetric('perplexity', [-4, -9]).stderr,
    });
    expect(json['n-samples'].choice).toEqual({ original: 3, effective: 2 });
    expect(json.config).toEqual({ model: 'recall-lab', model_args: origin.modelArgs });
  });

  it('is read again as it was written', () => {
    const saved = parseResults(new TextEncoder().encode(file.text), file.name);
    expect(saved).toMatchObject({ model: 'recall-lab', dateMs });
    expect([...saved.modelArgs]).toEqual([...Object.entries(origin.modelArgs)]);
    expect(saved.tasks.map(({ config }) => config)).toEqual(runs.map(({ task }) => task.config));
    expect(saved.tasks[0]).toMatchObject({ original: 3, effective: 2 });
    expect([...(saved.tasks[0]?.figures ?? [])]).toEqual([
      ['acc', { value: 1, stderr: 0 }],
      // By characters "you" is likelier in the second document: -4 / 3 against -2.
      ['acc_norm', { value: 0.5, stderr: 0.5 }],
    ]);
    expect(saved.tasks[1]?.figures.get('exact_match')).toEqual({ value: 1, stderr: null });
    expect(saved.tasks[3]?.figures.size).toBe(0);
    // Above 1, which no standard error of a share is.
    expect(saved.tasks[4]?.figures.get('perplexity')?.stderr).toBeGreaterThan(1);
  });
});

describe('the keys of a task', () => {
  it('are written so that they read the same', () => {
    const full = {
      task: 't',
      tag: ['knowledge'],
      dataset_kwargs: { data_files: { validation: 'd.jsonl' } },
      test_split: 'validation',
      output_type: 'generate_until',
      doc_to_text: '{{question}}',
      doc_to_target: 'answer',
      target_delimiter: '\n',
      generation_kwargs: { until: ['</s>'] },
      metadata: { version: 1.5 },
    };
    const chosen = { task: 'c', output_type: 'multiple_choice', doc_to_choice: ['no', 'yes'], doc_to_target: 1 };
    for (const config of [toTaskConfig(full, 't'), toTaskConfig(chosen, 't'), ...runs.map(({ task }) => task.config)]) {
      expect(toTaskConfig(toConfigJson(config), 't')).toEqual(config);
    }
  });
});

describe('a samples file', () => {
  const linesOf = async (run: TaskRun) => {
    const { text } = await toSamplesFile(run, dateMs, digest);
    return text
      .split('\n')
      .slice(0, -1)
      .map((line): Record<string, unknown> => JSON.parse(line));
  };

  it('has a line a document, with the fields of the harness and a field per metric', async () => {
    expect((await toSamplesFile(choice, dateMs, digest)).name).toBe('samples_choice_2026-02-03T04-05-06.789Z.jsonl');
    for (const run of runs) {
      const lines = await linesOf(run);
      expect(lines).toHaveLength(run.samples.length);
      const isPair: Rule = (value) => Array.isArray(value) && value.length === 2 && value.every(isNumber);
      const metricRule = run === rolling ? isPair : isNumber;
      const rules = { ...SAMPLE, ...Object.fromEntries(run.task.config.metrics.map((name) => [name, metricRule])) };
      for (const line of lines) expect(faults(line, rules)).toEqual([]);
    }
  });

  /** What `resps` and `filtered_resps` hold for a request, by output type: all that a model gives has become text. */
  const isPair: Rule = (value) =>
    Array.isArray(value) &&
    value.length === 2 &&
    /^-(\d+\.\d+(e-\d\d)?|inf)$/.test(value[0]) &&
    /^(True|False)$/.test(value[1]);
  it.each([
    ['multiple_choice', choice, 2, isPair],
    ['loglikelihood', lastWord, 1, isPair],
    ['loglikelihood_rolling', rolling, 1, (value: unknown) => /^-\d+\.\d+$/.test(String(value)) && isText(value)],
    ['generate_until', exact, 1, isText],
  ] as const)(
    'nests the answers of %s as the harness does: a list a request, of one answer',
    async (type, run, requests, rule) => {
      expect(run.task.config.outputType).toBe(type);
      for (const { resps, filtered_resps, arguments: asked } of await linesOf(run)) {
        expect(Object.keys(Object(asked))).toHaveLength(requests);
        expect(resps).toHaveLength(requests);
        const answers = (resps as unknown[][]).map(([only, ...others]) => {
          expect(others).toEqual([]);
          return only;
        });
        for (const answer of answers) expect(rule(answer), JSON.stringify(answer)).toBe(true);
        expect(filtered_resps).toEqual(answers);
      }
    },
  );

  it('has what the model wrote: the right answer with its space, or what came in its place', async () => {
    const [line] = await linesOf(exact);
    expect(line).toMatchObject({ target: ' I', resps: [[' I']], filtered_resps: [' I'], exact_match: 1 });
    const wrong = { ...exact, samples: [{ document: 0, scores: scores(-5), written: ' You, "perhaps"' }] };
    const [other] = await linesOf(wrong);
    expect(other).toMatchObject({ resps: [[' You, "perhaps"']], filtered_resps: [' You, "perhaps"'], exact_match: 0 });
    const untold = { ...exact, samples: [{ document: 0, scores: scores(-5) }] };
    await expect(linesOf(untold)).rejects.toMatchObject({ code: 'internal' });
  });

  it('spells numbers as Python does', async () => {
    const values = [-4.8e-5, -1e-7, -0.0001, -12, Number.NEGATIVE_INFINITY, Number.NaN];
    const samples = values.map((value) => ({ document: 0, scores: { logLikelihoods: [value], isGreedy: [true] } }));
    const lines = await linesOf({ ...lastWord, samples });
    expect(lines.map(({ filtered_resps }) => (filtered_resps as string[][])[0]?.[0])).toEqual([
      '-4.8e-05',
      '-1e-07',
      '-0.0001',
      '-12.0',
      '-inf',
      'nan',
    ]);
  });

  it('tells of each choice what was asked, how likely it is and whether it is greedy', async () => {
    const [first, second] = await linesOf(choice);
    const context = 'Question: Who?\nAnswer:';
    expect(first).toMatchObject({
      doc_id: 0,
      doc: question,
      target: '1',
      arguments: { gen_args_0: { arg_0: context, arg_1: ' I' }, gen_args_1: { arg_0: context, arg_1: ' you' } },
      resps: [[['-2.5', 'False']], [['-0.25', 'True']]],
      filtered_resps: [
        ['-2.5', 'False'],
        ['-0.25', 'True'],
      ],
      filter: 'none',
      metrics: ['acc', 'acc_norm'],
      acc: 1,
      acc_norm: 1,
    });
    expect(second).toMatchObject({ doc_id: 2, target: '0', resps: [[['-2.0', 'False']], [['-4.0', 'False']]] });
  });

  it('tells of a text as a whole its log-likelihood and what that is divided by', async () => {
    const [line] = await linesOf(rolling);
    expect(line).toMatchObject({ arguments: { gen_args_0: { arg_0: 'ab cd' } }, resps: [['-3.0']] });
    expect(line).toMatchObject({ filtered_resps: ['-3.0'], word_perplexity: [-3, 2], byte_perplexity: [-3, 5] });
  });

  it('has the hashes of the document, the prompt and the target', async () => {
    const [line] = await linesOf(exact);
    expect(line).toMatchObject({
      arguments: { gen_args_0: { arg_0: 'Question: Who?\nAnswer:', arg_1: { until: [], do_sample: false } } },
      doc_hash: await digest('{\n  "question": "Who?",\n  "answer": "I"\n}'),
      prompt_hash: await digest('Question: Who?\nAnswer:'),
      target_hash: await digest(' I'),
    });
  });
});
