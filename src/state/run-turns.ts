import { toWireError } from '../core/errors.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { Run } from './evaluate-state.ts';

export interface Progress {
  done: number;
  total: number;
  nowKey: RegimeKey;
}

/** The reason to abort a run with that is to go on later. */
export const PAUSED = 'paused';

export interface Turn {
  work(signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<Run>;
  /** Told every state of the run, the last one last. */
  show(run: Run): void;
}

/** One run at a time has the engine, whichever store it belongs to. */
export interface RunTurns {
  /** Begins a run and ends the one before; what is returned ends this one. */
  begin(turn: Turn): AbortController;
  /** Whether a run has the engine now. */
  isBusy(): boolean;
}

/** `onEnd` is told after every run, however it ended: others draw from the same answers. */
export function createRunTurns(onEnd: () => void): RunTurns {
  let running = new AbortController();
  let isBusy = false;
  return {
    isBusy: () => isBusy,
    begin: ({ work, show }) => {
      running.abort();
      const own = new AbortController();
      running = own;
      isBusy = true;
      const { signal } = own;
      let last: Progress = { done: 0, total: 0, nowKey: 'dense' };
      let isOver = false;
      const onProgress = (progress: Progress) => {
        last = progress;
        if (!isOver) show({ status: 'running', ...progress });
      };
      // The first to come decides: Stop, or the end of the work.
      const end = (run: Run) => {
        if (isOver) return;
        isOver = true;
        if (running === own) isBusy = false;
        show(run);
        onEnd();
      };
      onProgress(last);
      signal.addEventListener('abort', () => {
        const { done, total } = last;
        end({ status: signal.reason === PAUSED ? 'paused' : 'stopped', done, total });
      });
      void work(signal, onProgress).then(end, (error: unknown) => end({ status: 'failed', error: toWireError(error) }));
      return own;
    },
  };
}
