import { SMOLLM2_135M } from '../core/checkpoint/smollm2.ts';
import { measureShape } from '../core/shape/shape-weights.ts';
import type { DeviceReport } from '../engine/protocol.ts';
import { CARRIED_BYTES } from '../engine/shape-limits.ts';
import type { ShapePlan } from './shape-state.ts';

/** Layers that a person can choose; the last are all that SmolLM2-135M has. */
export const LAYER_CHOICES = [2, 4, 12, 30] as const;

/** As many as a device times within minutes: all on a GPU, few where the GPU is emulated or there is none. */
export function defaultLayers(device: DeviceReport | null): number {
  if (device === null || (device.kind === 'webgpu' && device.adapter?.isSoftware !== true)) return 30;
  return device.kind === 'wasm' ? 4 : 2;
}

/** What timing so many layers takes on a device, and whether it can hold them; nothing is made for it. */
export function toShapePlan(numLayers: number, device: DeviceReport | null): ShapePlan {
  const isCarried = device?.kind === 'wasm';
  const { totalBytes, largestBytes } = measureShape({ ...SMOLLM2_135M, numLayers }, isCarried);
  return { numLayers, totalBytes, problem: device && toProblem(device, totalBytes, largestBytes) };
}

function toProblem({ kind, limits }: DeviceReport, totalBytes: number, largestBytes: number): string | null {
  if (kind === 'wasm') {
    return totalBytes <= CARRIED_BYTES
      ? null
      : `The weights in the graphs would take ${toMegabytes(totalBytes)}; on wasm ${toMegabytes(CARRIED_BYTES)} is the most that is tried. Choose fewer layers.`;
  }
  const { maxBufferSize = largestBytes, maxStorageBufferBindingSize = largestBytes } = limits;
  const allowed = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  if (largestBytes <= allowed) return null;
  return `The embeddings take ${toMegabytes(largestBytes)}; this GPU binds at most ${toMegabytes(allowed)} at once. Run on the CPU (wasm) instead.`;
}

function toMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)}\u00a0MB`;
}
