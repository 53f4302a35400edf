import { SMOLLM2_135M } from '../core/checkpoint/smollm2.ts';
import type { ShapeKey } from '../core/shape/shape-regimes.ts';
import { measureShape, type ShapeRegimeSize, type ShapeSize, toShapeRegimeSize } from '../core/shape/shape-weights.ts';
import type { DeviceReport } from '../engine/protocol.ts';
import { CARRIED_BYTES } from '../engine/shape-limits.ts';

/** What a start would take, known before it. */
export interface ShapePlan {
  /** Held at once while it runs. */
  totalBytes: number;
  /** A sentence where the device cannot hold it. */
  problem: string | null;
}

/** Sizes follow from graphs, which take 20 ms to lay out: each is measured once. */
const measured = new Map<string, ShapeSize>();

function measure(numLayers: number, isCarried: boolean): ShapeSize {
  const key = `${numLayers} ${isCarried}`;
  const size = measured.get(key) ?? measureShape({ ...SMOLLM2_135M, numLayers }, isCarried);
  measured.set(key, size);
  return size;
}

/** Bytes and extra parameters of one regime with so many layers. */
export function toShapeSize(numLayers: number, key: ShapeKey): ShapeRegimeSize {
  return toShapeRegimeSize({ ...SMOLLM2_135M, numLayers }, key, measure(numLayers, false));
}

/** What timing so many layers takes on a device, and whether it can hold them; nothing is made for it. */
export function toShapePlan(numLayers: number, device: DeviceReport | null): ShapePlan {
  const isCarried = device?.kind === 'wasm';
  const { totalBytes, largestBytes } = measure(numLayers, isCarried);
  return { totalBytes, problem: device && toProblem(device, totalBytes, largestBytes) };
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
