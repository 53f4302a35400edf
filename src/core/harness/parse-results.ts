import { AppError } from '../errors.ts';
import { isObject, parseJson, show } from '../json.ts';
import type { MetricValue } from './aggregate-metric.ts';
import { METRICS, type MetricName } from './metrics.ts';
import { toTaskConfig } from './parse-config.ts';
import { FILTER, NOT_AVAILABLE } from './results-file.ts';
import type { TaskConfig } from './task.ts';

/** Most tasks of a saved run, and most arguments of its model; a table of more is of no use. */
const MAX_TASKS = 300;
const MAX_ARGS = 50;

/** Longest text of a saved run: a recipe as JSON and a typed prompt are among them. */
const MAX_TEXT = 10_000;

/** The last second that a date can tell (ECMA-262, time values). */
const LAST_DATE_SECONDS = 8.64e12;

/** A task's figures in a saved run. */
export interface SavedTask {
  config: TaskConfig;
  /** Documents of the task, and how many of them were scored. */
  original: number;
  effective: number;
  /** By metric; a figure that was not finite is missing. */
  figures: ReadonlyMap<MetricName, MetricValue>;
}

/** A run that was saved by `toResultsFile`. */
export interface SavedResults {
  model: string;
  modelArgs: ReadonlyMap<string, string>;
  dateMs: number;
  tasks: readonly SavedTask[];
}

/** A `results_*.json` that this page wrote; throws `input-invalid`, or `task-invalid` in a task's keys, with field, value and rule. */
export function parseResults(bytes: Uint8Array, fileName: string): SavedResults {
  const json = parseJson(bytes, fileName, 'input-invalid');
  const file = asObject(json, fileName, 'file');
  const config = asObject(file.config, fileName, 'config');
  const results = Object.entries(asObject(file.results, fileName, 'results'));
  if (results.length === 0 || results.length > MAX_TASKS) {
    refuse(fileName, 'results', results.length, `1 to ${MAX_TASKS} tasks`);
  }
  return {
    model: toShortText(config.model, fileName, 'config.model'),
    modelArgs: toArgs(config.model_args, fileName),
    dateMs: Math.round(1000 * toNumber(file.date, fileName, 'date', { low: 0, high: LAST_DATE_SECONDS })),
    tasks: results.map(([task, figures]) => toSavedTask(task, figures, file, fileName)),
  };
}

function toSavedTask(
  task: string,
  figures: unknown,
  file: Readonly<Record<string, unknown>>,
  fileName: string,
): SavedTask {
  const of = (key: string) => {
    const byTask = asObject(file[key], fileName, key);
    return Object.hasOwn(byTask, task) ? byTask[task] : refuse(fileName, key, Object.keys(byTask), show(task));
  };
  const config = toTaskConfig(of('configs'), `configs of ${fileName}`);
  if (config.task !== task) refuse(fileName, 'configs', config.task, show(task));
  if (of('versions') !== config.version) refuse(fileName, 'versions', of('versions'), String(config.version));
  if (of('n-shot') !== 0) refuse(fileName, 'n-shot', of('n-shot'), '0');
  const samples = asObject(of('n-samples'), fileName, 'n-samples');
  const original = toCount(samples.original, fileName, 'n-samples.original', Number.MAX_SAFE_INTEGER);
  const effective = toCount(samples.effective, fileName, 'n-samples.effective', original);
  const values = asObject(figures, fileName, `results.${task}`);
  const known = new Set(config.metrics.flatMap((name) => [`${name},${FILTER}`, `${name}_stderr,${FILTER}`]));
  const unknown = Object.keys(values).find((key) => !known.has(key));
  if (unknown !== undefined) refuse(fileName, `results.${task}`, unknown, [...known].join(' or '));
  return { config, original, effective, figures: toFigures(config.metrics, values, fileName, `results.${task}`) };
}

function toFigures(
  metrics: readonly MetricName[],
  values: Readonly<Record<string, unknown>>,
  fileName: string,
  field: string,
): ReadonlyMap<MetricName, MetricValue> {
  const figures = new Map<MetricName, MetricValue>();
  for (const name of metrics) {
    const value = values[`${name},${FILTER}`];
    const stderr = values[`${name}_stderr,${FILTER}`];
    if (value === NOT_AVAILABLE) continue;
    const bounds = { low: 0, high: METRICS[name].aggregation === 'mean' ? 1 : Number.MAX_VALUE };
    figures.set(name, {
      value: toNumber(value, fileName, `${field}.${name}`, bounds),
      stderr: stderr === NOT_AVAILABLE ? null : toNumber(stderr, fileName, `${field}.${name}_stderr`, bounds),
    });
  }
  return figures;
}

function toArgs(value: unknown, fileName: string): ReadonlyMap<string, string> {
  const entries = Object.entries(asObject(value, fileName, 'config.model_args'));
  if (entries.length > MAX_ARGS) refuse(fileName, 'config.model_args', entries.length, `at most ${MAX_ARGS}`);
  return new Map(
    entries.map(([key, text]) => {
      const name = toShortText(key, fileName, 'config.model_args');
      return [name, toShortText(text, fileName, `config.model_args.${name}`)];
    }),
  );
}

function asObject(value: unknown, fileName: string, field: string): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : refuse(fileName, field, value, 'an object');
}

function toShortText(value: unknown, fileName: string, field: string): string {
  if (typeof value === 'string' && value.length <= MAX_TEXT) return value;
  return refuse(fileName, field, value, `a text of at most ${MAX_TEXT} characters`);
}

function toNumber(value: unknown, fileName: string, field: string, { low, high }: { low: number; high: number }) {
  if (typeof value === 'number' && value >= low && value <= high) return value;
  return refuse(fileName, field, value, `a number from ${low} to ${high}`);
}

function toCount(value: unknown, fileName: string, field: string, high: number): number {
  return Number.isInteger(value)
    ? toNumber(value, fileName, field, { low: 0, high })
    : refuse(fileName, field, value, 'a whole number');
}

function refuse(fileName: string, field: string, value: unknown, allowed: string): never {
  throw new AppError(
    'input-invalid',
    `In ${fileName}, ${field.slice(0, 200)} is ${show(value)}, where ${allowed} must stand. Choose a results file as this page saved it.`,
    { file: fileName, field: field.slice(0, 200), observed: show(value), allowed },
  );
}
