import type { Recipe } from '../core/compress/recipe.ts';
import type { WireError } from '../core/errors.ts';
import type { FileToZip } from '../engine/text-zip.ts';
import type { RunAnswers } from './comparison-input.ts';
import type { GivenFile } from './given-file.ts';
import type { ImportedTasks } from './imported-tasks.ts';
import type { ResultSet, ResultSource } from './results.ts';
import type { RunComparison } from './run-fingerprint.ts';
import type { RunTaskName } from './run-task-name.ts';

/** A run that was brought, drawn beside those of this browser and never among them. */
export interface ImportedRun {
  id: string;
  fileName: string;
  recipe: Recipe;
  recipeLabel: string;
  source: ResultSource;
  /** What it answered beside the facts. */
  tasks: readonly RunTaskName[];
  /** Null until somebody looks at a run of an earlier visit; without rows where it answered tasks alone. */
  results: ResultSet | null;
  /** Its answers item by item, there once `results` is. */
  answers: RunAnswers | null;
  /** Likewise its answers to tasks. */
  taskAnswers: ImportedTasks | null;
}

/** A file that is ready to leave the page. */
export interface SharedFile {
  name: string;
  blob: Blob;
}

/** The run that a link told of, held against the answers at hand. */
export interface LinkedRun {
  /** Eight digits of its fingerprint. */
  digits: string;
  device: string;
  /** It was made on another device, or by another version of the engine, than the answers at hand. */
  isOtherDevice: boolean;
  isOtherEngine: boolean;
  comparison: RunComparison;
}

export type SharePhase =
  | { status: 'idle' }
  | { status: 'reading' }
  | { status: 'writing' }
  /** The model writes what a file is to hold of it; then the file is written. */
  | { status: 'asking'; done: number; total: number }
  | { status: 'failed'; error: WireError };

export interface ShareState {
  /** In the order in which they came. */
  imported: readonly ImportedRun[];
  /** Why files could not be read, of the last import. */
  problems: readonly WireError[];
  phase: SharePhase;
  /** Reads runs out of files; what is there stays, whatever is wrong with them. Resolves with the id of the last run that came. */
  importFiles(files: readonly GivenFile[]): Promise<string | null>;
  /** Ends what is being read, of files or of runs of earlier visits; what was there before stays. */
  stopReading(): void;
  forgetProblems(): void;
  /** Resolves once all of them, or those of some ids, have their figures; with false where that was stopped. */
  readImported(ids?: readonly string[]): Promise<boolean>;
  remove(id: string): void;
  /** Null where no link told of a run, and while the pack is read. */
  linked: LinkedRun | null;
  /** Asks what the linked run asked, of facts or of its task, in its regimes, on this device. */
  runLinked(part: 'facts' | 'task'): void;
  forgetLinked(): void;
  /** The answers at hand as a file of ours, or as lm-evaluation-harness writes them; null where there are none, or it failed as `phase` says. */
  writeRun(): Promise<SharedFile | null>;
  writeHarness(): Promise<SharedFile | null>;
  /** Ends what the model writes for a file; what it wrote so far is kept for the next one. */
  stopWriting(): void;
  /** Files as one .zip, each made when its turn comes; null where it failed. */
  writeZip(name: string, files: Iterable<FileToZip>): Promise<SharedFile | null>;
  /** Digits of the fingerprint of the answers at hand; null without any. */
  digits: string | null;
}
