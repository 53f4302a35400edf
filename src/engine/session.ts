import type * as Ort from 'onnxruntime-web';
import { AppError } from '../core/errors.ts';
import type { ElementType } from '../core/onnx/graph.ts';
import { DeviceLoss } from './device-loss.ts';
import { alignedBytes, createStorageBuffer, readBuffer, writeBuffer } from './gpu-buffer.ts';
import { captureLines, tapConsole } from './kernel-times.ts';
import type { RuntimeBuild } from './protocol.ts';
import { RunQueue } from './run-queue.ts';
import { countValues, type OwnedType, type TypedValues, VALUE_BYTES, viewValues } from './typed-values.ts';

/** The one door to ONNX Runtime Web: builds, sessions, tensors, and what they own. */

/** Where models run. With WebGPU the device is the caller's, who also destroys it. */
export type RuntimeOptions =
  /** `binary` is the build's wasm; without it the runtime fetches its own. */
  | { kind: 'wasm'; binary?: Uint8Array }
  | { kind: 'webgpu'; device: GPUDevice; build: 'jspi' | 'asyncify'; binary?: Uint8Array };

export interface SessionOptions {
  /** Runs on the CPU whatever the device is. */
  onCpu?: boolean;
  /** Outputs that stay on the GPU. */
  gpuOutputs?: readonly string[];
  /** Keeps a trace of what it runs, which costs time: not for figures by the clock. */
  isProfiled?: boolean;
}

/** Values made for one run: token ids, positions, a bias. */
export interface RunValue {
  type: ElementType;
  shape: readonly number[];
  data: TypedValues;
}

/** What a run reads, by graph input. */
export type Feeds = Readonly<Record<string, OwnedTensor | RunValue>>;

/** What a run writes: `null` asks for a copy on our side, a tensor is written in place (WebGPU only). */
export type Fetches = Readonly<Record<string, OwnedTensor | null>>;

/** Values that stay between runs; on WebGPU a buffer of ours that can be edited in place. */
export class OwnedTensor {
  readonly type: OwnedType;
  readonly shape: readonly number[];
  /** Bytes counted in `ownedBytes`. */
  readonly sizeBytes: number;
  private tensor: Ort.Tensor | null;
  private readonly data: TypedValues | null;
  private readonly buffer: GPUBuffer | null;
  private readonly runtime: Runtime;

  constructor(runtime: Runtime, type: OwnedType, shape: readonly number[], data: TypedValues | null) {
    this.runtime = runtime;
    this.type = type;
    this.shape = shape;
    const count = countValues(shape);
    if (data !== null && data.length !== count) throw mismatch(shape, data.length);
    const { ort, device } = runtime;
    this.sizeBytes = runtime.sizeBytesOf(type, shape);
    if (device === null) {
      // A copy: later writes must not reach the checkpoint whose array this was.
      this.data = data === null ? viewValues(type, new ArrayBuffer(this.sizeBytes), count) : data.slice();
      this.buffer = null;
      this.tensor = new ort.Tensor(type, this.data as Float32Array, [...shape]);
    } else {
      this.data = null;
      this.buffer = createStorageBuffer(device, this.sizeBytes);
      this.tensor = ort.Tensor.fromGpuBuffer(this.buffer, { dataType: type, dims: [...shape] });
      if (data !== null) this.write(data);
    }
    runtime.count(this.sizeBytes);
  }

  /** Replaces the first `data.length` values from `offset` on; the next run sees them. */
  write(data: TypedValues, offset = 0): void {
    const { device } = this.runtime;
    if (device === null || this.buffer === null) (this.data as Float32Array).set(data as Float32Array, offset);
    else writeBuffer(device, this.buffer, data, offset * VALUE_BYTES[this.type]);
  }

  /** Copies the values to our side. */
  async read(): Promise<TypedValues> {
    const { device } = this.runtime;
    if (device === null || this.buffer === null) return (this.data as Float32Array).slice();
    return viewValues(this.type, await readBuffer(device, this.buffer), countValues(this.shape));
  }

  /** The runtime's own tensor; for `Runtime.run` alone. */
  get handle(): Ort.Tensor {
    if (this.tensor === null) throw new AppError('internal', 'A tensor was used after it was released.');
    return this.tensor;
  }

  /** Frees the buffer; a second call does nothing. */
  dispose(): void {
    if (this.tensor === null) return;
    this.tensor = null;
    this.buffer?.destroy();
    this.runtime.count(-this.sizeBytes);
  }
}

/** A compiled graph; `dispose` frees it. */
export class Session {
  readonly outputNames: readonly string[];
  readonly inputNames: readonly string[];
  private readonly session: Ort.InferenceSession;
  /** A run of a new shape compiles kernels. */
  readonly compilesByShape: boolean;
  private readonly runtime: Runtime;
  private isReleased = false;

  constructor(runtime: Runtime, session: Ort.InferenceSession, compilesByShape: boolean) {
    this.runtime = runtime;
    this.compilesByShape = compilesByShape;
    this.session = session;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
  }

  /** One run; returns the outputs whose fetch is `null`. */
  run(feeds: Feeds, fetches: Fetches): Promise<ReadonlyMap<string, RunValue>> {
    return this.runtime.exclusively('run-failed', 'The model could not be run.', async () => {
      const { ort } = this.runtime;
      const inputs: Record<string, Ort.Tensor> = {};
      for (const name of this.inputNames) {
        const feed = feeds[name];
        if (feed === undefined)
          throw new AppError('graph-invalid', `The run has no value for the input ${name}.`, { input: name });
        inputs[name] =
          feed instanceof OwnedTensor
            ? feed.handle
            : new ort.Tensor(feed.type, feed.data as Float32Array, [...feed.shape]);
      }
      const wanted: Record<string, Ort.Tensor | null> = {};
      for (const [name, fetch] of Object.entries(fetches)) wanted[name] = fetch?.handle ?? null;
      const outputs = await this.session.run(inputs, wanted);
      return takeOutputs(outputs, fetches);
    });
  }

  /** The trace of a profiled session, line by line; it can be asked for once. */
  endProfiling(): Promise<readonly string[]> {
    const print = async () => captureLines(() => this.session.endProfiling());
    return this.runtime.exclusively('run-failed', 'The times of the kernels could not be read.', print);
  }

  dispose(): Promise<void> {
    if (this.isReleased) return Promise.resolve();
    this.isReleased = true;
    return this.runtime.exclusively('session-failed', 'The model could not be released.', () => this.session.release());
  }
}

/** ONNX Runtime on one device; counts the sessions made and the bytes owned. */
export class Runtime {
  readonly ort: typeof Ort;
  readonly device: GPUDevice | null;
  readonly build: RuntimeBuild;
  sessionsCreated = 0;
  ownedBytes = 0;
  /** Told after every run and creation: work goes on, which a timer in this thread could not tell of a GPU that hangs. */
  onStep: (() => void) | null = null;
  private readonly queue = new RunQueue();
  private readonly loss: DeviceLoss;

  constructor(ort: typeof Ort, options: RuntimeOptions) {
    this.ort = ort;
    this.device = options.kind === 'webgpu' ? options.device : null;
    this.build = options.kind === 'webgpu' ? options.build : 'wasm';
    this.loss = new DeviceLoss(this.device);
  }

  get kind(): 'webgpu' | 'wasm' {
    return this.device === null ? 'wasm' : 'webgpu';
  }

  /** Compiles a model for the device, or for the CPU, which every build has too. */
  createSession(
    model: Uint8Array,
    { onCpu = this.device === null, gpuOutputs = [], isProfiled = false }: SessionOptions = {},
  ): Promise<Session> {
    return this.exclusively('session-failed', 'The model could not be built for this device.', async () => {
      const options = { ...this.toSessionOptions(onCpu, gpuOutputs), enableProfiling: isProfiled };
      const session = await this.ort.InferenceSession.create(model, options);
      this.sessionsCreated++;
      return new Session(this, session, !onCpu);
    });
  }

  /** Values kept between runs; zeros where `data` is null. */
  createTensor(type: OwnedType, shape: readonly number[], data: TypedValues | null = null): OwnedTensor {
    return new OwnedTensor(this, type, shape, data);
  }

  /** Bytes that a tensor is counted with. */
  sizeBytesOf(type: OwnedType, shape: readonly number[]): number {
    const sizeBytes = countValues(shape) * VALUE_BYTES[type];
    return this.device === null ? sizeBytes : alignedBytes(sizeBytes);
  }

  count(bytes: number): void {
    this.ownedBytes += bytes;
  }

  /**
   * Runs and creations go one at a time: two at once wedge the WebGPU provider, timers included (3 of 3, 1.30.0).
   * After the device is lost nothing is touched: the first run rejects, a second would wedge too.
   */
  exclusively<T>(code: 'run-failed' | 'session-failed', message: string, task: () => Promise<T>): Promise<T> {
    return this.queue.add(async () => {
      if (this.loss.isLost) throw this.loss.toError();
      try {
        const result = await task();
        this.onStep?.();
        return result;
      } catch (error) {
        if (error instanceof AppError) throw error;
        await this.loss.settle();
        if (this.loss.isLost) throw this.loss.toError(error);
        const raw = error instanceof Error ? error.message : String(error);
        throw new AppError(code, message, { raw, device: this.kind }, error);
      }
    });
  }

  private toSessionOptions(onCpu: boolean, gpuOutputs: readonly string[]): Ort.InferenceSession.SessionOptions {
    // 3 is errors only: warnings tell of shapes and providers that we chose on purpose.
    const options: Ort.InferenceSession.SessionOptions = { logSeverityLevel: 3 };
    if (this.device === null || onCpu) return { ...options, executionProviders: ['wasm'] };
    return {
      ...options,
      executionProviders: [{ name: 'webgpu', device: this.device }],
      preferredOutputLocation: Object.fromEntries(gpuOutputs.map((name) => [name, 'gpu-buffer' as const])),
      extra: { session: { disable_cpu_ep_fallback: '1' } },
    };
  }
}

/** Loads the build of ONNX Runtime that the device needs; a failed load is final in this thread. */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  try {
    if (options.kind === 'webgpu') tapConsole();
    const ort = await importBuild(options.kind === 'wasm' ? 'wasm' : options.build);
    // Without cross-origin isolation there are no threads; one is asked for so that it is the same everywhere.
    ort.env.wasm.numThreads = 1;
    if (options.binary !== undefined) ort.env.wasm.wasmBinary = options.binary;
    return new Runtime(ort, options);
  } catch (error) {
    const raw = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'session-failed',
      'The program that runs models could not be loaded. Reload the page.',
      { raw },
      error,
    );
  }
}

function importBuild(build: RuntimeBuild): Promise<typeof Ort> {
  switch (build) {
    case 'jspi':
      return import('onnxruntime-web/jspi');
    case 'asyncify':
      return import('onnxruntime-web/webgpu');
    case 'wasm':
      return import('onnxruntime-web/wasm');
    default:
      return build satisfies never;
  }
}

/** Version of ONNX Runtime Web, for the device report. */
export function runtimeVersion(runtime: Runtime): string {
  return runtime.ort.env.versions.web ?? runtime.ort.env.versions.common;
}

function takeOutputs(outputs: Ort.InferenceSession.ReturnType, fetches: Fetches): ReadonlyMap<string, RunValue> {
  const taken = new Map<string, RunValue>();
  for (const [name, fetch] of Object.entries(fetches)) {
    if (fetch !== null) continue;
    const output = outputs[name];
    if (output === undefined) throw new AppError('run-failed', `The run made no output ${name}.`, { output: name });
    taken.set(name, { type: output.type as ElementType, shape: output.dims, data: output.data as Float32Array });
  }
  return taken;
}

function mismatch(shape: readonly number[], length: number): AppError {
  return new AppError('internal', `A tensor of shape [${shape.join(', ')}] was given ${length} values.`, { length });
}
