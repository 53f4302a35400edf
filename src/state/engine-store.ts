import { createStore, type StoreApi } from 'zustand/vanilla';
import { AppError, toAppError, toWireError, type WireError } from '../core/errors.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { CallOptions, EngineClient } from '../engine/engine-client-type.ts';
import type {
  CallName,
  DeviceChoice,
  DeviceReport,
  EngineCalls,
  GateResult,
  LoadProgress,
  PreparedRegime,
} from '../engine/protocol.ts';
import { type CrashMark, DENSE_REGIME, isLost } from './engine-faults.ts';
import type { EnginePhase, EngineState } from './engine-state.ts';
import { decideRestart } from './restart-policy.ts';

export interface EngineStoreOptions {
  createClient: () => EngineClient;
  /** The pack to load; rejects with `AppError` where it cannot be had. */
  readPack: () => Promise<{ baseUrl: string; manifest: PackManifest }>;
  now: () => number;
  /** Remembers across reloads that a start was under way. */
  crashMark: CrashMark;
  /** Told why the pack could not be kept for the next visit. */
  onCacheNotice: (text: string) => void;
}

/** What the other stores ask the engine through. */
export interface LiveEngine {
  store: StoreApi<EngineState>;
  call<K extends CallName>(
    name: K,
    input: EngineCalls[K]['input'],
    options?: CallOptions<K>,
  ): Promise<EngineCalls[K]['output']>;
  /** The regime with its golden gate passed; once per worker. A gate that fails on WebGPU moves the engine to wasm. */
  prepare(regime: Regime, signal: AbortSignal): Promise<PreparedRegime>;
  dispose(): void;
}

/** The first run of a fresh worker is slow (58 ms against 0.7 on wasm): it must not be somebody's answer. */
const WARM_UP = { regime: DENSE_REGIME, context: 'Question: Who?\nAnswer:', newTokens: 4 };

const NO_PROGRESS: LoadProgress = { phase: 'downloading', loadedBytes: 0, totalBytes: 0, label: '' };

export function createEngineStore(options: EngineStoreOptions): LiveEngine {
  let client: EngineClient | null = null;
  let attempt = new AbortController();
  let badge: string | null = null;
  /**
   * What a restart asks for: the choice, and once a device answered, that device with the reason it was taken for. Asked for by name, the
   * engine would call it the person's choice. `reason` is null where the engine is to say it.
   */
  let target: { choice: DeviceChoice; reason: string | null } = { choice: 'auto', reason: null };
  let unsubscribe = () => {};
  let restartsMs: number[] = [];

  const store = createStore<EngineState>(() => ({
    engine: { status: 'off' },
    prepared: new Map(),
    runLive: (choice) => {
      badge = null;
      target = { choice, reason: null };
      restartsMs = [];
      begin((progress) => ({ status: 'loading', progress, choice }));
    },
    stopLoading: () => {
      close();
      options.crashMark.clear();
      set({ status: 'off' });
    },
  }));

  function set(engine: EnginePhase): void {
    store.setState({ engine });
  }

  function remember(result: PreparedRegime): void {
    store.setState(({ prepared }) => ({ prepared: new Map(prepared).set(result.regimeId, result) }));
  }

  function forget(): void {
    store.setState({ prepared: new Map() });
  }

  /** Opens device and pack in a fresh worker; whatever was under way before is left behind. */
  function begin(toPhase: (progress: LoadProgress) => EnginePhase): void {
    attempt.abort();
    attempt = new AbortController();
    const { signal } = attempt;
    forget();
    set(toPhase(NO_PROGRESS));
    open(signal, (progress) => {
      if (!signal.aborted) set(toPhase(progress));
    }).catch((error: unknown) => {
      // A lost worker has been answered by `recover` already.
      if (!signal.aborted && !isLost(error)) fail(toWireError(error));
    });
  }

  async function open(signal: AbortSignal, onEvent: (progress: LoadProgress) => void): Promise<void> {
    options.crashMark.set(target.choice);
    const opened = await freshClient();
    signal.throwIfAborted();
    const pack = await options.readPack();
    const report = await opened.call('start', { choice: target.choice }, { signal, onEvent });
    signal.throwIfAborted();
    const device = { ...report, reason: target.reason ?? report.reason };
    target = { choice: device.kind, reason: device.reason };
    const { sizeBytes, cacheNotice } = await opened.call('loadPack', pack, { signal, onEvent });
    if (cacheNotice !== null) options.onCacheNotice(cacheNotice);
    const dense = await opened.call('prepareRegime', { regime: DENSE_REGIME }, { signal, onEvent });
    signal.throwIfAborted();
    remember(dense);
    if (dense.gate.status === 'failed') return failGate(DENSE_REGIME, dense);
    await opened.call('time', WARM_UP, { signal });
    signal.throwIfAborted();
    finish(device, sizeBytes);
  }

  async function freshClient(): Promise<EngineClient> {
    if (client !== null) {
      await client.restart();
      return client;
    }
    client = options.createClient();
    unsubscribe = client.onLost(recover);
    return client;
  }

  function close(): void {
    attempt.abort();
    unsubscribe();
    client?.dispose();
    client = null;
    forget();
  }

  function finish(device: DeviceReport, sizeBytes: number): void {
    options.crashMark.clear();
    set({ status: 'ready', device, badge, sizeBytes });
  }

  function fail(error: WireError): void {
    attempt.abort();
    options.crashMark.clear();
    set({ status: 'failed', error });
  }

  /** Replaces a lost worker: the same device twice in five minutes, then wasm. */
  function recover(error: WireError): void {
    const decision = decideRestart(restartsMs, options.now(), target.choice === 'wasm' ? 'wasm' : 'webgpu');
    switch (decision.action) {
      case 'restart':
        restartsMs.push(options.now());
        begin((progress) => ({ status: 'restarting', attempt: decision.attempt, error, progress }));
        return;
      case 'fall-back':
        fallBack(error, `the WebGPU device failed three times in five minutes (${error.code})`);
        return;
      case 'give-up':
        fail(error);
        return;
      default:
        decision satisfies never;
    }
  }

  function fallBack(error: WireError, reason: string): void {
    badge = `Fell back to wasm: ${reason}.`;
    target = { choice: 'wasm', reason: badge };
    restartsMs = [];
    begin((progress) => ({ status: 'restarting', attempt: 1, error, progress }));
  }

  function failGate(regime: Regime, { gate }: PreparedRegime): void {
    const what = toMismatch(gate);
    const error = new AppError(
      'golden-mismatch',
      `The golden check of "${regime.id}" failed on ${target.choice}: ${what}. No number of it is shown; try the other device.`,
      { observed: gate.maxDifference, allowed: gate.tolerance, regime: regime.id, device: target.choice },
    );
    if (target.choice === 'wasm') {
      if (regime.id === DENSE_REGIME.id) fail(toWireError(error));
      throw error;
    }
    fallBack(toWireError(error), `the golden check of "${regime.id}" failed on WebGPU: ${what}`);
    throw error;
  }

  function live(): EngineClient {
    const { engine } = store.getState();
    if (client === null || engine.status !== 'ready') throw toNotReady(engine);
    return client;
  }

  return {
    store,
    call: async (name, input, callOptions) => live().call(name, input, callOptions),
    prepare: async (regime, signal) => {
      const known = store.getState().prepared.get(regime.id);
      const { signal: replaced } = attempt;
      const result = known ?? (await live().call('prepareRegime', { regime }, { signal }));
      if (replaced.aborted) throw new AppError('stopped', 'The device is being replaced.');
      if (known === undefined) remember(result);
      if (result.gate.status === 'failed') failGate(regime, result);
      return result;
    },
    dispose: close,
  };
}

/** What a failed gate found. */
function toMismatch({ maxDifference, tolerance, agreeing, contexts }: GateResult): string {
  if (!(maxDifference <= tolerance)) {
    return `its logits differ by ${maxDifference.toPrecision(2)} from the recorded ones (allowed is ${tolerance})`;
  }
  if (agreeing < contexts) return `it gives other tokens for ${contexts - agreeing} of ${contexts} recorded contexts`;
  return 'its pool chooses prompts otherwise than recorded';
}

function toNotReady(engine: EnginePhase): AppError {
  if (engine.status === 'failed') return toAppError(engine.error);
  if (engine.status === 'restarting') return toAppError(engine.error);
  return new AppError('worker-failed', 'The model is not running. Press "Run live" first.', {
    observed: engine.status,
  });
}
