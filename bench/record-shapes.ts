import { SHAPE_KEYS } from '../src/core/shape/shape-regimes.ts';
import type { ShapeResults } from '../src/state/shape-state.ts';
import type { Stores } from '../src/state/stores.ts';
import { publish } from './page-device.ts';
import { startStores, toRecordedSource, whenRunDone } from './record-stores.ts';

/** Medians of seven regimes take a fraction of it. */
const LAST_DRAWING_MS = 5000;

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
  const { run } = shapes.getState();
  const rounds = run.status === 'done' ? run.total / SHAPE_KEYS.length : 0;
  // The last drawing, with all its resamples, follows the end of the run.
  await new Promise((resolve) => setTimeout(resolve, LAST_DRAWING_MS));
  const { live } = shapes.getState();
  if (live?.rows[0]?.latency.ttftMs.n !== rounds) throw new Error('The last round was not drawn.');
  return { version: 1, ...live, source: toRecordedSource(live.source, machine) };
}

void publish(async () => {
  const { stores } = await startStores();
  Object.assign(globalThis, { recordShapes: (order: ShapesOrder) => recordShapes(stores, order) });
  return {};
});
