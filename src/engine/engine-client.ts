import { AppError, toAppError, type WireError } from '../core/errors.ts';
import { CANCEL_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS, SILENCE_TIMEOUT_MS, SOFTWARE_FACTOR } from './deadlines.ts';
import type { CallOptions, EngineClient } from './engine-client-type.ts';
import {
  type CallName,
  type DeviceReport,
  type EngineCalls,
  type FromWorker,
  PROTOCOL_VERSION,
  type ToWorker,
} from './protocol.ts';

/** What the client is told by its worker. */
export interface WorkerListeners {
  onMessage: (message: FromWorker) => void;
  /** The script could not be loaded or threw. */
  onError: (text: string) => void;
}

/** A running worker; tests put an in-process one in its place. */
export interface EnginePort {
  postMessage(message: ToWorker): void;
  terminate(): void;
}

export type SpawnWorker = (listeners: WorkerListeners) => EnginePort;

interface Pending {
  id: number;
  name: CallName;
  input: unknown;
  onEvent: ((event: never) => void) | undefined;
  resolve: (output: never) => void;
  reject: (error: AppError) => void;
  /** Removes the listener from the caller's signal. */
  release: () => void;
  isCancelled: boolean;
}

function spawnEngineWorker({ onMessage, onError }: WorkerListeners): EnginePort {
  const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), {
    type: 'module',
    name: 'recall-lab-engine',
  });
  worker.onmessage = (event: MessageEvent<FromWorker>) => onMessage(event.data);
  worker.onerror = (event) => onError(event.message ?? '');
  worker.onmessageerror = () => onError('a message could not be read');
  return worker;
}

/** The client of a new engine worker; it starts with the first call. */
export function createEngineClient(spawn: SpawnWorker = spawnEngineWorker): EngineClient {
  let worker: EnginePort | null = null;
  let handshake: Promise<void> | null = null;
  let endHandshake = () => {};
  let lostError: WireError | null = null;
  let isDisposed = false;
  let nextId = 1;
  let running: Pending | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let patience = 1;
  const waiting: Pending[] = [];
  const lostListeners = new Set<(error: WireError) => void>();

  function endWorker(): void {
    clearTimeout(timer);
    worker?.terminate();
    worker = null;
    handshake = null;
    endHandshake();
  }

  function rejectAll(error: WireError): void {
    const calls = running ? [running, ...waiting] : [...waiting];
    running = null;
    waiting.length = 0;
    for (const call of calls) {
      call.release();
      call.reject(toAppError(error));
    }
  }

  /** Rejects all calls with the error and tells the listeners, once per worker. */
  function lose(error: WireError): void {
    if (lostError || isDisposed) return;
    lostError = error;
    endWorker();
    rejectAll(error);
    for (const listener of lostListeners) listener(error);
  }

  function armSilence(call: Pending): void {
    clearTimeout(timer);
    const timeoutMs = patience * (call.isCancelled ? CANCEL_TIMEOUT_MS : SILENCE_TIMEOUT_MS[call.name]);
    timer = setTimeout(() => {
      lose({
        code: 'worker-timeout',
        message: `The engine gave no sign of life for ${timeoutMs / 1000} s while it was busy with "${call.name}". It is being replaced.`,
        details: { call: call.name, timeoutMs },
      });
    }, timeoutMs);
  }

  function receive(message: FromWorker): void {
    if (message.type === 'lost') {
      lose(message.error);
      return;
    }
    if (message.type === 'ready' || message.id !== running?.id) return; // late words of a call that is over
    const call = running;
    if (message.type === 'alive' || message.type === 'event') {
      armSilence(call);
      if (message.type === 'event') call.onEvent?.(message.event as never);
      return;
    }
    clearTimeout(timer);
    running = null;
    call.release();
    if (message.type === 'error' && message.error.code === 'device-lost') {
      call.reject(toAppError(message.error));
      lose(message.error);
      return;
    }
    if (message.type === 'error') call.reject(toAppError(message.error));
    else {
      if (call.name === 'start') patience = toPatience(message.output as DeviceReport);
      call.resolve(message.output as never);
    }
    sendNext();
  }

  function startWorker(): Promise<void> {
    return new Promise((resolve, reject) => {
      endHandshake = () => reject(new AppError('stopped', 'The engine was ended before it had started.'));
      const fail = (error: WireError) => {
        reject(toAppError(error));
        lose(error);
      };
      let isReady = false;
      timer = setTimeout(() => {
        const message = `The engine worker did not answer within ${HANDSHAKE_TIMEOUT_MS / 1000} s. Check the connection and try again.`;
        fail({ code: 'worker-timeout', message, details: { timeoutMs: HANDSHAKE_TIMEOUT_MS } });
      }, HANDSHAKE_TIMEOUT_MS);
      const onMessage = (message: FromWorker) => {
        if (port !== worker) return; // a worker that was replaced
        if (isReady) return receive(message);
        if (message.type !== 'ready') return;
        clearTimeout(timer);
        if (message.version !== PROTOCOL_VERSION) {
          const text = 'The page and its engine are of different versions. Reload the page.';
          fail({
            code: 'worker-failed',
            message: text,
            details: { observed: message.version, allowed: PROTOCOL_VERSION },
          });
          return;
        }
        isReady = true;
        resolve();
      };
      const onError = (raw: string) => {
        if (port !== worker) return;
        const message = isReady
          ? 'The engine worker stopped with an error. It is being replaced.'
          : 'The engine could not be loaded. Check the connection and try again.';
        fail({ code: 'worker-failed', message, details: { raw } });
      };
      let port: EnginePort | null = null;
      try {
        port = spawn({ onMessage, onError });
      } catch (error) {
        fail({
          code: 'worker-failed',
          message: 'The browser refused to start the engine worker.',
          details: { raw: String(error) },
        });
        return;
      }
      worker = port;
      port.postMessage({ type: 'hello', version: PROTOCOL_VERSION });
    });
  }

  function ensureStarted(): Promise<void> {
    handshake ??= startWorker();
    return handshake;
  }

  function sendNext(): void {
    if (running || lostError || waiting.length === 0) return;
    ensureStarted().then(
      () => {
        if (running || !worker) return;
        const call = waiting.shift();
        if (!call) return;
        running = call;
        armSilence(call);
        worker.postMessage({ type: 'request', id: call.id, call: call.name, input: call.input } as ToWorker);
      },
      () => {
        // `lose` has told every caller already.
      },
    );
  }

  function cancel(call: Pending): void {
    if (call.isCancelled) return;
    call.isCancelled = true;
    const position = waiting.indexOf(call);
    if (position >= 0) {
      waiting.splice(position, 1);
      call.release();
      call.reject(new AppError('stopped', 'Stopped before it began.'));
      return;
    }
    worker?.postMessage({ type: 'cancel', id: call.id });
    armSilence(call);
  }

  return {
    call<K extends CallName>(name: K, input: EngineCalls[K]['input'], { signal, onEvent }: CallOptions<K> = {}) {
      return new Promise<EngineCalls[K]['output']>((resolve, reject) => {
        if (isDisposed) return reject(new AppError('worker-failed', 'The engine was shut down.'));
        if (lostError) return reject(toAppError(lostError));
        if (signal?.aborted) return reject(new AppError('stopped', 'Stopped before it began.'));
        const onAbort = () => cancel(call);
        const call: Pending = {
          id: nextId++,
          name,
          input,
          onEvent: onEvent as Pending['onEvent'],
          resolve: resolve as Pending['resolve'],
          reject,
          release: () => signal?.removeEventListener('abort', onAbort),
          isCancelled: false,
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        waiting.push(call);
        sendNext();
      });
    },
    onLost(listener) {
      lostListeners.add(listener);
      return () => lostListeners.delete(listener);
    },
    async restart() {
      if (isDisposed) throw new AppError('worker-failed', 'The engine was shut down.');
      rejectAll({ code: 'stopped', message: 'The engine is being started afresh.', details: {} });
      endWorker();
      lostError = null;
      await ensureStarted();
      sendNext();
    },
    dispose() {
      isDisposed = true;
      lostListeners.clear();
      endWorker();
      rejectAll({ code: 'worker-failed', message: 'The engine was shut down.', details: {} });
    },
  };
}

function toPatience({ kind, adapter }: DeviceReport): number {
  return kind === 'webgpu' && adapter?.isSoftware === true ? SOFTWARE_FACTOR : 1;
}
