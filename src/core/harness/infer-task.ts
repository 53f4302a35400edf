import { parseJsonLines } from '../eval/json-lines.ts';
import { refuseTask } from '../eval/refuse-task.ts';
import { toTaskConfig } from './parse-config.ts';
import { MAX_DOCUMENTS, toHarnessTask } from './parse-task.ts';
import type { HarnessTask } from './task.ts';

const QUESTION = 'Question: {{question}}\nAnswer:';

/** What fields mean, the first row that fits: all of `fields` are in the first document. */
const KINDS: readonly { fields: readonly string[]; config: Readonly<Record<string, string>> }[] = [
  ...['label', 'answer'].flatMap((target) => [
    { fields: ['question', 'choices', target], config: choose(QUESTION, target) },
    { fields: ['context', 'choices', target], config: choose('context', target) },
  ]),
  { fields: ['question', 'answer'], config: write(QUESTION, 'answer') },
  { fields: ['context', 'target'], config: continueBy('context', 'target') },
  { fields: ['context', 'answer'], config: write('context', 'answer') },
  { fields: ['text'], config: { output_type: 'loglikelihood_rolling', doc_to_target: 'text' } },
];

/**
 * A task out of documents alone, by the fields of the first one: a question or context with choices and a label (index or text) is
 * multiple choice, a question or context with an answer is written out, a context with a target is continued, and a text is scored whole.
 * `docs/tasks.md` has the table. Throws `task-invalid` with line and field.
 */
export function inferTask(documents: Uint8Array, task: string, fileName: string): HarnessTask {
  const lines = parseJsonLines(documents, fileName, MAX_DOCUMENTS);
  const fields = lines[0]?.value ?? {};
  const kind = KINDS.find(({ fields: names }) => names.every((name) => Object.hasOwn(fields, name)));
  if (kind === undefined) {
    const allowed = KINDS.map(({ fields: names }) => names.join(' + ')).join(', or ');
    return refuseTask(lines[0]?.place ?? fileName, 'document', Object.keys(fields), `${allowed}`);
  }
  return toHarnessTask(toTaskConfig({ task, ...kind.config }, fileName), lines);
}

function choose(context: string, target: string) {
  return { output_type: 'multiple_choice', doc_to_text: context, doc_to_choice: 'choices', doc_to_target: target };
}

/** The blank is in the template: not everywhere does the harness put its delimiter before what is not chosen among. */
function write(context: string, target: string) {
  return { output_type: 'generate_until', doc_to_text: context, doc_to_target: ` {{${target}}}`, target_delimiter: '' };
}

function continueBy(context: string, target: string) {
  return { ...write(context, target), output_type: 'loglikelihood' };
}
