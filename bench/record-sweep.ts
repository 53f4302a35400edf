import type { Stores } from '../src/state/stores.ts';
import { DEFAULT_PLAN } from '../src/state/sweep-plan.ts';
import { waitUntil } from '../src/state/wait-until.ts';
import { toSweepFile } from '../src/state/write-sweep.ts';
import { publish } from './page-device.ts';
import { startStores, toRecordedSource, whenRunDone } from './record-stores.ts';

interface SweepOrder {
  /** Text that names the machine, put behind the device's name. */
  machine: string;
  /** Fewer than the plan's, for a trial. */
  itemsPerRegime?: number;
}

/** The default plan, every shipped recipe in it, then the sensitivity of the first one, as the page measures them. */
async function recordSweep(
  stores: Stores,
  { machine, itemsPerRegime = DEFAULT_PLAN.itemsPerRegime }: SweepOrder,
): Promise<ReturnType<typeof toSweepFile>> {
  const { sweep } = stores;
  sweep.getState().setPlan({ ...DEFAULT_PLAN, itemsPerRegime });
  sweep.getState().start();
  await whenSwept(sweep);
  sweep.getState().startSensitivity();
  await whenSwept(sweep);
  const live = await waitUntil([sweep], new AbortController().signal, () => {
    const drawn = sweep.getState().live;
    return drawn?.sensitivity?.cells.every(({ accuracy }) => accuracy?.n === itemsPerRegime) ? drawn : null;
  });
  return toSweepFile({ ...live, source: toRecordedSource(live.source, machine) });
}

async function whenSwept(sweep: Stores['sweep']): Promise<void> {
  await whenRunDone(sweep, () => {
    const { run, runOf, now } = sweep.getState();
    return { run, label: now ?? runOf };
  });
  for (const { label, error } of sweep.getState().leftOut) console.log(`left out: ${label}: ${error.message}`);
}

void publish(async () => {
  const { stores } = await startStores();
  Object.assign(globalThis, { recordSweep: (order: SweepOrder) => recordSweep(stores, order) });
  return {};
});
