import type { StoreApi } from 'zustand/vanilla';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import type { BoardState } from './board-state.ts';
import type { LiveEngine } from './engine-store.ts';
import type { EvaluateState } from './evaluate-state.ts';
import { ENGINE_VERSION, type ResultLibrary } from './result-book.ts';
import {
  compareRuns,
  type FingerprintSource,
  type LinkedTaskSource,
  type RunFingerprint,
  toMostItems,
  toShortFingerprint,
} from './run-fingerprint.ts';
import type { ShareSource } from './share-source.ts';
import type { LinkedRun } from './share-state.ts';
import { MAX_TASK_LIMIT } from './task-plan.ts';
import type { TaskEntry, TaskState } from './task-state.ts';
import { waitUntil } from './wait-until.ts';

export interface LinkedRunOptions {
  /** Of the link that the page was opened by, in this visit or an earlier one. */
  linked: RunFingerprint | null;
  source: ShareSource;
  engine: LiveEngine;
  board: StoreApi<BoardState>;
  evaluate: { store: StoreApi<EvaluateState> };
  tasks: StoreApi<TaskState>;
  library: () => ResultLibrary | null;
  /** Told once the answers to the linked task are read. */
  onRead: () => void;
}

/** The run that a link told of. */
export interface LiveLinkedRun {
  /** Null once it was put away. */
  fingerprint(): RunFingerprint | null;
  /** Holds it against the answers at hand; null without one, and while the pack is read. */
  compare(): LinkedRun | null;
  /** Reads the task that the link tells of, and what was answered to it here in earlier visits: its tab need not be opened. */
  readTask(): Promise<void>;
  /** Asks the questions about facts, or the documents of the task, in the regimes of the link, on this device. */
  run(part: 'facts' | 'task'): Promise<void>;
  forget(): void;
}

export function createLinkedRun(options: LinkedRunOptions): LiveLinkedRun {
  const { source, engine, board, evaluate, tasks } = options;
  let { linked } = options;
  let isTaskRead = false;

  function toEntry(): TaskEntry | null {
    const { tasks: phase } = tasks.getState();
    const entries = phase.status === 'ready' ? phase.entries : [];
    return entries.find(({ fingerprint }) => fingerprint === linked?.task?.task) ?? null;
  }

  function toTask(answers: FingerprintSource, seed: number): LinkedTaskSource {
    const entry = toEntry();
    if (entry === null && tasks.getState().tasks.status === 'ready') return 'missing';
    return entry === null || !isTaskRead ? 'unread' : source.task(answers, entry, seed);
  }

  /** Whether the model answers now; starts it where it is off. */
  async function whenRunning(): Promise<boolean> {
    if (engine.store.getState().engine.status === 'off') engine.store.getState().runLive('auto');
    const { isReady } = await waitUntil([engine.store], new AbortController().signal, () => {
      const { status } = engine.store.getState().engine;
      return status === 'loading' || status === 'restarting' ? null : { isReady: status === 'ready' };
    });
    return isReady;
  }

  function startTask(items: number): void {
    const entry = toEntry();
    if (entry === null || linked?.task == null) return;
    const { choose, start } = tasks.getState();
    choose({ id: entry.id, seed: linked.task.seed, limit: Math.min(items, MAX_TASK_LIMIT) });
    start();
  }

  return {
    fingerprint: () => linked,
    compare: () => {
      const answers = source.facts(REGIME_KEYS);
      if (linked === null || answers === null) return null;
      const { book } = answers;
      return {
        digits: toShortFingerprint(linked),
        device: linked.device,
        isOtherDevice: book !== null && book.device.device !== linked.device,
        isOtherEngine: linked.engineVersion !== ENGINE_VERSION,
        comparison: compareRuns(linked, answers, toTask(answers, linked.task?.seed ?? 0)),
      };
    },
    readTask: async () => {
      const library = options.library();
      if (linked?.task == null || library === null) return;
      await Promise.all([tasks.getState().load(), library.documents.read(linked.task.task)]);
      isTaskRead = true;
      options.onRead();
    },
    run: async (part) => {
      const regimes = (part === 'facts' ? linked?.regimes : linked?.task?.regimes) ?? [];
      const keys = new Set(regimes.map(({ key }) => key));
      for (const key of REGIME_KEYS) if (keys.has(key)) board.getState().setShown(key, true);
      if (!(await whenRunning())) return;
      if (part === 'facts') evaluate.store.getState().runAccuracy(toMostItems(regimes));
      else startTask(toMostItems(regimes));
    },
    forget: () => {
      linked = null;
    },
  };
}
