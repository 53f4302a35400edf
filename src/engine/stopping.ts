import { AppError } from '../core/errors.ts';

/** Throws `stopped` where the signal has been aborted. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AppError('stopped', 'Stopped.');
}

/** What some work gives, or `stopped` as soon as the signal is aborted: for work that cannot be cut short, whose end nobody waits for then. */
export async function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => {};
  const stopped = new Promise<never>((_, reject) => {
    onAbort = () => reject(new AppError('stopped', 'Stopped.'));
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    stopIfAborted(signal);
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Lets messages in, then throws `stopped` where they have aborted the signal. */
export async function hearStop(signal: AbortSignal | undefined): Promise<void> {
  await turnEventLoop();
  stopIfAborted(signal);
}

/**
 * Lets messages in between two runs, so that Stop is heard: runs on wasm resolve without turning the event loop.
 * A message channel does not wait the 4 ms that a nested `setTimeout` does.
 */
export function turnEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
