/** What anything that may take longer than 100 ms takes beside its input. */
export interface RunOptions {
  /** Stops the work at the next pause; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called at every pause with the parts done, of `total`; the work waits for a promise, so that the caller's event loop can turn. */
  onProgress?: (done: number, total: number) => void | Promise<void>;
}

/** One pause: stops where the signal says so, reports, and waits where the caller asks for it. */
export async function pause(options: RunOptions, done: number, total: number): Promise<void> {
  options.signal?.throwIfAborted();
  await options.onProgress?.(done, total);
  options.signal?.throwIfAborted();
}
