import type { StoreApi } from 'zustand/vanilla';
import { AppError } from '../core/errors.ts';

/** Looks at the stores now and after every change until `look` gives a value or throws. Rejects with code `stopped` when the signal ends it. */
export function waitUntil<T>(
  stores: readonly Pick<StoreApi<unknown>, 'subscribe'>[],
  signal: AbortSignal,
  look: () => T | null,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const unsubscribe = stores.map((store) => store.subscribe(() => check()));
    const stopped = () => new AppError('stopped', 'Stopped.');
    const onAbort = () => end(() => reject(stopped()));
    signal.addEventListener('abort', onAbort, { once: true });

    function end(settle: () => void): void {
      for (const stop of unsubscribe) stop();
      signal.removeEventListener('abort', onAbort);
      settle();
    }
    function check(): void {
      try {
        if (signal.aborted) throw stopped();
        const value = look();
        if (value !== null) end(() => resolve(value));
      } catch (error) {
        end(() => reject(error));
      }
    }
    check();
  });
}
