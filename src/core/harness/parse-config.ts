import { expectText, refuseTask } from '../eval/refuse-task.ts';
import { isObject, parseJson } from '../json.ts';
import { isSafePath } from '../safe-path.ts';
import { METRICS, type MetricName } from './metrics.ts';
import { OUTPUT_TYPES, type OutputType, type TaskConfig } from './task.ts';
import { checkTemplate } from './template.ts';

/** Most choices of a question; each is scored, and the harness's largest sets have a few dozen. */
export const MAX_CHOICES = 64;

/** Longest delimiter; the longest of the harness's tasks have a line end or two. */
const MAX_DELIMITER_CHARACTERS = 100;

/** Names that file names are made of. */
const TASK_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Keys that are read, and those that change nothing here. A key that is in neither may change what is asked, so it is refused. */
const READ_KEYS: readonly string[] = [
  'task',
  'tag',
  'dataset_kwargs',
  'test_split',
  'output_type',
  'doc_to_text',
  'doc_to_target',
  'doc_to_choice',
  'target_delimiter',
  'metric_list',
  'num_fewshot',
  'generation_kwargs',
  'metadata',
];
const IDLE_KEYS: readonly string[] = [
  'dataset_path',
  'dataset_name',
  'training_split',
  'validation_split',
  'task_alias',
];

/** Metrics of an output type where a task names none, as the harness chooses them. */
const DEFAULT_METRICS: Readonly<Record<OutputType, readonly MetricName[]>> = {
  multiple_choice: ['acc', 'acc_norm'],
  loglikelihood: ['perplexity', 'acc'],
  loglikelihood_rolling: ['word_perplexity', 'byte_perplexity', 'bits_per_byte'],
  generate_until: ['exact_match'],
};

/** A task file's keys, out of its bytes; throws `task-invalid` with file, field, value and rule. */
export function parseTaskConfig(bytes: Uint8Array, fileName: string): TaskConfig {
  return toTaskConfig(parseJson(bytes, fileName, 'task-invalid'), fileName);
}

/** The same out of a value; `place` names it in messages. */
export function toTaskConfig(json: unknown, place: string): TaskConfig {
  if (!isObject(json)) return refuseTask(place, 'task', json, 'an object');
  for (const key of Object.keys(json)) {
    if (READ_KEYS.includes(key) || IDLE_KEYS.includes(key)) continue;
    refuseTask(
      place,
      key.slice(0, 80),
      json[key],
      `nothing, since this key is not supported (${READ_KEYS.join(', ')} are)`,
    );
  }
  const outputType = OUTPUT_TYPES.find((type) => type === json.output_type);
  if (outputType === undefined) return refuseTask(place, 'output_type', json.output_type, OUTPUT_TYPES.join(' or '));
  const shots = json.num_fewshot ?? 0;
  if (shots !== 0) refuseTask(place, 'num_fewshot', shots, '0, since examples are written into doc_to_text');
  const testSplit = json.test_split === undefined ? 'test' : expectText(json.test_split, place, 'test_split');
  return {
    task: toTaskName(json.task, place),
    tags: toTags(json.tag, place),
    version: toVersion(json.metadata, place),
    testSplit,
    documentsFile: toDocumentsFile(json.dataset_kwargs, testSplit, place),
    outputType,
    ...toTemplates(json, outputType, place),
    targetDelimiter: toDelimiter(json.target_delimiter, place),
    metrics: toMetrics(json.metric_list, outputType, place),
    until: outputType === 'generate_until' ? toUntil(json.generation_kwargs, place) : null,
  };
}

function toTemplates(json: Readonly<Record<string, unknown>>, outputType: OutputType, place: string) {
  const isChoice = outputType === 'multiple_choice';
  const { doc_to_target: target, doc_to_choice: choice } = json;
  const isIndex = isChoice && Number.isInteger(target) && Number(target) >= 0;
  return {
    docToText: checkTemplate(json.doc_to_text ?? '', place, 'doc_to_text'),
    docToTarget: isIndex ? Number(target) : expectTemplate(target, place, 'doc_to_target'),
    docToChoice: isChoice ? toChoices(choice, place) : null,
  };
}

function toChoices(value: unknown, place: string): string | readonly string[] {
  const field = 'doc_to_choice';
  return Array.isArray(value) ? checkChoices(value, place, field) : expectTemplate(value, place, field);
}

function expectTemplate(value: unknown, place: string, field: string): string {
  return checkTemplate(expectText(value, place, field), place, field);
}

/** What stands between context and choice is plain text, a blank or nothing as a rule. */
function toDelimiter(value: unknown, place: string): string {
  if (value === undefined) return ' ';
  if (typeof value === 'string' && value.length <= MAX_DELIMITER_CHARACTERS) return value;
  return refuseTask(place, 'target_delimiter', value, `a text of at most ${MAX_DELIMITER_CHARACTERS} characters`);
}

/** Texts to choose from; throws `task-invalid` for fewer than two, too many, or one that is empty. */
export function checkChoices(value: unknown, place: string, field: string): readonly string[] {
  const isChoice = (choice: unknown) => typeof choice === 'string' && choice !== '' && !/\p{Surrogate}/u.test(choice);
  if (Array.isArray(value) && value.length > 1 && value.length <= MAX_CHOICES && value.every(isChoice)) return value;
  return refuseTask(place, field, value, `a list of 2 to ${MAX_CHOICES} texts`);
}

function toTaskName(value: unknown, place: string): string {
  if (typeof value === 'string' && TASK_NAME.test(value)) return value;
  return refuseTask(place, 'task', value, 'a name of letters, digits, dots, dashes and underscores');
}

function toTags(value: unknown, place: string): readonly string[] {
  const tags = typeof value === 'string' ? [value] : (value ?? []);
  if (Array.isArray(tags) && tags.length <= 16 && tags.every((tag) => typeof tag === 'string')) return tags;
  return refuseTask(place, 'tag', value, 'a text or a list of at most 16 texts');
}

function toVersion(metadata: unknown, place: string): number {
  if (metadata === undefined) return 0;
  const version = isObject(metadata) ? metadata.version : undefined;
  if (typeof version === 'number' && Number.isFinite(version) && version >= 0) return version;
  return refuseTask(place, 'metadata.version', version, 'a number from 0 on');
}

function toDocumentsFile(kwargs: unknown, split: string, place: string): string | null {
  if (kwargs === undefined) return null;
  const files = isObject(kwargs) ? kwargs.data_files : undefined;
  const file = isObject(files) && Object.hasOwn(files, split) ? files[split] : files;
  if (isSafePath(file) && !file.includes('/')) return file;
  return refuseTask(place, `dataset_kwargs.data_files.${split}`, file, 'the name of a file beside the task');
}

function toMetrics(list: unknown, outputType: OutputType, place: string): readonly MetricName[] {
  if (list === undefined) return DEFAULT_METRICS[outputType];
  const names = (Object.keys(METRICS) as MetricName[]).filter((name) => METRICS[name].outputTypes.includes(outputType));
  if (!Array.isArray(list) || list.length === 0 || list.length > names.length) {
    return refuseTask(place, 'metric_list', list, `a list of metrics among ${names.join(', ')}`);
  }
  const found = list.map((entry: unknown, i) => toMetric(entry, names, place, `metric_list[${i}]`));
  if (new Set(found).size < found.length) refuseTask(place, 'metric_list', found, 'each metric once');
  return found;
}

function toMetric(entry: unknown, names: readonly MetricName[], place: string, field: string): MetricName {
  const { metric, aggregation, higher_is_better: higher, ...others } = isObject(entry) ? entry : {};
  const name = names.find((candidate) => candidate === metric);
  if (name === undefined) return refuseTask(place, `${field}.metric`, metric, names.join(' or '));
  const { aggregation: own, higherIsBetter } = METRICS[name];
  if ((aggregation ?? own) !== own) refuseTask(place, `${field}.aggregation`, aggregation, own);
  if ((higher ?? higherIsBetter) !== higherIsBetter)
    refuseTask(place, `${field}.higher_is_better`, higher, String(higherIsBetter));
  const [other] = Object.keys(others);
  return other === undefined ? name : refuseTask(place, `${field}.${other.slice(0, 80)}`, others[other], 'nothing');
}

/**
 * An answer is right where greedy decoding writes it and then stops, so a generation may stop at the model's end token alone, which is
 * spelled in angle brackets, and draws nothing at random.
 */
function toUntil(kwargs: unknown, place: string): string | null {
  if (kwargs === undefined) return null;
  const entries = isObject(kwargs) ? kwargs : refuseTask(place, 'generation_kwargs', kwargs, 'an object');
  let until: string | null = null;
  for (const [key, value] of Object.entries(entries)) {
    if (key === 'do_sample' && value === false) continue;
    if (key === 'temperature' && value === 0) continue;
    const [stop, ...others]: readonly unknown[] = key === 'until' && Array.isArray(value) ? value : [];
    if (others.length > 0 || typeof stop !== 'string' || !/^<[^\s<>]{1,60}>$/.test(stop)) {
      const allowed = 'until: the end token alone, do_sample: false or temperature: 0';
      return refuseTask(place, `generation_kwargs.${key.slice(0, 80)}`, value, allowed);
    }
    until = stop;
  }
  return until;
}
