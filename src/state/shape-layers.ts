import type { DeviceReport } from '../engine/protocol.ts';

/** Layers that a person can choose; the last are all that SmolLM2-135M has. */
export const LAYER_CHOICES = [2, 4, 12, 30] as const;

/** As many as a device times within minutes: all on a GPU, few where the GPU is emulated or there is none. */
export function defaultLayers(device: DeviceReport | null): number {
  if (device === null || (device.kind === 'webgpu' && device.adapter?.isSoftware !== true)) return 30;
  return device.kind === 'wasm' ? 4 : 2;
}
