import { AppError, toAppError, type WireError } from '../core/errors.ts';
import { LONG_CALLS } from './long-statistics.ts';
import type { StatisticsInput, StatisticsName, StatisticsOutput } from './statistics-calls.ts';

/** Statistics that take long, away from the thread that draws. */
export interface Statistics {
  /** The named function's result; rejects with `AppError` where it throws. Long calls are answered in their order, and so are all others. */
  compute<K extends StatisticsName>(name: K, ...input: StatisticsInput<K>): Promise<StatisticsOutput<K>>;
}

export interface ToStatistics {
  id: number;
  name: StatisticsName;
  input: StatisticsInput<StatisticsName>;
}

export type FromStatistics =
  | { id: number; output: StatisticsOutput<StatisticsName> }
  | { id: number; error: WireError };

/** A running worker; tests put an in-process one in its place. */
export interface StatisticsPort {
  postMessage(message: ToStatistics): void;
  terminate(): void;
}

export interface StatisticsListeners {
  onMessage: (message: FromStatistics) => void;
  /** The script could not be loaded or threw outside of a call. */
  onError: () => void;
}

export type SpawnStatistics = (listeners: StatisticsListeners) => StatisticsPort;

interface Pending {
  name: StatisticsName;
  input: StatisticsInput<StatisticsName>;
  resolve: (output: never) => void;
  reject: (error: unknown) => void;
}

function spawnStatisticsWorker({ onMessage, onError }: StatisticsListeners): StatisticsPort {
  const worker = new Worker(new URL('./statistics.worker.ts', import.meta.url), {
    type: 'module',
    name: 'recall-lab-statistics',
  });
  worker.onmessage = (event: MessageEvent<FromStatistics>) => onMessage(event.data);
  worker.onerror = onError;
  worker.onmessageerror = onError;
  return worker;
}

export interface StatisticsOptions {
  spawn?: SpawnStatistics;
  /** Resolves once the page has nothing to draw: long calls begin then, so that they do not take the processor from what was asked for first. */
  whenIdle?: () => Promise<void>;
}

/** Statistics in two workers of their own, one for long calls; each starts with its first call. Where it cannot run, this thread computes: slower to the touch, but nothing is missing. */
export function createStatistics({ spawn = spawnStatisticsWorker, whenIdle }: StatisticsOptions = {}): Statistics {
  const pending = new Map<number, Pending>();
  let lastIdle = Promise.resolve();
  const ports = new Map<'long' | 'short', StatisticsPort>();
  let isBroken = false;
  let lastId = 0;

  function onMessage(message: FromStatistics): void {
    const call = pending.get(message.id);
    if (call === undefined) return;
    pending.delete(message.id);
    if ('error' in message) call.reject(toAppError(message.error));
    else call.resolve(message.output as never);
  }

  function giveUp(): void {
    isBroken = true;
    for (const port of ports.values()) port.terminate();
    ports.clear();
    const left = [...pending.values()];
    pending.clear();
    for (const call of left) computeHere(call);
  }

  /** Long calls wait for the page, each in its turn. */
  function send(id: number, call: Pending): void {
    if (whenIdle === undefined || !LONG_CALLS.has(call.name)) {
      post(id, call);
      return;
    }
    lastIdle = lastIdle.then(whenIdle).then(() => {
      // Where workers were given up meanwhile, it was computed here.
      if (pending.has(id)) post(id, call);
    });
  }

  function post(id: number, { name, input }: Pending): void {
    try {
      const lane = LONG_CALLS.has(name) ? 'long' : 'short';
      const port = ports.get(lane) ?? spawn({ onMessage, onError: giveUp });
      ports.set(lane, port);
      port.postMessage({ id, name, input });
    } catch {
      // A browser without module workers, or one that refuses them.
      giveUp();
    }
  }

  return {
    compute: (name, ...input) =>
      new Promise((resolve, reject) => {
        const call: Pending = { name, input, resolve, reject };
        if (isBroken) {
          computeHere(call);
          return;
        }
        lastId++;
        pending.set(lastId, call);
        send(lastId, call);
      }),
  };
}

let loading: Promise<typeof import('./statistics-calls.ts')> | null = null;

/** The functions are loaded where they compute, once: a page whose workers run never needs them itself. */
async function compute<K extends StatisticsName>(name: K, input: StatisticsInput<K>): Promise<StatisticsOutput<K>> {
  loading ??= import('./statistics-calls.ts').catch((error: unknown) => {
    loading = null;
    throw new AppError('download-failed', 'A part of the page could not be loaded. Check the connection.', {}, error);
  });
  const { computeStatistic } = await loading;
  return computeStatistic(name, input);
}

function computeHere({ name, input, resolve, reject }: Pending): void {
  compute(name, input).then((output) => resolve(output as never), reject);
}

/** Statistics in this thread, for where no page waits. */
export function createPlainStatistics(): Statistics {
  return { compute: async (name, ...input) => compute(name, input) };
}
