import { createStore, type StoreApi } from 'zustand/vanilla';
import { AppError, toWireError } from '../core/errors.ts';
import type { RunTurns } from './run-turns.ts';
import { type LiveCell, type TransferPlace, type TransferState, toPlaceKey } from './transfer-state.ts';
import type { TransferWork, TransferWorkOptions } from './transfer-work.ts';

export interface TransferStoreOptions extends TransferWorkOptions {
  turns: RunTurns;
}

/** The transfer matrix: recorded, and cell by cell measured here. What reads, tests and measures it is loaded when it is first asked for. */
export function createTransferStore(options: TransferStoreOptions): StoreApi<TransferState> {
  const { pack, turns } = options;
  let running = new AbortController();
  let reading: Promise<void> | null = null;
  let loading: Promise<TransferWork> | null = null;

  const store = createStore<TransferState>(() => ({
    recorded: { status: 'loading' },
    live: new Map(),
    load: () => {
      reading ??= read();
      return reading;
    },
    measure: (place, items) => {
      // A cell shows its own state.
      running = turns.begin({
        show: () => undefined,
        work: async (signal) => {
          await measure(place, items, signal);
          return { status: 'idle' };
        },
      });
    },
    stop: () => running.abort(),
  }));

  function loadWork(): Promise<TransferWork> {
    loading ??= import('./transfer-work.ts').then(
      ({ createTransferWork }) => createTransferWork(options),
      (error: unknown) => {
        loading = null;
        throw new AppError('download-failed', 'A part of the page could not be loaded.', {}, error);
      },
    );
    return loading;
  }

  async function read(): Promise<void> {
    try {
      const manifest = await pack.whenRead();
      if (manifest.transfer === undefined) {
        store.setState({ recorded: { status: 'none' } });
        return;
      }
      const bytes = await pack.readListed(manifest.transfer);
      const work = await loadWork();
      store.setState({ recorded: { status: 'ready', transfer: await work.read(bytes, manifest.transfer) } });
    } catch (error) {
      reading = null;
      store.setState({ recorded: { status: 'failed', error: toWireError(error) } });
    }
  }

  function show(place: TransferPlace, cell: LiveCell | null): void {
    const live = new Map(store.getState().live);
    if (cell === null) live.delete(toPlaceKey(place));
    else live.set(toPlaceKey(place), cell);
    store.setState({ live });
  }

  async function measure(place: TransferPlace, items: number, signal: AbortSignal): Promise<void> {
    const known = store.getState().live.get(toPlaceKey(place));
    const former = known?.status === 'done' ? known : null;
    const onProgress = (done: number, total: number) => show(place, { status: 'running', done, total });
    try {
      const work = await loadWork();
      show(place, await work.measure(place, items, onProgress, signal));
    } catch (error) {
      show(place, signal.aborted ? former : { status: 'failed', error: toWireError(error) });
    }
  }

  return store;
}
