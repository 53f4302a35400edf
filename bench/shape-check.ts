import { SMOLLM2_135M } from '../src/core/checkpoint/smollm2.ts';
import { SHAPE_KEYS, type ShapeKey } from '../src/core/shape/shape-regimes.ts';
import type { KernelTimes } from '../src/engine/kernel-times.ts';
import type { TimedRun } from '../src/engine/protocol.ts';
import { ShapeModel } from '../src/engine/shape-model.ts';
import { createPageRuntime, publish } from './page-device.ts';

/** Every regime of a small shape on the device, once, and the kernels of one. */
export interface ShapeCheck {
  device: string;
  runs: Readonly<Record<string, TimedRun>>;
  kernels: Readonly<Record<string, KernelTimes>>;
  /** Bytes on the device while the shape is loaded, and after it. */
  loadedBytes: number;
  leftBytes: number;
}

/** Two narrow layers: an emulated GPU takes half a second for a step of one as wide as SmolLM2's. */
const CONFIG = {
  ...SMOLLM2_135M,
  hiddenSize: 192,
  intermediateSize: 384,
  numLayers: 2,
  numHeads: 3,
  numKvHeads: 1,
  vocabSize: 256,
};
const PROFILED: readonly ShapeKey[] = ['dense', 'four-bit'];

void publish(async (): Promise<ShapeCheck> => {
  const { runtime, device } = await createPageRuntime();
  const model = new ShapeModel(runtime, CONFIG);
  await model.load();
  const loadedBytes = runtime.ownedBytes;
  const runs: Record<string, TimedRun> = {};
  for (const key of SHAPE_KEYS) runs[key] = await model.time(key);
  const kernels: Record<string, KernelTimes> = {};
  for (const key of PROFILED) kernels[key] = await model.profile(key, 2);
  await model.dispose();
  return { device, runs, kernels, loadedBytes, leftBytes: runtime.ownedBytes };
});
