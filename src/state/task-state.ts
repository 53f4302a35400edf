import type { WireError } from '../core/errors.ts';
import type { Comparison } from '../core/eval/comparisons.ts';
import type { MetricEstimate } from '../core/harness/estimates.ts';
import type { MetricName } from '../core/harness/metrics.ts';
import type { HarnessTask } from '../core/harness/task.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { Run } from './evaluate-state.ts';
import type { GivenFile } from './given-file.ts';
import type { ResultSource } from './results.ts';

/** A task that can be run. */
export interface TaskEntry {
  /** Of the pack its name; of a person's own one that begins with `own-`, alike wherever the same files are added. */
  id: string;
  isOwn: boolean;
  /** Differs whenever a document or a key of the task file differs, or how it is asked (`task-hash.ts`): answers are stored under it. */
  fingerprint: string;
  task: HarnessTask;
}

export type TasksPhase =
  | { status: 'loading' }
  | { status: 'ready'; entries: readonly TaskEntry[] }
  | { status: 'failed'; error: WireError };

/** What tables group documents by. */
export const TASK_GROUPS = ['relation', 'domain', 'taught', 'fold'] as const;
export type TaskGroup = (typeof TASK_GROUPS)[number];

/** What a person chose to run and to look at. */
export interface TaskChoice {
  /** Null for the first one of the pack. */
  id: string | null;
  /** Decides the order of the documents, and so which ones a run of fewer than all asks. */
  seed: number;
  /** Documents asked in every regime; all of a task that has fewer. */
  limit: number;
  /** The one that is drawn and tested; null for the task's own first choice. */
  metric: MetricName | null;
  groupBy: TaskGroup;
}

/** A task of a person's own before it is taken in. */
export type DraftPhase =
  | { status: 'none' }
  | { status: 'reading'; name: string }
  | { status: 'ready'; name: string; entry: TaskEntry }
  | { status: 'failed'; error: WireError };

/** Of a repair, documents of facts that it was or was not trained on; `control` ones are of subjects that nobody learned. */
export type TaskExposure = 'all' | 'held-out' | 'seen' | 'control';

/** A metric of one regime over some of the documents. */
export interface TaskFigure {
  key: RegimeKey;
  exposure: TaskExposure;
  metric: MetricName;
  /** Value of what documents are grouped by; null for all of them. */
  group: string | null;
  estimate: MetricEstimate;
  /** Of a group: this regime against the compressed model on the group's documents, exploratory; once a run has ended. */
  againstNone?: Comparison;
}

export interface TaskRow {
  key: RegimeKey;
  /** Its repair was trained for another recipe than the one it meets here. */
  isTransferred: boolean;
  /** Only one of the repair's two twins is there. */
  isOneTwin: boolean;
}

/** What a run answered to a task: here with the recipe on the page, or elsewhere. */
export interface TaskResults {
  source: ResultSource;
  recipeLabel: string;
  /** The task that was run, and the metric that is drawn. */
  entry: TaskEntry;
  metric: MetricName;
  groupBy: TaskGroup;
  rows: readonly TaskRow[];
  /** Every metric over all documents, and the drawn one by group. */
  figures: readonly TaskFigure[];
  /** The declared comparisons by the drawn metric, exploratory by another one than the declared. */
  comparisons: readonly Comparison[];
  /** The compressed model against the dense one by the drawn metric, exploratory; null until both answered the same documents. */
  damage: Comparison | null;
  /** Documents from which on a comparison may be called decided. */
  presetItems: number;
  /** That number was set before the run; else it is what the page takes. */
  isPresetKept: boolean;
  /** Documents of the task that comparisons are made of: all but those of control subjects. */
  availableItems: number;
}

export interface TaskState {
  tasks: TasksPhase;
  /** Reads the tasks of the pack and a person's own; what is read already is left alone, so it is also the "Try again". */
  load(): Promise<void>;
  choice: TaskChoice;
  /** Ends a run that is under way where it changes what is run. */
  choose(change: Partial<TaskChoice>): void;
  draft: DraftPhase;
  /** Reads documents, with a task file or without; the last files given win. */
  readFiles(files: readonly GivenFile[]): void;
  /** Takes the task that was read in, for later visits too, and chooses it. */
  keepDraft(): void;
  dropDraft(): void;
  /** Forgets a task of a person's own and all answers to it. */
  remove(id: string): void;
  run: Run;
  /** How many answers of the chosen run there are, from whatever visit; null before the pack or the task is there. */
  progress: { done: number; total: number } | null;
  /** Regimes that the last run could not ask, each with the reason. */
  leftOut: readonly { key: RegimeKey; error: WireError }[];
  live: TaskResults | null;
  /** Of every task that was answered with the recipe on the page, on the device at hand or the last one. */
  readAnswered(): Promise<readonly TaskResults[]>;
  /** Asks what is missing; goes on after Pause, Stop or a reload. */
  start(): void;
  pause(): void;
  stop(): void;
}
