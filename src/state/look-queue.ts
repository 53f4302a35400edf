import { toWireError } from '../core/errors.ts';
import { isLost, isStopped } from './engine-faults.ts';
import type { LiveEngine } from './engine-store.ts';
import type { InsideBlock } from './inside-context.ts';
import type { Looked } from './inside-state.ts';
import { isReplacing } from './score-block.ts';

/** One look at the model; the same key for the same outcome. */
export interface LookRequest<T> {
  key: string;
  /** Rejects once the signal aborts. */
  run(signal: AbortSignal, onProgress: (progress: { done: number; total: number }) => void): Promise<T>;
}

export interface LookQueue<T> {
  /** What is wanted now, the first at first: what else is under way is stopped, and what else waits is dropped. */
  want(requests: readonly LookRequest<T>[], isFree: boolean): void;
  /** The outcome of a key as far as it is there; the same object while it is. */
  at(key: string): Looked<T>;
  /** What failed is looked at once more when it is wanted. */
  forgetFailures(): void;
}

export interface LookQueueOptions {
  engine: LiveEngine;
  /** How many outcomes are kept. */
  limit: number;
  /** Told whenever an outcome moves; `want` is then to be said again. */
  onChange: () => void;
}

/** A device that is replaced under a look this often will not answer it. */
const MAX_TRIES = 3;

const NONE = { status: 'none' } as const;
/** Wanted, and not begun. */
export const WAITING = { status: 'running', done: 0, total: 1 } as const;

/** Looks at the model one at a time, the newest wishes alone, and keeps what came of them. */
export function createLookQueue<T>({ engine, limit, onChange }: LookQueueOptions): LookQueue<T> {
  const kept = new Map<string, Looked<T>>();
  const failures = new Map<string, Looked<T>>();
  const tries = new Map<string, number>();
  let waiting: ReadonlySet<string> = new Set();
  let current: { key: string; looked: Looked<T>; abort: AbortController } | null = null;

  function keep(key: string, of: T): void {
    kept.set(key, { status: 'ready', of });
    tries.delete(key);
    for (const oldest of kept.keys()) {
      if (kept.size <= limit) break;
      kept.delete(oldest);
    }
  }

  /** A look that a replaced device did not answer is begun anew once there is one. */
  function miss(key: string, error: unknown): void {
    const count = (tries.get(key) ?? 0) + 1;
    tries.set(key, count);
    const isPassing = isStopped(error) || isLost(error) || isReplacing(engine);
    if (!isPassing || count >= MAX_TRIES) failures.set(key, { status: 'failed', error: toWireError(error) });
  }

  function begin({ key, run }: LookRequest<T>): void {
    const abort = new AbortController();
    const own = { key, looked: WAITING as Looked<T>, abort };
    current = own;
    const onProgress = (progress: { done: number; total: number }) => {
      if (current !== own) return;
      own.looked = { status: 'running', ...progress };
      onChange();
    };
    const end = (settle: () => void) => {
      if (current !== own) return;
      current = null;
      settle();
      onChange();
    };
    run(abort.signal, onProgress).then(
      (of) => end(() => keep(key, of)),
      (error: unknown) => end(() => miss(key, error)),
    );
  }

  return {
    want: (requests, isFree) => {
      const isWanted = requests.some(({ key }) => key === current?.key);
      if (current !== null && !isWanted) {
        current.abort.abort();
        current = null;
      }
      for (const { key } of requests) {
        // What is looked at now is forgotten last.
        const known = kept.get(key);
        if (known !== undefined && kept.delete(key)) kept.set(key, known);
      }
      const missing = requests.filter(({ key }) => !kept.has(key) && !failures.has(key));
      waiting = new Set(isFree ? missing.map(({ key }) => key) : []);
      if (current === null && isFree && missing[0] !== undefined) begin(missing[0]);
    },
    at: (key) =>
      kept.get(key) ?? failures.get(key) ?? (current?.key === key ? current.looked : waiting.has(key) ? WAITING : NONE),
    forgetFailures: () => {
      failures.clear();
      tries.clear();
    },
  };
}

/** An outcome as it is shown: one that cannot come about says why. */
export function orBlocked<T>(looked: Looked<T>, block: InsideBlock | null): Looked<T> {
  return looked.status === 'none' && block?.error ? { status: 'failed', error: block.error } : looked;
}

/** Whether two outcomes say the same; what is ready is compared as the object that it is. */
export function isSameLooked<T>(one: Looked<T>, other: Looked<T> | undefined): boolean {
  if (one === other) return true;
  if (one.status === 'ready' || one.status !== other?.status) return false;
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Those who look: `watch` adds one and returns the way to leave. */
export interface Watchers {
  isWatched(): boolean;
  watch(): () => void;
}

/** `onFirst` is told before anybody watches, `onChange` of everyone who comes or leaves. */
export function createWatchers(onFirst: () => void, onChange: () => void): Watchers {
  const watchers = new Set<object>();
  return {
    isWatched: () => watchers.size > 0,
    watch: () => {
      const watcher = {};
      if (watchers.size === 0) onFirst();
      watchers.add(watcher);
      onChange();
      return () => {
        if (watchers.delete(watcher)) onChange();
      };
    },
  };
}
