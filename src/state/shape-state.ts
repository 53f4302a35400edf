import type { TimeChange, TimePhase } from '../core/eval/compare-times.ts';
import type { ShapeKey } from '../core/shape/shape-regimes.ts';
import type { Run } from './evaluate-state.ts';
import type { Latency, Median, ResultSource } from './results.ts';

/** Medians of the sums of a run's GPU kernels, by timestamp query. */
export interface KernelMedians {
  prefillMs: Median;
  perTokenMs: Median;
  kernelsPerToken: number;
}

export interface ShapeRow {
  key: ShapeKey;
  latency: Latency;
  /** How much longer it takes than LoRA unmerged, paired by round; null for that itself, and in a recording that kept medians alone. */
  againstLora: Readonly<Record<TimePhase, TimeChange | null>> | null;
  /** Null where they could not be read, or the timing was stopped before them. */
  kernels: KernelMedians | null;
}

/** Why there are no kernel times: no GPU, a GPU that tells none, or a timing that was stopped before them. */
export type KernelGap = 'no-gpu' | 'no-timestamps' | 'stopped';

/** Random weights in the sizes of a model, timed on one device; no accuracy belongs to them. */
export interface ShapeResults {
  source: ResultSource;
  /** Of the 30 that SmolLM2-135M has. */
  numLayers: number;
  rows: readonly ShapeRow[];
  kernelGap: KernelGap | null;
}

export interface ShapeState {
  /** Measured here, on this device, or without an engine on the one that measured last. */
  live: ShapeResults | null;
  recorded: ShapeResults | null;
  run: Run;
  /** What is done at the moment, in words. */
  now: string | null;
  /** How many a start makes; follows the device until it is chosen. */
  numLayers: number;
  /** Reads what was recorded, once. */
  load(): Promise<void>;
  setLayers(numLayers: number): void;
  /** Makes the weights, times every regime in rounds, reads kernel times where the device tells them, and frees it all. */
  start(): void;
  stop(): void;
}
