import type { DocumentScores } from './metrics.ts';
import type { HarnessTask } from './task.ts';

/** A task as far as it was run in one regime. */
export interface TaskRun {
  task: HarnessTask;
  /** In the order of the documents; `document` is an index among them. */
  samples: readonly { document: number; scores: DocumentScores }[];
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
