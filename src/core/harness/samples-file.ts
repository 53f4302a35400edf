import { AppError } from '../errors.ts';
import { quote } from '../json.ts';
import { METRICS } from './metrics.ts';
import { FILTER } from './results-file.ts';
import { isWrittenWrong, type ResultFile, type TaskRun, type TaskSample, toFileDate } from './run.ts';
import { type HarnessTask, type TaskDocument, toPrompt } from './task.ts';

/** sha256 of a text in UTF-8, as lower-case hexadecimal digits. */
export type Digest = (text: string) => Promise<string>;

/**
 * `samples_<task>_<date>.jsonl` as lm-evaluation-harness writes it: one line a document, with its prompts, answers, metric values and the
 * harness's hashes. `doc_hash` equals the harness's as long as numbers of a document are whole and its fields have no numbers for names.
 * An answer is its log-likelihood and whether it is greedy; that of a text as a whole its log-likelihood alone; of `generate_until` what the
 * model wrote, for which a wrong answer must say so: `internal` is thrown where one does not.
 */
export async function toSamplesFile({ task, samples }: TaskRun, dateMs: number, digest: Digest): Promise<ResultFile> {
  const lines: string[] = [];
  for (const sample of samples) {
    const document = task.documents[sample.document];
    if (document !== undefined) lines.push(JSON.stringify(await toSample(task, document, sample, digest)));
  }
  const name = `samples_${task.config.task}_${toFileDate(dateMs)}.jsonl`;
  return { name, text: lines.map((line) => `${line}\n`).join('') };
}

async function toSample(task: HarnessTask, document: TaskDocument, sample: TaskSample, digest: Digest) {
  const prompts = toArguments(task, document);
  const answers = toAnswers(task, document, sample);
  const { metrics } = task.config;
  return {
    doc_id: sample.document,
    doc: document.fields,
    target: document.target,
    arguments: Object.fromEntries(
      prompts.map((parts, i) => [
        `gen_args_${i}`,
        Object.fromEntries(parts.map((part, place) => [`arg_${place}`, part])),
      ]),
    ),
    resps: answers.map((answer) => [answer]),
    filtered_resps: answers,
    filter: FILTER,
    metrics,
    doc_hash: await digest(JSON.stringify(document.fields, null, 2)),
    prompt_hash: await digest(String(prompts[0]?.[0] ?? '')),
    target_hash: await digest(document.target),
    ...Object.fromEntries(metrics.map((name) => [name, METRICS[name].toItem(document, sample.scores)])),
  };
}

/** What the harness asks a model: context and continuation of each choice, the whole text, or context and how to generate. */
function toArguments(task: HarnessTask, document: TaskDocument): readonly (readonly unknown[])[] {
  const { context, continuations } = toPrompt(task, document);
  switch (task.config.outputType) {
    case 'loglikelihood_rolling':
      return [continuations];
    case 'generate_until':
      return [[context, { until: task.config.until === null ? [] : [task.config.until], do_sample: false }]];
    case 'multiple_choice':
    case 'loglikelihood':
      return continuations.map((continuation) => [context, continuation]);
    default:
      return task.config.outputType satisfies never;
  }
}

/** The harness makes texts of all that a model gives; those of numbers and booleans are spelled as Python does. */
function toAnswers(task: HarnessTask, document: TaskDocument, sample: TaskSample): readonly (string | string[])[] {
  const { logLikelihoods, isGreedy } = sample.scores;
  switch (task.config.outputType) {
    case 'loglikelihood_rolling':
      return logLikelihoods.map(toPythonFloat);
    case 'generate_until':
      return [toWritten(task, document, sample)];
    case 'multiple_choice':
    case 'loglikelihood':
      return logLikelihoods.map((value, i) => [toPythonFloat(value), isGreedy[i] === true ? 'True' : 'False']);
    default:
      return task.config.outputType satisfies never;
  }
}

/** A right answer is what follows the context, delimiter included, since every token of it is the one that the model writes. */
function toWritten(task: HarnessTask, document: TaskDocument, sample: TaskSample): string {
  const [right] = toPrompt(task, document).continuations;
  const text = isWrittenWrong(task, sample) ? sample.written : right;
  if (text !== undefined) return text;
  throw new AppError('internal', `Nobody told what the model wrote for ${quote(document.id)}.`, { id: document.id });
}

/** `repr` of Python's floats: a point always, an exponent of two digits below 1e-4. */
function toPythonFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
  if (Number.isInteger(value)) return value.toFixed(1);
  return Math.abs(value) < 1e-4 ? value.toExponential().replace(/e-(\d)$/, 'e-0$1') : String(value);
}
