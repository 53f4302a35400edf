import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { toJsonBytes } from '../../testing/make-checkpoint.ts';
import { aggregateMetric } from './aggregate-metric.ts';
import { inferTask } from './infer-task.ts';
import { parseResults } from './parse-results.ts';
import { toResultsFile } from './results-file.ts';

const task = inferTask(new TextEncoder().encode('{"question":"Who?","answer":"I"}'), 'mine', 'pasted text');
const origin = { model: 'recall-lab', modelArgs: { pack: 'atlas' }, dateMs: 1000 };
const { text } = await toResultsFile([{ task, samples: [] }], origin, async (...input) => aggregateMetric(...input));
type Json = Record<string, unknown>;
const saved = (): Json => JSON.parse(text);
const figures = { 'exact_match,none': 0.5, 'exact_match_stderr,none': 0.1 };

const rejects = (change: Json) =>
  expectAppError(() => parseResults(toJsonBytes({ ...saved(), ...change }), 'r.json'), 'input-invalid').message;

describe('a saved run', () => {
  it('is read with figures within their bounds', () => {
    const { tasks } = parseResults(toJsonBytes({ ...saved(), results: { mine: figures } }), 'r.json');
    expect(tasks[0]?.figures.get('exact_match')).toEqual({ value: 0.5, stderr: 0.1 });
  });

  it.each([
    ['results', null],
    ['results', {}],
    ['results', { mine: null }],
    ['results', { mine: { ...figures, 'exact_match,none': 1.5 } }],
    ['results', { mine: { ...figures, 'exact_match,none': null } }],
    ['results', { mine: { ...figures, 'exact_match,none': '<img src=x onerror=alert(1)>' } }],
    ['results', { mine: { ...figures, 'exact_match_stderr,none': -0.1 } }],
    ['results', { mine: { ...figures, 'acc,none': 1 } }],
    ['results', { mine: { 'exact_match,none': 0.5 } }],
    ['results', Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`t${i}`, figures]))],
    ['configs', {}],
    ['versions', { mine: 7 }],
    ['n-shot', { mine: 5 }],
    ['n-samples', { mine: { original: 1, effective: 2 } }],
    ['n-samples', { mine: { original: 1.5, effective: 1 } }],
    ['n-samples', { mine: { original: -1, effective: -1 } }],
    ['n-samples', { mine: 3 }],
    ['config', 'recall-lab'],
    ['config', { model: 7, model_args: {} }],
    ['config', { model: 'a'.repeat(10_001), model_args: {} }],
    ['config', { model: 'm', model_args: { pack: { deep: [] } } }],
    ['config', { model: 'm', model_args: { pack: 'a'.repeat(10_001) } }],
    ['config', { model: 'm', model_args: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [i, ''])) }],
    ['date', 'yesterday'],
    ['date', -1],
    ['date', 1e300],
    ['date', null],
  ])('is refused, with the field, where %s is not as it was written', (field, value) => {
    const message = rejects({ [field]: value });
    expect(message).toContain('r.json');
    expect(message).toContain(field);
    expect(message.length).toBeLessThan(1000);
  });

  it('is refused where a task has figures and no keys', () => {
    expect(rejects({ results: { other: figures } })).toContain('configs');
  });

  it('is refused where the keys of a task are no task', () => {
    const change = { configs: { mine: { task: 'mine', output_type: 'multiple_choice' } } };
    expectAppError(() => parseResults(toJsonBytes({ ...saved(), ...change }), 'r.json'), 'task-invalid');
    const other = JSON.parse(text.replace('"task": "mine"', '"task": "other"'));
    expectAppError(() => parseResults(toJsonBytes(other), 'r.json'), 'input-invalid');
  });

  it.each(['', '{', '[]', 'null', '5', '<!doctype html>', '{"results":{"__proto__":{"a":1}}}', '{"date":1e999}'])(
    'is refused where the file holds %j',
    (content) => {
      expectAppError(() => parseResults(new TextEncoder().encode(content), 'r.json'), 'input-invalid');
    },
  );
});
