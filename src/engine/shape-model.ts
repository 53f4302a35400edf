import type { ModelConfig } from '../core/checkpoint/checkpoint.ts';
import { AppError } from '../core/errors.ts';
import { GREEDY } from '../core/eval/sampling.ts';
import { DECODER_INPUTS } from '../core/onnx/decoder-spec.ts';
import { formOf, SHAPE_FORMS, type ShapeForm, type ShapeKey, toShapeSpec } from '../core/shape/shape-regimes.ts';
import {
  createRandomWeights,
  measureShape,
  type RandomWeights,
  toShapeWeights,
  toWeightBytes,
  toWeightKey,
} from '../core/shape/shape-weights.ts';
import { createDecoder, type Decoder } from './decoder.ts';
import { measureFixedLoopMs } from './fixed-loop.ts';
import { generateTokens, toTimedRun } from './generation.ts';
import { range } from './help.ts';
import { type KernelTimes, toKernelTimes } from './kernel-times.ts';
import type { LoadProgress, TimedRun } from './protocol.ts';
import type { OwnedTensor, Runtime } from './session.ts';
import { createShapeHelps, type ShapeHelps } from './shape-helps.ts';
import { CARRIED_BYTES } from './shape-limits.ts';
import { stopIfAborted } from './stopping.ts';
import { TensorSet } from './weights.ts';

/** Tokens of the context, about a question with a sentence before it, and tokens decoded behind it. */
const CONTEXT_LENGTH = 32;
const NEW_TOKENS = 8;

/** Runs of a profiled session that do not count: its kernels come into the cache of the device. */
const PROFILE_WARM_UP_RUNS = 1;

export interface ShapeOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** Random weights in the sizes of a model, ready to be timed in every regime; `dispose` frees all of it. */
export class ShapeModel {
  private readonly runtime: Runtime;
  private readonly config: ModelConfig;
  /** On wasm a run copies whatever is bound, so there the graphs carry their weights. */
  private readonly isCarried: boolean;
  private readonly random: RandomWeights;
  /** What is bound, by `toWeightKey`: forms share what they have alike. */
  private readonly tensors = new TensorSet();
  private readonly weights = new Map<ShapeForm, ReadonlyMap<string, OwnedTensor>>();
  private readonly decoders = new Map<ShapeForm, Decoder>();
  private helps: ShapeHelps | null = null;

  constructor(runtime: Runtime, config: ModelConfig) {
    this.runtime = runtime;
    this.config = config;
    this.isCarried = runtime.kind === 'wasm';
    this.random = createRandomWeights(config);
  }

  /** Makes weights and sessions; throws `limit-exceeded` before anything is made that the device cannot hold. */
  async load({ signal, onProgress }: ShapeOptions = {}): Promise<void> {
    const { totalBytes } = this.checkLimits();
    const tell = (label: string) => {
      stopIfAborted(signal);
      onProgress?.({ phase: 'compiling', loadedBytes: this.tensors.sizeBytes, totalBytes, label });
    };
    tell('random weights');
    await this.withMemoryCheck(() => {
      for (const form of SHAPE_FORMS) this.weights.set(form, this.isCarried ? new Map() : this.bindWeights(form));
    });
    for (const form of SHAPE_FORMS) {
      tell(`graph, ${form}`);
      this.decoders.set(form, await this.createDecoder(form, false));
    }
    tell('prompts');
    this.helps = await createShapeHelps(this.runtime, this.decoderOf('dense'), this.random, !this.isCarried);
  }

  /** Bytes of the buffers, and of what graphs carry. */
  get sizeBytes(): number {
    return measureShape(this.config, this.isCarried).totalBytes;
  }

  /** One timed run: routing where the regime has a pool, prefill, then greedy tokens. */
  async time(key: ShapeKey, signal?: AbortSignal): Promise<TimedRun> {
    const fixedLoopMs = measureFixedLoopMs();
    const run = await this.run(key, this.decoderOf(formOf(key)));
    stopIfAborted(signal);
    return toTimedRun(run, fixedLoopMs);
  }

  /** GPU time of the kernels of such runs, by timestamp query; throws `limit-exceeded` where the device has none. */
  async profile(key: ShapeKey, runs: number, signal?: AbortSignal): Promise<KernelTimes> {
    if (this.runtime.device?.features.has('timestamp-query') !== true) {
      const message = 'This device has no timestamp queries, so the times of its kernels cannot be read.';
      throw new AppError('limit-exceeded', message, { observed: 'none', allowed: 'timestamp-query' });
    }
    const decoder = await this.createDecoder(formOf(key), true);
    try {
      for (let i = 0; i < PROFILE_WARM_UP_RUNS + runs; i++) {
        await this.run(key, decoder);
        stopIfAborted(signal);
      }
      return toKernelTimes(await decoder.endProfiling(), { warmUpRuns: PROFILE_WARM_UP_RUNS, newTokens: NEW_TOKENS });
    } finally {
      await decoder.dispose();
    }
  }

  async dispose(): Promise<void> {
    const sessions = [...this.decoders.values(), ...(this.helps === null ? [] : [this.helps])];
    this.decoders.clear();
    this.helps = null;
    this.weights.clear();
    this.tensors.dispose();
    // All of them, whichever fails: a worker that stays must not keep half a gigabyte.
    const released = await Promise.allSettled(sessions.map((each) => each.dispose()));
    for (const each of released) if (each.status === 'rejected') throw each.reason;
  }

  private run(key: ShapeKey, decoder: Decoder) {
    const { helps } = this;
    if (helps === null) throw new AppError('internal', 'The shape was timed before it was loaded.');
    const routing = key === 'idp' ? helps.routing : null;
    const regime = {
      decoder,
      weights: new Map([...(this.weights.get(formOf(key)) ?? []), ...(routing === null ? [] : helps.routerWeights)]),
      helps: key === 'prompt' ? [helps.prompt] : key === 'idp' ? helps.pool : [helps.plain],
      routing,
    };
    const options = { maxNewTokens: NEW_TOKENS, sampling: GREEDY, endTokenId: null };
    // The lowest ids: the router's table has no others, and no time hangs on them.
    return generateTokens(regime, range(0, CONTEXT_LENGTH), options);
  }

  private decoderOf(form: ShapeForm): Decoder {
    const decoder = this.decoders.get(form);
    if (decoder !== undefined) return decoder;
    throw new AppError('internal', `The shape has no graph ${form} yet.`, { form });
  }

  private createDecoder(form: ShapeForm, isProfiled: boolean): Promise<Decoder> {
    const spec = toShapeSpec(this.config, form, this.isCarried);
    if (!this.isCarried) return createDecoder(this.runtime, spec, { isProfiled });
    const weights = toShapeWeights(spec).map((weight) => {
      const bytes = () => new Uint8Array(this.random.toValues(weight).buffer);
      return [weight.name, { ...weight, sizeBytes: toWeightBytes(weight), bytes }] as const;
    });
    return createDecoder(this.runtime, spec, { isProfiled, weights: new Map(weights) });
  }

  /** The weights of a form by graph input, made where no other form has made them. */
  private bindWeights(form: ShapeForm): ReadonlyMap<string, OwnedTensor> {
    const bound = new Map<string, OwnedTensor>();
    for (const weight of toShapeWeights(toShapeSpec(this.config, form, false))) {
      const key = toWeightKey(weight);
      if (!this.tensors.tensors.has(key)) {
        this.tensors.add(key, this.runtime.createTensor(weight.type, weight.shape, this.random.toValues(weight)));
      }
      bound.set(weight.name, this.tensors.get(key));
    }
    const table = bound.get(DECODER_INPUTS.embedding);
    if (this.config.tieWordEmbeddings && table !== undefined) bound.set(DECODER_INPUTS.head, table);
    return bound;
  }

  private checkLimits(): { totalBytes: number } {
    const { totalBytes, largestBytes } = measureShape(this.config, this.isCarried);
    const { device } = this.runtime;
    const observed = device === null ? totalBytes : largestBytes;
    const allowed =
      device === null
        ? CARRIED_BYTES
        : Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
    if (observed <= allowed) return { totalBytes };
    const what = device === null ? 'The weights in the graphs take' : 'The largest matrix takes';
    const message = `${what} ${observed} bytes; ${allowed} fit on this device. Nothing was made. Choose fewer layers or another device.`;
    throw new AppError('limit-exceeded', message, { observed, allowed });
  }

  /** WebGPU tells of memory that is not there only where it is asked to: otherwise buffers come that hold nothing. */
  private async withMemoryCheck(create: () => void): Promise<void> {
    const { device } = this.runtime;
    let error: GPUError | null | undefined;
    device?.pushErrorScope('out-of-memory');
    try {
      create();
    } finally {
      error = await device?.popErrorScope();
    }
    if (!error) return;
    const observed = this.tensors.sizeBytes;
    const message = `The graphics device has no room for ${observed} bytes of random weights. They are freed again. Close other tabs that use it, or choose fewer layers.`;
    throw new AppError('limit-exceeded', message, { observed, allowed: 'less', raw: error.message });
  }
}
