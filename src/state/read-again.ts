import type { StoreApi } from 'zustand/vanilla';
import type { WireError } from '../core/errors.ts';
import type { ComparisonsState } from './comparisons-state.ts';
import type { FatesState } from './fates-state.ts';
import type { LivePack } from './pack-store.ts';
import type { Platform } from './platform.ts';
import type { LiveSweep } from './sweep-store.ts';
import type { TaskState } from './task-state.ts';
import type { TransferState } from './transfer-state.ts';

interface ReadingStores {
  pack: LivePack;
  comparisons: StoreApi<ComparisonsState>;
  fates: StoreApi<FatesState>;
  sweep: LiveSweep;
  tasks: StoreApi<TaskState>;
  transfer: StoreApi<TransferState>;
}

type Phase = { status: string } | { status: 'failed'; error: WireError };

/** What lacked a connection is read again once the browser has one, and what needs the pack's facts once those are there. */
export function keepReading(platform: Pick<Platform, 'onOnline'>, stores: ReadingStores): void {
  const { pack, comparisons, fates, sweep, tasks, transfer } = stores;

  function readAgain(): void {
    const { recorded, dose, load, loadDose } = fates.getState();
    if (isLacking(recorded)) load();
    if (isLacking(dose)) void loadDose();
    if (isLacking(comparisons.getState().recorded)) comparisons.getState().load();
    if (isLacking(tasks.getState().tasks)) void tasks.getState().load();
    if (isLacking(transfer.getState().recorded)) void transfer.getState().load();
    sweep.readAgain();
  }

  platform.onOnline(() => {
    const { pack: manifest, facts, recorded, loadPack } = pack.store.getState();
    if ([manifest, facts, recorded].some(isLacking)) void loadPack();
    readAgain();
  });
  pack.store.subscribe(({ facts }, previous) => {
    if (facts !== previous.facts && facts.status === 'ready') readAgain();
  });
}

function isLacking(phase: Phase): boolean {
  return 'error' in phase && phase.error.code === 'download-failed';
}
