import type { ShapeResults } from '../src/state/shape-state.ts';
import type { Stores } from '../src/state/stores.ts';
import { waitUntil } from '../src/state/wait-until.ts';
import { publish } from './page-device.ts';
import { startStores, toRecordedSource, whenRunDone } from './record-stores.ts';

interface ShapesOrder {
  /** Text that names the machine, put behind the device's name. */
  machine: string;
  /** Fewer than all 30 layers, for a trial. */
  numLayers?: number;
}

/** Random weights in SmolLM2-135M's sizes, timed as the page times them. */
async function recordShapes(
  { shapes }: Stores,
  { machine, numLayers = 30 }: ShapesOrder,
): Promise<ShapeResults & { version: 1 }> {
  shapes.getState().setLayers(numLayers);
  shapes.getState().start();
  await whenRunDone(shapes, () => {
    const { run, now } = shapes.getState();
    return { run, label: now ?? 'shapes' };
  });
  const live = await waitUntil([shapes], new AbortController().signal, () => {
    const { live: drawn } = shapes.getState();
    return drawn?.numLayers === numLayers && drawn.rows.every(({ latency }) => latency.ttftMs.low !== null)
      ? drawn
      : null;
  });
  return { version: 1, ...live, source: toRecordedSource(live.source, machine) };
}

void publish(async () => {
  const { stores } = await startStores();
  Object.assign(globalThis, { recordShapes: (order: ShapesOrder) => recordShapes(stores, order) });
  return {};
});
