import type { DocumentScores } from './metrics.ts';
import type { HarnessTask } from './task.ts';

/** A document's scores. */
export interface TaskSample {
  /** An index among the documents of its task. */
  document: number;
  scores: DocumentScores;
  /** What the model wrote where that is not the right answer; of `generate_until` alone. */
  written?: string;
}

/** A task as far as it was run in one regime. */
export interface TaskRun {
  task: HarnessTask;
  /** In the order of the documents. */
  samples: readonly TaskSample[];
}

/** Whether a sample's right answer is not what the model writes, so that only the model can tell what is. */
export function isWrittenWrong({ config }: HarnessTask, { scores }: TaskSample): boolean {
  return config.outputType === 'generate_until' && scores.isGreedy[0] !== true;
}

/** A file that leaves the page. */
export interface ResultFile {
  name: string;
  text: string;
}

/** Date of a file's name in the harness's manner: ISO 8601 with dashes for colons. */
export function toFileDate(dateMs: number): string {
  return new Date(dateMs).toISOString().replaceAll(':', '-');
}
