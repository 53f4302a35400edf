import { SMOLLM2_135M } from '../core/checkpoint/smollm2.ts';
import { AppError } from '../core/errors.ts';
import { SHAPE_KEYS, type ShapeKey } from '../core/shape/shape-regimes.ts';
import type { KernelTimes } from '../engine/kernel-times.ts';
import type { EnginePhase } from './engine-state.ts';
import type { LiveEngine } from './engine-store.ts';
import { toStoredDevice } from './result-book.ts';
import type { StoredShape } from './shape-book.ts';
import { SHAPE_LABELS } from './shape-words.ts';
import { type TimedRoundsOptions, timeRounds } from './timed-rounds.ts';
import type { Timings } from './timings.ts';

/** Rounds at most: intervals of a large shape are narrow long before. */
const MAX_ROUNDS = 30;

/** Profiled runs of each regime: enough for an interval; each makes hundreds of timestamps. */
const PROFILED_RUNS = 10;

export interface ShapeRunOptions
  extends Pick<TimedRoundsOptions<ShapeKey>, 'isSettled' | 'wasDisturbed' | 'whenQuiet' | 'isHidden' | 'onHidden'> {
  engine: LiveEngine;
  numLayers: number;
  /** ISO 8601. */
  date: () => string;
  onProgress: (done: number, total: number) => void;
  onNow: (now: string) => void;
  /** Told what there is so far; whether it is kept. */
  onTimed: (shape: StoredShape) => boolean;
  signal: AbortSignal;
}

/**
 * Makes random weights of so many layers of SmolLM2-135M's shape, times every regime in rounds, reads the times of kernels where the device tells them, and frees
 * everything, whatever ends it. Resolves with the number of timed runs that count.
 */
export async function runShape(options: ShapeRunOptions): Promise<number> {
  const { engine, numLayers, onNow, onProgress, signal } = options;
  const { engine: phase } = engine.store.getState();
  if (phase.status !== 'ready') throw new AppError('stopped', 'The device is being replaced. Start again.');
  const hasTimestamps = phase.device.features.includes('timestamp-query');
  const toStored = (runs: readonly Timings[], kernels: ReadonlyMap<ShapeKey, KernelTimes>): StoredShape => ({
    device: { ...toStoredDevice(phase.device), date: options.date() },
    hasTimestamps,
    numLayers,
    rows: SHAPE_KEYS.flatMap((key, i) => {
      const timings = runs[i];
      return timings === undefined ? [] : [{ key, timings, kernels: toKernels(kernels.get(key)) }];
    }),
  });
  let counted: readonly Timings[] = [];
  try {
    onNow('Making random weights');
    const config = { ...SMOLLM2_135M, numLayers };
    await engine.call(
      'loadShape',
      { config },
      { signal, onEvent: ({ label }) => onNow(`Making random weights: ${label}`) },
    );
    const rounds = await timeRounds({
      ...options,
      units: SHAPE_KEYS,
      maxRounds: MAX_ROUNDS,
      timerResolutionMs: phase.device.timerResolutionMs,
      startedAt: options.date(),
      prepare: async (key) => onNow(`Warming up: ${SHAPE_LABELS[key]}`),
      time: (key) => callOn(options, phase, () => engine.call('timeShape', { key }, { signal })),
      onProgress: (done, total, key) => {
        onProgress(done, total);
        if (done > 0) onNow(`Timing ${SHAPE_LABELS[key]}`);
      },
      onRound: (runs) => {
        counted = runs;
        return options.onTimed(toStored(runs, new Map()));
      },
    });
    if (hasTimestamps) {
      const kernels = new Map<ShapeKey, KernelTimes>();
      for (const key of SHAPE_KEYS) {
        onNow(`Reading kernel times: ${SHAPE_LABELS[key]}`);
        const call = () => engine.call('profileShape', { key, runs: PROFILED_RUNS }, { signal });
        kernels.set(key, await callOn(options, phase, call));
      }
      options.onTimed(toStored(counted, kernels));
    }
    return rounds * SHAPE_KEYS.length;
  } finally {
    await release(engine, phase);
  }
}

/** A call on the device of `ready`: what another one takes belongs into no figure of this. */
async function callOn<T>({ engine, signal }: ShapeRunOptions, ready: EnginePhase, call: () => Promise<T>): Promise<T> {
  const isReplaced = () => engine.store.getState().engine !== ready;
  if (isReplaced()) throw new AppError('stopped', 'The device was replaced during the timing. Start again.');
  const result = await call();
  if (signal.aborted) throw new AppError('stopped', 'Stopped.');
  return result;
}

/** Frees the weights; a device that was replaced took them with it. */
async function release(engine: LiveEngine, ready: EnginePhase): Promise<void> {
  if (engine.store.getState().engine !== ready) return;
  await engine.call('releaseShape', {}).catch(() => undefined);
}

function toKernels(times: KernelTimes | undefined): StoredShape['rows'][number]['kernels'] {
  if (times === undefined) return null;
  return { ...times, prefillMs: [...times.prefillMs], perTokenMs: [...times.perTokenMs] };
}
