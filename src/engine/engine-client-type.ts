import type { WireError } from '../core/errors.ts';
import type { CallName, EngineCalls } from './protocol.ts';

/** What a call may be given beside its input. */
export interface CallOptions<K extends CallName> {
  /** Ends the call: it rejects with an `AppError` of code `stopped`; `generate` instead resolves with what it has, stop reason `stopped`. */
  signal?: AbortSignal | undefined;
  onEvent?: ((event: EngineCalls[K]['event']) => void) | undefined;
}

/**
 * The main thread's side of the engine worker. Calls run in order, one at a time, and reject with `AppError`. Once the worker is lost (codes
 * `device-lost`, `worker-failed`, `worker-timeout`) every call that waits rejects with that error, `onLost` fires once, and each
 * further call rejects with it until `restart`.
 */
export interface EngineClient {
  call<K extends CallName>(
    name: K,
    input: EngineCalls[K]['input'],
    options?: CallOptions<K>,
  ): Promise<EngineCalls[K]['output']>;
  /** Told once per lost worker, inside a call or outside any; returns the way to unsubscribe. */
  onLost(listener: (error: WireError) => void): () => void;
  /** Ends the worker, lost or not, and starts a fresh one up to its handshake; device, pack and recipe must then be loaded again. */
  restart(): Promise<void>;
  /** Ends the worker for good. */
  dispose(): void;
}
