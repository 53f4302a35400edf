import { type DocumentScores, METRICS } from './metrics.ts';
import { FILTER } from './results-file.ts';
import { type ResultFile, type TaskRun, toFileDate } from './run.ts';
import { type HarnessTask, type TaskDocument, toPrompt } from './task.ts';

/** sha256 of a text in UTF-8, as lower-case hexadecimal digits. */
export type Digest = (text: string) => Promise<string>;

/**
 * `samples_<task>_<date>.jsonl` as lm-evaluation-harness writes it: one line a document, with its prompts, answers, metric values and the
 * harness's hashes. `doc_hash` equals the harness's as long as numbers of a document are whole and its fields have no numbers for names.
 * An answer is its log-likelihood and whether it is greedy, for `generate_until` too, since nothing is written out token by token.
 */
export async function toSamplesFile({ task, samples }: TaskRun, dateMs: number, digest: Digest): Promise<ResultFile> {
  const lines: string[] = [];
  for (const { document: index, scores } of samples) {
    const document = task.documents[index];
    if (document !== undefined) lines.push(JSON.stringify(await toSample(task, index, document, scores, digest)));
  }
  const name = `samples_${task.config.task}_${toFileDate(dateMs)}.jsonl`;
  return { name, text: lines.map((line) => `${line}\n`).join('') };
}

async function toSample(
  task: HarnessTask,
  index: number,
  document: TaskDocument,
  scores: DocumentScores,
  digest: Digest,
) {
  const prompts = toArguments(task, document);
  const answers = toAnswers(task, scores);
  const { metrics } = task.config;
  return {
    doc_id: index,
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
    ...Object.fromEntries(metrics.map((name) => [name, METRICS[name].toItem(document, scores)])),
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

/** Numbers and booleans as texts in Python's spelling, which is how the harness keeps them. */
function toAnswers(task: HarnessTask, { logLikelihoods, isGreedy }: DocumentScores): readonly (string | string[])[] {
  const toText = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));
  if (task.config.outputType === 'loglikelihood_rolling') return logLikelihoods.map(toText);
  return logLikelihoods.map((value, i) => [toText(value), isGreedy[i] === true ? 'True' : 'False']);
}
