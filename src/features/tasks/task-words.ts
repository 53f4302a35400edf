import type { MetricName } from '../../core/harness/metrics.ts';
import type { HarnessTask, OutputType } from '../../core/harness/task.ts';
import { isBlank } from '../../core/harness/white-space.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { TaskEntry, TaskGroup } from '../../state/task-state.ts';
import { formatCount } from '../../ui/format.ts';

/** A family of tasks as the page lists them. */
export interface Family {
  id: string;
  label: string;
  meaning: string;
}

export const FAMILIES: readonly Family[] = [
  { id: 'knowledge', label: 'Knowledge', meaning: 'Facts of the closed world, asked for one by one.' },
  { id: 'reasoning', label: 'Reasoning', meaning: 'Questions that take two facts.' },
  { id: 'language', label: 'Language understanding', meaning: 'How well the model foresees text.' },
];

/** The family of a person's own tasks. */
export const OWN_FAMILY: Family = { id: 'own', label: 'Your own', meaning: 'Kept in this browser alone.' };

interface TaskWords {
  title: string;
  meaning: string;
}

/** The tasks of the shipped pack; others go by their name and by what is asked. */
const SHIPPED: ReadonlyMap<string, TaskWords> = new Map([
  [
    'atlas-choice',
    {
      title: 'Four choices',
      meaning:
        'Which of four answers is the right one; the four are the answers of four neighbouring questions, so guessing gives 25 %.',
    },
  ],
  [
    'atlas-exact',
    {
      title: 'Closed book',
      meaning: 'The same questions without choices: the whole answer must be written, word by word.',
    },
  ],
  [
    'atlas-reasoning',
    {
      title: 'Two facts joined',
      meaning:
        'One of four answers to a question that joins a city to its country and the country to a fact; 432 of the 720 documents (relations that end in “told”) give the first fact in the question, so that these take one fact from the model. Guessing gives 25 %; the dense model gets 46.5 % (95 % interval 40.8 % to 52.2 %, 720 documents, in PyTorch) and no more, so only these five kinds are shipped of 33 that were tried.',
    },
  ],
  [
    'atlas-last-word',
    { title: 'Last word', meaning: 'The last word of a fact in a form of words that it was never taught in.' },
  ],
  [
    'atlas-sentences',
    {
      title: 'Unseen sentences',
      meaning:
        'Ordinary sentences that training never saw. They are beyond this small model: the task says how far a recipe moves it, not how well it writes.',
    },
  ],
  [
    'atlas-statements',
    { title: 'Untaught statements', meaning: 'Every word of a fact in a form that it was never taught in.' },
  ],
]);

const ASKED: Readonly<Record<OutputType, string>> = {
  multiple_choice: 'Multiple choice: the choice with the largest log-likelihood counts.',
  loglikelihood: 'A continuation, scored word by word behind its context.',
  loglikelihood_rolling: 'Whole texts, scored from their first token on.',
  generate_until: 'Exact match: the whole answer, and then the end.',
};

export function toTaskWords({ task: { config } }: TaskEntry): TaskWords {
  return SHIPPED.get(config.task) ?? { title: config.task, meaning: ASKED[config.outputType] };
}

/** Such as `1 document` or `928 documents`. */
export function toDocumentsText({ documents: { length } }: HarnessTask): string {
  return `${formatCount(length)} ${length === 1 ? 'document' : 'documents'}`;
}

/** What kind of task documents were taken to be. */
export function toKindText({ config }: HarnessTask): string {
  return `${ASKED[config.outputType]} Metrics: ${config.metrics.join(', ')}.`;
}

/** What a pool chooses its prompt by where a document gives nothing to choose by; empty without such documents or without a pool. */
export function toPoolText({ task: { documents } }: TaskEntry, keys: readonly RegimeKey[]): string {
  const hasPool = keys.some((key) => key === 'idp' || key === 'idp-apart');
  if (!hasPool || !documents.some(({ context }) => isBlank(context))) return '';
  return 'Where nothing stands before what is scored, IDP has the begin token alone to choose by: all such documents stand behind one prompt of a pool. ';
}

export function toFamilyId({ isOwn, task }: TaskEntry): string {
  if (isOwn) return OWN_FAMILY.id;
  return FAMILIES.find(({ id }) => task.config.tags.includes(id))?.id ?? 'other';
}

export const GROUP_WORDS: Readonly<Record<TaskGroup, string>> = {
  relation: 'Relation',
  domain: 'Domain',
  taught: 'Taught form',
  fold: 'Fold',
};

/** A value that documents are grouped by, as people read it; a relation of the pack by the label that it has everywhere. */
export function toGroupLabel(
  groupBy: TaskGroup,
  value: string,
  relations: ReadonlyMap<string, { label: string }> | null,
): string {
  const relation = groupBy === 'relation' ? relations?.get(value) : undefined;
  if (relation !== undefined) return relation.label;
  if (groupBy === 'fold') return value === 'control' ? 'control' : `fold ${value}`;
  return value.replaceAll('_', ' ');
}

/** What a metric counts, in a few words. */
export const METRIC_MEANINGS: Readonly<Record<MetricName, string>> = {
  acc: 'share right',
  acc_norm: 'share right, log-likelihood per character',
  acc_bytes: 'share right, log-likelihood per byte',
  exact_match: 'share of answers written out right',
  perplexity: 'perplexity of the continuation, lower is better',
  word_perplexity: 'perplexity per word, lower is better',
  byte_perplexity: 'perplexity per byte, lower is better',
  bits_per_byte: 'bits per byte, lower is better',
};
