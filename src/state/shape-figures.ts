import type { KernelTimes } from '../engine/kernel-times.ts';
import type { Estimates, Precision } from './estimates.ts';
import { toLatency } from './latency-figures.ts';
import type { ResultSource } from './results.ts';
import type { StoredShape } from './shape-book.ts';
import type { KernelGap, KernelMedians, ShapeResults, ShapeRow } from './shape-state.ts';

/** Timed runs of a shape as the page draws them. */
export async function toShapeResults(
  stored: StoredShape,
  { toMedian, toChange }: Pick<Estimates, 'toMedian' | 'toChange'>,
  precision: Precision,
): Promise<ShapeResults> {
  const lora = stored.rows.find(({ key }) => key === 'lora-unmerged')?.timings;
  const rows: ShapeRow[] = [];
  for (const { key, timings, kernels } of stored.rows) {
    const latency = await toLatency(timings, toMedian, precision);
    if (latency === null) continue;
    const medians = kernels && (await toKernels(kernels, toMedian, precision));
    const againstLora =
      lora === undefined || lora === timings
        ? null
        : {
            ttftMs: await toChange(timings.ttftMs, lora.ttftMs, precision),
            perTokenMs: await toChange(timings.perTokenMs, lora.perTokenMs, precision),
          };
    rows.push({ key, latency, againstLora, kernels: medians });
  }
  const source: ResultSource = { kind: 'live', ...stored.device };
  return { source, numLayers: stored.numLayers, rows, kernelGap: toKernelGap(stored) };
}

async function toKernels(
  { prefillMs, perTokenMs, kernelsPerToken }: KernelTimes,
  toMedian: Estimates['toMedian'],
  precision: Precision,
): Promise<KernelMedians | null> {
  if (prefillMs.length === 0) return null;
  return {
    prefillMs: await toMedian(prefillMs, precision),
    perTokenMs: await toMedian(perTokenMs, precision),
    kernelsPerToken,
  };
}

function toKernelGap({ device, hasTimestamps, rows }: StoredShape): KernelGap | null {
  if (device.deviceKind === 'wasm') return 'no-gpu';
  if (!hasTimestamps) return 'no-timestamps';
  return rows.every(({ kernels }) => kernels !== null) ? null : 'stopped';
}
