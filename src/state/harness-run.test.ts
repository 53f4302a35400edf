import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { aggregateMetric } from '../core/harness/aggregate-metric.ts';
import { parseFactTask } from '../core/harness/fact-task.ts';
import { inferTask } from '../core/harness/infer-task.ts';
import { parseResults } from '../core/harness/parse-results.ts';
import type { ResultFile } from '../core/harness/run.ts';
import { isWrittenWrong } from '../core/harness/run.ts';
import { zipFiles } from '../engine/text-zip.ts';
import { makeManifest, makePackFiles, makeWorld } from '../testing/make-pack.ts';
import { makeSavedRun } from '../testing/make-saved-run.ts';
import { SAMPLE_FIELDS } from '../testing/sample-fields.ts';
import type { ReadFile } from './given-file.ts';
import { type HarnessTools, planHarness, toHarnessFiles, type UnitTasks } from './harness-files.ts';
import { readRuns } from './read-runs.ts';
import { toRunFile } from './run-file.ts';

const RUN = makeSavedRun();
const factTask = parseFactTask(makePackFiles().get('tasks/toy.json') ?? new Uint8Array(), 'tasks/toy.json', 'toy');
const place = { manifest: makeManifest(), ...makeWorld(), factTask };
const tools: HarnessTools = {
  digest: async (text) => createHash('sha256').update(text).digest('hex'),
  aggregate: async (...input) => aggregateMetric(...input),
  readWritten: async ({ key }, { task, samples }) => {
    const wrong = samples.filter((sample) => isWrittenWrong(task, sample));
    return new Map(wrong.map(({ document }) => [task.documents[document]?.id ?? '', ` ${key} says ${document}`]));
  },
};
const toBytes = (text: string) => new TextEncoder().encode(text);
const toFile = (path: string, content: string | Uint8Array<ArrayBuffer>): ReadFile => ({
  path,
  bytes: typeof content === 'string' ? toBytes(content) : content,
});
async function written(further: readonly UnitTasks[] = []): Promise<readonly ResultFile[]> {
  const files: ResultFile[] = [];
  for await (const file of toHarnessFiles(await planHarness(RUN, place, further), tools)) files.push(file);
  return files;
}

const pairOf = async (model: string) =>
  (await written())
    .filter(({ name }) => name.startsWith(`${model}/`))
    .map(({ name, text }) => toFile(name.slice(model.length + 1), text));
const problemsOf = async (files: readonly ReadFile[]) => (await readRuns(files)).problems.map(({ message }) => message);

test('every regime leaves the page as a model of its own, with the files of the harness', async () => {
  expect((await written()).map(({ name }) => name)).toEqual(
    [
      'toy_dense',
      ...['compressed', 'idp_trained-on-a', 'idp_trained-on-b'].map((key) => `toy_magnitude-mild_${key}`),
    ].flatMap((model) => [
      `${model}/results_2026-02-03T04-05-06.000Z.json`,
      `${model}/samples_toy_2026-02-03T04-05-06.000Z.jsonl`,
    ]),
  );
});

test('the files have the fields of the harness and no others', async () => {
  for (const { name, text } of await written()) {
    if (name.endsWith('.json')) {
      expect(Object.keys(JSON.parse(text)).sort()).toEqual([
        'config',
        'configs',
        'date',
        'n-samples',
        'n-shot',
        'results',
        'versions',
      ]);
    } else {
      const lines = text.trimEnd().split('\n');
      expect(lines).toHaveLength(18);
      for (const line of lines) expect(Object.keys(JSON.parse(line)).sort()).toEqual(SAMPLE_FIELDS);
    }
  }
});

test('results tell held-out from seen facts of a repair, and their figures are those of the answers', async () => {
  const results = (await written()).find(({ name }) => name.includes('idp_trained-on-a/results'));
  const saved = parseResults(toBytes(results?.text ?? ''), 'results.json');
  const figures = saved.tasks.map(({ config, effective, figures: of }) => [
    config.task,
    effective,
    of.get('exact_match')?.value,
  ]);
  // Of 9 capitals of fold A the places 0, 2, ... 8 are right, of 9 of fold B the places 10, 12, 14, 16.
  expect(figures).toEqual([
    ['toy', 18, 9 / 18],
    ['toy-held-out', 9, 4 / 9],
    ['toy-seen', 9, 5 / 9],
  ]);
});

test('all pairs in a zip come back as one run, without times, sizes and log-likelihoods', async () => {
  const zip = await zipFiles((await written()).map(({ name, text }) => ({ path: name, content: text })));
  const { runs, problems } = await readRuns([toFile('runs.zip', new Uint8Array(await zip.arrayBuffer()))]);
  expect(problems).toEqual([]);
  expect(runs).toHaveLength(1);
  expect(runs[0]?.fileName).toBe('runs.zip');
  const bare = RUN.units.map((unit) => ({
    ...unit,
    timings: null,
    size: null,
    outcomes: new Map(
      [...unit.outcomes].map(([id, { isRight }]) => [id, { isRight, logLikelihood: Number.NaN, chosenPrompt: null }]),
    ),
  }));
  const units = runs[0]?.run.units.map((unit) => ({ ...unit, outcomes: new Map([...unit.outcomes].sort()) }));
  expect(units).toEqual(bare);
  const { pack, device, recipe, presetItems } = RUN;
  expect(runs[0]?.run).toMatchObject({ pack, device, recipe, presetItems });
});

test('results of an earlier version do not say what was set beforehand, and those that set nothing are refused', async () => {
  const [results, samples] = await pairOf('toy_dense');
  if (results === undefined || samples === undefined) throw new Error('no pair was written');
  const presetAs = (text: string) => {
    const changed = new TextDecoder().decode(results.bytes).replace(/"preset_items": *"18"/, text);
    return [toFile(results.path, changed), samples];
  };
  const { runs } = await readRuns(presetAs('"preset_items":""'));
  expect(runs[0]?.run.presetItems).toBeNull();
  const { runs: earlier } = await readRuns(presetAs('"another":"1"'));
  expect(earlier[0]?.run.presetItems).toBeNull();
  expect(await problemsOf(presetAs('"preset_items":"0"'))).toEqual([expect.stringMatching(/preset_items.*"0"/)]);
});

test('further tasks stand beside the facts, and only facts come back', async () => {
  const question = { question: 'Who?', choices: ['I', 'you'], label: 1 };
  const task = inferTask(toBytes(JSON.stringify(question)), 'toy-choice', 'pasted text');
  const runs = [{ task, samples: [{ document: 0, scores: { logLikelihoods: [-2, -1], isGreedy: [false, true] } }] }];
  const further = [
    { key: 'compressed', fold: null, runs },
    { key: 'prompt', fold: 'A', runs },
  ] as const;
  const files = await written(further);
  const namesOf = (model: string) =>
    files.flatMap(({ name }) =>
      name.startsWith(`toy_magnitude-mild_${model}/`) ? [name.split('/')[1]?.split('_20')[0]] : [],
    );
  expect(namesOf('compressed')).toEqual(['results', 'samples_toy', 'samples_toy-choice']);
  expect(namesOf('prompt_trained-on-a')).toEqual(['results', 'samples_toy-choice']);
  const saved = files.find(({ name }) => name.includes('compressed/results'));
  expect(parseResults(toBytes(saved?.text ?? ''), 'r').tasks.map(({ config }) => config.task)).toEqual([
    'toy',
    'toy-choice',
  ]);
  const pair = files.filter(({ name }) => name.includes('compressed/'));
  const { runs: read, problems } = await readRuns(pair.map(({ name, text }) => toFile(name, text)));
  expect(problems).toEqual([]);
  expect(read[0]?.run.units.map(({ key, outcomes }) => [key, outcomes.size])).toEqual([['compressed', 18]]);
});

test('further tasks of both folds are told apart likewise, control subjects by themselves, and those of neither are named', async () => {
  const toTask = (name: string, folds: readonly (string | undefined)[]) => {
    const lines = folds.map((fold) => JSON.stringify({ question: 'Who?', choices: ['I', 'you'], label: 1, fold }));
    return inferTask(toBytes(lines.join('\n')), name, 'pasted text');
  };
  // Right in the first two documents alone.
  const toRun = (task: ReturnType<typeof toTask>) => ({
    task,
    samples: task.documents.map((_, document) => ({
      document,
      scores: { logLikelihoods: document < 2 ? [-2, -1] : [-1, -2], isGreedy: [false, false] },
    })),
  });
  const runs = [
    toRun(toTask('mixed', ['B', 'A', 'A', 'control', 'B', 'B', undefined])),
    toRun(toTask('general', ['general', undefined])),
  ];
  const further = [
    { key: 'idp', fold: 'A', runs },
    { key: 'dense', fold: null, runs },
  ] as const;
  const files = await written(further);
  const savedOf = (model: string) => {
    const file = files.find(({ name }) => name.includes(`${model}/results`));
    return parseResults(toBytes(file?.text ?? ''), 'results.json');
  };
  const idp = savedOf('idp_trained-on-a');
  const figures = idp.tasks
    .filter(({ config }) => !config.task.startsWith('toy'))
    .map(({ config, original, effective, figures: of }) => [config.task, original, effective, of.get('acc')?.value]);
  expect(figures).toEqual([
    ['mixed', 7, 7, 2 / 7],
    ['general', 2, 2, 1],
    ['mixed-held-out', 3, 3, 1 / 3],
    ['mixed-seen', 2, 2, 1 / 2],
    ['mixed-control', 1, 1, 0],
  ]);
  expect(idp.modelArgs.get('unsplit_tasks')).toBe('general');
  const dense = savedOf('toy_dense');
  expect(dense.tasks.map(({ config }) => config.task)).toEqual(['toy', 'mixed', 'general']);
  expect(dense.modelArgs.get('unsplit_tasks')).toBe('');
  const pair = files.filter(({ name }) => name.includes('idp_trained-on-a/'));
  const { runs: read, problems } = await readRuns(pair.map(({ name, text }) => toFile(name, text)));
  expect(problems).toEqual([]);
  expect(read[0]?.run.units.map(({ outcomes }) => outcomes.size)).toEqual([18]);
});

test('a pair comes back by itself, and a run of ours beside it', async () => {
  const files = [...(await pairOf('toy_magnitude-mild_compressed')), toFile('run.json', toRunFile(RUN))];
  const { runs, problems } = await readRuns(files);
  expect(problems).toEqual([]);
  expect(runs.map(({ run }) => run.units.map(({ key }) => key))).toEqual([
    RUN.units.map(({ key }) => key),
    ['compressed'],
  ]);
});

test('half a pair, or two pairs in one folder, is refused in words', async () => {
  const [results, samples] = await pairOf('toy_dense');
  const others = await pairOf('toy_magnitude-mild_compressed');
  if (results === undefined || samples === undefined) throw new Error('no pair was written');
  expect(await problemsOf([results])).toEqual([expect.stringMatching(/without its samples/)]);
  expect(await problemsOf([samples])).toEqual([expect.stringMatching(/without its results/)]);
  expect(await problemsOf([results, samples, ...others])).toEqual([expect.stringMatching(/whose the samples are/)]);
});

test('samples that are not all there, stand there twice or are no answers are refused by file, line and field', async () => {
  const [results, samples] = await pairOf('toy_dense');
  if (results === undefined || samples === undefined) throw new Error('no pair was written');
  const lines = new TextDecoder().decode(samples.bytes).trimEnd().split('\n');
  const problemOf = async (text: string) => (await problemsOf([results, toFile('samples.jsonl', text)])).join();
  expect(await problemOf(lines.slice(1).join('\n'))).toMatch(/n-samples.*18 in all.*17 answers/);
  expect(await problemOf([lines[0], ...lines].join('\n'))).toMatch(/line 2 .*twice/);
  expect(await problemOf(lines.join('\n').replace('"exact_match":1', '"exact_match":2'))).toMatch(
    /exact_match of line 1/,
  );
  expect(await problemOf(lines.join('\n').replace(/"filtered_resps":\["[^"]*"\]/, '"filtered_resps":[null]'))).toMatch(
    /filtered_resps of line 1/,
  );
});

test('samples of earlier versions, which told how likely the right answer is, still come back with that', async () => {
  const [results, samples] = await pairOf('toy_dense');
  if (results === undefined || samples === undefined) throw new Error('no pair was written');
  const lines = new TextDecoder().decode(samples.bytes);
  const toEarlier = (value: string) =>
    toFile(
      'samples.jsonl',
      lines.replaceAll(/"filtered_resps":\["[^"]*"\]/g, `"filtered_resps":[["${value}","True"]]`),
    );
  const { runs } = await readRuns([results, toEarlier('-0.25')]);
  const outcomes = [...(runs[0]?.run.units[0]?.outcomes.values() ?? [])];
  expect(new Set(outcomes.map(({ logLikelihood }) => logLikelihood))).toEqual(new Set([-0.25]));
  expect(await problemsOf([results, toEarlier('NaN')])).toEqual([expect.stringMatching(/filtered_resps of line/)]);
});

test('an answer to a question is what the model wrote: the target where it is right, else its own words', async () => {
  const file = (await written()).find(({ name }) => name.includes('mild_compressed/samples'));
  const lines = (file?.text ?? '')
    .trimEnd()
    .split('\n')
    .map((line): { exact_match: number; target: string; doc_id: number; resps: unknown; filtered_resps: unknown } =>
      JSON.parse(line),
    );
  expect(lines).toHaveLength(18);
  for (const { exact_match, target, doc_id, resps, filtered_resps } of lines) {
    const text = exact_match === 1 ? target : ` compressed says ${doc_id}`;
    expect(resps).toEqual([[text]]);
    expect(filtered_resps).toEqual([text]);
  }
  expect(new Set(lines.map(({ exact_match }) => exact_match))).toEqual(new Set([0, 1]));
});

test('the facts are a task with the end token, the version and the metrics of the pack’s own file', async () => {
  const results = (await written()).find(({ name }) => name.includes('idp_trained-on-a/results'));
  const { configs, versions } = JSON.parse(results?.text ?? '{}');
  for (const name of ['toy', 'toy-held-out', 'toy-seen']) {
    expect(configs[name]).toMatchObject({
      task: name,
      output_type: 'generate_until',
      generation_kwargs: { until: ['</s>'], do_sample: false },
      metric_list: [{ metric: 'exact_match', aggregation: 'mean', higher_is_better: true }],
      metadata: { version: 1 },
    });
    expect(versions[name]).toBe(1);
  }
});

test('a closed-book task that does not say where an answer ends is asked up to the end token of the pack', async () => {
  const task = inferTask(toBytes('{"question":"Who?","answer":"I"}'), 'mine', 'pasted text');
  const runs = [{ task, samples: [{ document: 0, scores: { logLikelihoods: [-2], isGreedy: [false] } }] }];
  const files = await written([{ key: 'compressed', fold: null, runs }]);
  const sample = JSON.parse(files.find(({ name }) => name.includes('samples_mine'))?.text ?? '{}');
  expect(sample.arguments.gen_args_0.arg_1).toEqual({ until: ['</s>'], do_sample: false });
  expect(sample.filtered_resps).toEqual([' compressed says 0']);
});

test.each<[string, ReadFile, RegExp]>([
  ['a picture', toFile('p.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)), /"p\.png" holds none of them/],
  ['an empty file', toFile('e.json', ''), /"e\.json" holds nothing/],
  ['a web page', toFile('w.json', '<!doctype html>'), /a web page/],
  ['a damaged zip', toFile('d.zip', Uint8Array.of(0x50, 0x4b, 3, 4, 1, 2, 3)), /"d\.zip" is damaged/],
])('%s costs only itself, by its name', async (_, file, problem) => {
  const { runs, problems } = await readRuns([file, toFile('run.json', toRunFile(RUN))]);
  expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(problem)]);
  expect(runs).toHaveLength(1);
});
