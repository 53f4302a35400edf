import { AppError, toAppError, type WireError } from '../core/errors.ts';
import { stopIfAborted } from '../engine/stopping.ts';
import type { ReadFile } from './given-file.ts';
import type { ReadImports } from './imported-runs.ts';
import type { RunPlace } from './saved-run.ts';

/** Reads runs out of files, away from the thread that draws: unpacking and reading them takes seconds, and so do their intervals. */
export interface RunsReader {
  /** The runs in some files, whose bytes are handed over; a bad file costs only itself. Rejects with `worker-failed` where reading breaks off, and with `stopped` once the signal is aborted. */
  read(files: readonly ReadFile[], place: RunPlace, signal?: AbortSignal): Promise<ReadImports>;
}

export interface ToReader {
  files: readonly ReadFile[];
  place: RunPlace;
}

/** `ready` comes first, before any file is handed over. */
export type FromReader = 'ready' | ReadImports | { error: WireError };

/** A running worker; tests put an in-process one in its place. */
export interface ReaderPort {
  postMessage(message: ToReader, transfer: Transferable[]): void;
  terminate(): void;
}

export interface ReaderListeners {
  onMessage: (message: FromReader) => void;
  /** The script could not be loaded, or broke off. */
  onError: () => void;
}

export type SpawnReader = (listeners: ReaderListeners) => ReaderPort;

function spawnReader({ onMessage, onError }: ReaderListeners): ReaderPort {
  const worker = new Worker(new URL('./imports.worker.ts', import.meta.url), {
    type: 'module',
    name: 'recall-lab-imports',
  });
  worker.onmessage = (event: MessageEvent<FromReader>) => onMessage(event.data);
  worker.onerror = onError;
  worker.onmessageerror = onError;
  return worker;
}

/** Reads in a worker of its own, ended after each reading: runs take much memory. Where it cannot start, this thread reads. */
export function createRunsReader(spawn: SpawnReader = spawnReader): RunsReader {
  return {
    read: async (files, place, signal) =>
      (await readInWorker(spawn, { files, place }, signal)) ?? (await readHere(files, place, signal)),
  };
}

/** Reads in this thread, for where no page waits. */
export function createPlainRunsReader(): RunsReader {
  return { read: readHere };
}

async function readHere(files: readonly ReadFile[], place: RunPlace, signal?: AbortSignal): Promise<ReadImports> {
  const { readImports } = await import('./imported-runs.ts');
  return readImports(files, place, signal);
}

/** Null, and the files still here, where no worker starts. */
function readInWorker(spawn: SpawnReader, input: ToReader, signal?: AbortSignal): Promise<ReadImports | null> {
  return new Promise((resolve, reject) => {
    stopIfAborted(signal);
    let port: ReaderPort | null = null;
    const onAbort = () => {
      port?.terminate();
      reject(new AppError('stopped', 'Stopped.'));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const end = () => {
      port?.terminate();
      signal?.removeEventListener('abort', onAbort);
    };
    let isReady = false;
    const onMessage = (message: FromReader) => {
      if (message === 'ready') {
        isReady = true;
        const buffers = input.files.map(({ bytes }) => bytes.buffer);
        port?.postMessage(input, buffers);
        return;
      }
      end();
      if ('error' in message) reject(toAppError(message.error));
      else resolve(message);
    };
    const onError = () => {
      end();
      const text = 'Reading the files broke off, perhaps for want of memory. Bring fewer or smaller ones at a time.';
      if (isReady) reject(new AppError('worker-failed', text));
      else resolve(null);
    };
    try {
      port = spawn({ onMessage, onError });
    } catch {
      // A browser without module workers, or one that refuses them.
      end();
      resolve(null);
    }
  });
}
