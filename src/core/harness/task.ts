import type { MetricName } from './metrics.ts';

/** What is asked of the model: `docs/pack-format.md` says how each is scored. */
export const OUTPUT_TYPES = ['multiple_choice', 'loglikelihood', 'loglikelihood_rolling', 'generate_until'] as const;
export type OutputType = (typeof OUTPUT_TYPES)[number];

/** The keys of a task file in the manner of lm-evaluation-harness; templates are checked, not yet filled in. */
export interface TaskConfig {
  task: string;
  /** Families and the like. */
  tags: readonly string[];
  /** `metadata.version`; 0 where none is given. */
  version: number;
  testSplit: string;
  /** The file of `test_split`, beside the task file; null where documents come apart. */
  documentsFile: string | null;
  outputType: OutputType;
  docToText: string;
  /** An index where every document has the same right choice. */
  docToTarget: string | number;
  /** Choices of all documents, or a template that yields a document's; null unless the output type is `multiple_choice`. */
  docToChoice: string | readonly string[] | null;
  targetDelimiter: string;
  metrics: readonly MetricName[];
  /** The end token as a `generate_until` task spells it; null where it does not say. */
  until: string | null;
}

/** A document with its templates filled in. */
export interface TaskDocument {
  /** Where it stands, for messages, such as `line 2 of mine.jsonl`. */
  place: string;
  /** Its `id`, or its number from 0. */
  id: string;
  /** The unit of intervals: the last of `subjects`, `subject`, or the id. */
  subject: string;
  /** What tables group by, where the document says so. */
  domain: string | null;
  relation: string | null;
  fold: string | null;
  taught: boolean | null;
  /** What is given, begin token excluded; empty for `loglikelihood_rolling`. */
  context: string;
  /** What may come after `target_delimiter`: one text per choice, or the one that must come. */
  choices: readonly string[];
  /** Index of the right one. */
  gold: number;
  /** `doc_to_target` as a text, as the harness hashes it. */
  target: string;
  /** The document as it was written. */
  fields: Readonly<Record<string, unknown>>;
}

/** A task with its documents. */
export interface HarnessTask {
  config: TaskConfig;
  documents: readonly TaskDocument[];
}

/** A document as the model is asked it. */
export interface Prompt {
  id: string;
  outputType: OutputType;
  /** Begin token excluded. */
  context: string;
  /** What may come right behind the context. */
  continuations: readonly string[];
}

/** A document's context and what may come behind it; the harness puts its delimiter before choices and written answers only. */
export function toPrompt({ config }: HarnessTask, { id, context, choices }: TaskDocument): Prompt {
  const { outputType, targetDelimiter } = config;
  const delimiter = outputType === 'multiple_choice' || outputType === 'generate_until' ? targetDelimiter : '';
  return { id, outputType, context, continuations: choices.map((choice) => `${delimiter}${choice}`) };
}
