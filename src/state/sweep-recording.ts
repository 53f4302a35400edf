import { toWireError } from '../core/errors.ts';
import { SWEEP_ID } from '../core/pack/manifest.ts';
import { turnEventLoop } from '../engine/stopping.ts';
import type { PlannedItem } from './evaluation-plan.ts';
import type { LivePack } from './pack-store.ts';
import type { SweepResults } from './sweep-state.ts';
import type { SweepWork } from './sweep-work.ts';
import { waitUntil } from './wait-until.ts';

interface RecordingOptions {
  pack: LivePack;
  /** All that can be asked, in its order; null before the facts are there. */
  toAllItems: () => readonly PlannedItem[] | null;
  loadWork: () => Promise<SweepWork>;
  onRecorded: (recorded: SweepResults) => void;
  /** Told what is wrong with the recorded sweep; null once it was read after all. */
  onDamaged: (text: string | null) => void;
}

/** The sweep that the pack came with. */
export interface SweepRecording {
  /** Reads it as soon as the facts are there. */
  read(): Promise<void>;
  /** Reads it again where it lacked a connection. */
  readAgain(): void;
  /** Computes its comparisons, now or once it is there. */
  compare(): Promise<void>;
}

const NEVER = new AbortController().signal;

export function createSweepRecording(options: RecordingOptions): SweepRecording {
  const { pack, toAllItems, loadWork, onRecorded, onDamaged } = options;
  let recorded: SweepResults | null = null;
  let isLacking = false;
  /** Whether the comparisons are asked for, and their computing. */
  let isWanted = false;
  let comparing: Promise<void> | null = null;

  async function read(): Promise<void> {
    isLacking = false;
    const entry = pack.manifest()?.recorded.find(({ id }) => id === SWEEP_ID);
    if (entry === undefined) return;
    try {
      const [bytes, work] = await Promise.all([pack.readListed(entry.path), loadWork()]);
      await waitUntil([pack.store], NEVER, () => pack.store.getState().facts.status === 'ready' || null);
      // Planning and parsing take tens of milliseconds each: in tasks of their own.
      await turnEventLoop();
      const items = toAllItems() ?? [];
      await turnEventLoop();
      recorded = work.parseSweep(bytes, entry.path, items);
      onRecorded(recorded);
      onDamaged(null);
      if (isWanted) await compare();
    } catch (error) {
      const { code, message } = toWireError(error);
      isLacking = code === 'download-failed';
      onDamaged(`The recorded sweep cannot be shown. ${message}`);
    }
  }

  function compare(): Promise<void> {
    isWanted = true;
    comparing ??= computeFamily().finally(() => {
      comparing = null;
    });
    return comparing;
  }

  async function computeFamily(): Promise<void> {
    if (recorded === null || recorded.family !== null) return;
    try {
      const work = await loadWork();
      const family = await work.compareRecorded(recorded, toAllItems()?.length ?? 0);
      recorded = { ...recorded, family };
      onRecorded(recorded);
    } catch (error) {
      onDamaged(`The comparisons of the recorded sweep cannot be shown. ${toWireError(error).message}`);
    }
  }

  const readAgain = () => {
    if (isLacking) void read();
  };
  return { read, readAgain, compare };
}
